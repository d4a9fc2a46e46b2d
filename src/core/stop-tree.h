/* SPDX-License-Identifier: ISC */
/* Ending a tree by a ladder, a step at a time, and saying what became of it. */
#ifndef CORE_STOP_TREE_H
#define CORE_STOP_TREE_H

#include "hold.h"
#include "stop-process.h"
#include "tree-climb.h"

/* How the tree is being ended; see the functions of these names in stop-tree.c. */
enum tree_stop_way {
	TREE_STOP_FIND_WAY,
	TREE_STOP_BY_GROUP,
	TREE_STOP_BY_MEMBERS,
	TREE_STOP_BLINDLY,
	TREE_STOP_PROCESS_ALONE,
	TREE_STOP_JUDGE
};

/* It must not be moved: the tree in it points into itself. */
struct tree_stop {
	const struct hold_rung *rungs;
	size_t count;
	enum tree_stop_way way;
	struct os_tree tree;
	bool is_open;              /* the tree is */
	struct tree_climb climb;   /* by its members */
	struct process_stop alone; /* of the process alone */
	struct hold_ladder ladder; /* by its group, or blindly */
	int64_t look_at;           /* when it is looked at next; by its members: see climb */
	int64_t judged_until;
	bool is_reaped_late; /* nobody is seen, and the keeper has a longer time to say that nobody is left */
	bool has_report;
	struct hold_tree_report report;
};

/* The rungs, which were checked, are borrowed until tree_stop_end. */
void tree_stop_begin(struct tree_stop *stop, const struct hold_rung *rungs, size_t count);

/* Does what is due. HOLD_PENDING: the stop goes on; else what hold_tree_stop returns. */
int tree_stop_step(struct hold *h, struct tree_stop *stop);

/* Readable once a step may have something to tell: a negative errno where only the time tells when to look. */
int tree_stop_fd(struct hold *h, const struct tree_stop *stop);

/* When the next step is due, if that descriptor is not readable before. */
int64_t tree_stop_due(const struct tree_stop *stop);

/* Stores the report (NULL is allowed), calls `visit` (NULL is allowed) for the survivors, and frees what it has. */
void tree_stop_end(struct tree_stop *stop, struct hold_tree_report *ret, hold_tree_visitor *visit, void *context);

/* Step after step to the end: what the last one returns. */
int tree_stop_run(struct hold *h, struct tree_stop *stop);

#endif
