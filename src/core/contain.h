/* SPDX-License-Identifier: ISC */
/* The containment of a start: it is chosen before the start, best first. */
#ifndef CORE_CONTAIN_H
#define CORE_CONTAIN_H

#include "hold.h"
#include "options.h"

struct containment {
	int way;          /* HOLD_CONTAIN_..., except AUTO and BEST */
	const char *need; /* what the system lacks where it is not possible; NULL: no such thing is known */
	int step;         /* HOLD_AT_...: where it is refused */
	struct os_cgroup cgroup;
	struct os_group_limits limits;  /* all 0: none */
	struct os_keeping keeping;      /* what the keeper is asked for */
	struct os_rung rungs[OS_RUNGS]; /* those of the hold */
};

/* Chooses by the options and the hold's ladder. On failure *ret_object names what is not possible. */
int containment_choose(struct containment *ret, const struct asked *asked, const struct hold *h,
		       const char **ret_object);

bool containment_has_keeper(const struct containment *containment);

/* The part of the containment that made a start fail, in words; NULL: the containment did not. */
const char *containment_blame(const struct containment *containment, int failed);

/* After a failed start: removes what containment_choose has made. */
void containment_undo(struct containment *containment);

/* Whether a failed start is to be tried again, with the next best containment, which is then chosen. */
bool containment_falls_back(struct containment *containment, const struct hold_options *options, int failed, int error);

#endif
