/* SPDX-License-Identifier: ISC */
/*
 * Ending a process or a tree by a ladder: in one call, or step by step for those who have other things to wait for. One
 * call is all the steps with the waits between them. It needs no memory, so that it can always be made.
 */
#include "stop.h"
#include "audit.h"
#include "ladder.h"
#include "stop-process.h"
#include "stop-tree.h"
#include "structure.h"

#include <errno.h>
#include <stdlib.h>

/* It goes on step by step. */
struct begun_stop {
	struct hold_rung rungs[HOLD_LADDER_MAX];
	size_t count;
	bool is_of_tree;
	struct process_stop process;
	struct tree_stop tree;
};

/* ---- in one call ---- */

/* The rungs: of the ladder that is given, else of that of the hold's start, else of the default one. */
static int choose_ladder(const struct hold *h, const struct hold_rung *ladder, size_t count, struct hold_rung *ret,
			 size_t *ret_count) {
	if (!ladder && h->ladder_count)
		return ladder_take(ret, ret_count, h->ladder, h->ladder_count);
	return ladder_take(ret, ret_count, ladder, count);
}

static int end_process(struct hold *h, const struct hold_rung *rungs, size_t count) {
	struct process_stop stop;
	int result;

	process_stop_begin(&stop, rungs, count);
	result = process_stop_run(h, &stop);
	return result == HOLD_SURVIVORS ? HOLD_PENDING : result;
}

int hold_stop(struct hold *h, const struct hold_rung *ladder, size_t ladder_count) {
	struct hold_rung rungs[HOLD_LADDER_MAX];
	int result = held_check(h);

	if (result == 0) /* before the hooks are told of a stop that is refused */
		result = choose_ladder(h, ladder, ladder_count, rungs, &ladder_count);
	if (result == 0)
		result = audit(AUDIT_STOP, h->pid, 0);
	return result < 0 ? result : end_process(h, rungs, ladder_count);
}

static int end_held_tree(struct hold *h, const struct hold_rung *rungs, size_t count, struct hold_tree_report *ret,
			 hold_tree_visitor *survivor, void *context) {
	struct tree_stop stop;
	int saved_errno = errno, result;

	tree_stop_begin(&stop, rungs, count);
	result = tree_stop_run(h, &stop);
	tree_stop_end(&stop, ret, survivor, context);
	errno = saved_errno;
	return result;
}

int stop_tree_now(struct hold *h, bool is_kill) {
	const struct hold_rung kill = { .signal = os_sigkill };
	struct hold_rung rungs[HOLD_LADDER_MAX];
	size_t count;
	const int error = choose_ladder(h, is_kill ? &kill : NULL, 1, rungs, &count);

	return error < 0 ? error : end_held_tree(h, rungs, count, NULL, NULL, NULL);
}

int hold_tree_stop(struct hold *h, const struct hold_rung *ladder, size_t ladder_count, struct hold_tree_report *ret,
		   hold_tree_visitor *survivor, void *context) {
	struct hold_rung rungs[HOLD_LADDER_MAX];
	int result = held_check(h);

	if (result == 0)
		result = structure_check(ret, sizeof *ret);
	if (result == 0)
		result = choose_ladder(h, ladder, ladder_count, rungs, &ladder_count);
	if (result == 0)
		result = audit(AUDIT_STOP_TREE, h->pid, 0);
	return result < 0 ? result : end_held_tree(h, rungs, ladder_count, ret, survivor, context);
}

/* ---- step by step ---- */

void stop_forget(struct hold *h) {
	if (h->stopping && h->stopping->is_of_tree)
		tree_stop_end(&h->stopping->tree, NULL, NULL, NULL);
	free(h->stopping);
	h->stopping = NULL;
}

static int begin_stopping(struct hold *h, const struct hold_rung *ladder, size_t count, bool is_of_tree) {
	const int saved_errno = errno;
	struct begun_stop *stopping;
	int error = held_check(h);

	if (error < 0)
		return error;
	stopping = malloc(sizeof *stopping);
	errno = saved_errno;
	if (!stopping)
		return -ENOMEM;
	error = choose_ladder(h, ladder, count, stopping->rungs, &stopping->count);
	if (error == 0)
		error = audit(is_of_tree ? AUDIT_STOP_TREE : AUDIT_STOP, h->pid, 0);
	if (error < 0) {
		free(stopping);
		return error;
	}
	stop_forget(h);
	stopping->is_of_tree = is_of_tree;
	if (is_of_tree)
		tree_stop_begin(&stopping->tree, stopping->rungs, stopping->count);
	else
		process_stop_begin(&stopping->process, stopping->rungs, stopping->count);
	h->stopping = stopping;
	return 0;
}

int hold_stop_begin(struct hold *h, const struct hold_rung *ladder, size_t ladder_count) {
	return begin_stopping(h, ladder, ladder_count, false);
}

int hold_tree_stop_begin(struct hold *h, const struct hold_rung *ladder, size_t ladder_count) {
	return begin_stopping(h, ladder, ladder_count, true);
}

/* One that is under way: 0; else why there is none. */
static int check_stopping(const struct hold *h) {
	const int error = held_check(h);

	return error < 0 ? error : h->stopping ? 0 : -ENODATA;
}

int hold_stop_step(struct hold *h, struct hold_tree_report *ret) {
	int saved_errno = errno, result = check_stopping(h);

	if (result == 0)
		result = structure_check(ret, sizeof *ret);
	if (result < 0)
		return result;
	result = h->stopping->is_of_tree ? tree_stop_step(h, &h->stopping->tree)
					 : process_stop_step(h, &h->stopping->process);
	if (result != HOLD_PENDING && h->stopping->is_of_tree)
		tree_stop_end(&h->stopping->tree, ret, NULL, NULL);
	if (result != HOLD_PENDING)
		stop_forget(h);
	errno = saved_errno;
	return result;
}

int64_t hold_stop_deadline(const struct hold *h) {
	if (check_stopping(h) < 0)
		return HOLD_FOREVER;
	return h->stopping->is_of_tree ? tree_stop_due(&h->stopping->tree) : process_stop_due(&h->stopping->process);
}

int hold_stop_fd(struct hold *h) {
	const int error = check_stopping(h);

	if (error < 0)
		return error;
	return h->stopping->is_of_tree ? tree_stop_fd(h, &h->stopping->tree) : hold_fd(h);
}
