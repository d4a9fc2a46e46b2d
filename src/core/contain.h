/* SPDX-License-Identifier: ISC */
/* How what a start starts is to be kept together: chosen before it, best first. */
#ifndef CORE_CONTAIN_H
#define CORE_CONTAIN_H

#include "hold.h"

struct containment {
	int way; /* HOLD_CONTAIN_..., but for AUTO */
	struct os_cgroup cgroup;
	struct os_keeping keeping;      /* what the keeper is asked for */
	struct os_rung rungs[OS_RUNGS]; /* those of the hold */
};

/* By the options and the hold's ladder. On failure *ret_object names what cannot be had. */
int containment_choose(struct containment *ret, const struct hold_options *options, const struct hold *h,
		       const char **ret_object);

bool containment_has_keeper(const struct containment *containment);

/* A start failed, in words: NULL if its error tells nothing of the containment. */
const char *containment_blame(const struct containment *containment, int failed);

/* After a start that failed: nothing is left of what was made for it. */
void containment_undo(struct containment *containment);

/* Whether it is to be tried again, with the next best. */
bool containment_falls_back(struct containment *containment, const struct hold_options *options, int failed, int error);

#endif
