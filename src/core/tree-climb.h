/* SPDX-License-Identifier: ISC */
/* Ending a tree by a ladder, a step at a time: for stop-tree.c, and for the keeper when its owner is gone. */
#ifndef CORE_TREE_CLIMB_H
#define CORE_TREE_CLIMB_H

#include <pidhold.h>

#include "os/os.h"

struct tree_climb {
	struct os_tree *tree;
	struct hold_ladder ladder;
	int signal;      /* of the present rung */
	int64_t look_at; /* when new members are looked for */
};

/* The tree and the rungs, which were checked, are borrowed until the end. */
void tree_climb_begin(struct tree_climb *climb, struct os_tree *tree, const struct hold_rung *rungs, size_t count);

/*
 * Sends what is due, to new members too. Returns 0: all members that were found, and may be signalled, have ended;
 * HOLD_PENDING: the climb goes on; HOLD_SURVIVORS: the ladder is at its end.
 */
int tree_climb_step(struct tree_climb *climb);

/* When the next step is due, if the members have not ended before. */
int64_t tree_climb_due(const struct tree_climb *climb);

/* Until a step is due, or the members have ended. */
void tree_climb_wait(struct tree_climb *climb);

#endif
