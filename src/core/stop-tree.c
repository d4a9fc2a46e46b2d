/* SPDX-License-Identifier: ISC */
/*
 * A tree is ended by the first way that serves: a control group is killed as a whole; else its members are signalled,
 * each by its descriptor; where none of them can be seen the process is signalled, and the keeper kills the rest. Then
 * it is judged who is left.
 */
#include "stop-tree.h"
#include "keeper.h"
#include "ladder.h"
#include "structure.h"
#include "tree.h"

#include "base/clock.h"
#include "base/waits.h"

#include <errno.h>

enum {
	PATIENCE_MS = 250, /* with members that may not be signalled, and with the kernel after SIGKILL, at the end */
	REAPING_MS = 2000  /* with the keeper of a tree of which no member is seen alive any more */
};

void tree_stop_begin(struct tree_stop *stop, const struct hold_rung *rungs, size_t count) {
	*stop = (struct tree_stop){ .rungs = rungs, .count = count, .look_at = HOLD_NOW };
}

static int fill_report(struct tree_stop *stop, const struct os_tree *tree, int survivors, int result) {
	stop->report = (struct hold_tree_report){
		.size = sizeof stop->report,
		.seen = (uint32_t)tree->seen,
		.ended = (uint32_t)tree->ended,
		.terminated = (uint32_t)tree->terminated,
		.killed = (uint32_t)tree->killed,
		.survivors = (uint32_t)survivors,
	};
	stop->has_report = true;
	return result;
}

/* Where SIGKILL has had its time hold_release waits no longer for what is left. */
static void note_giving_up(struct hold *h, const struct tree_stop *stop, bool has_survivors) {
	h->gave_up = has_survivors && stop->rungs[stop->count - 1].signal == os_sigkill;
}

static int judged(struct hold *h, struct tree_stop *stop, int survivors, int result) {
	note_giving_up(h, stop, survivors > 0);
	return fill_report(stop, &stop->tree, survivors, result);
}

/* The kernel's word that nobody is left: the keeper's, or where that was killed its control group's. */
static int wait_for_proof(struct hold *h, int64_t deadline) {
	const int result = keeper_wait_empty(h, deadline);

	if (result != -EOWNERDEAD || h->cgroup.fd < 0)
		return result;
	return os_cgroup_wait_empty(&h->cgroup, deadline) == 0 ? HOLD_GONE : HOLD_PENDING;
}

/* ---- by its control group ---- */

/*
 * A control group is killed without a look at its members: they are counted. It is killed too where the keeper was
 * killed, whatever the signal.
 */
static bool begin_by_group(struct hold *h, struct tree_stop *stop) {
	long count;

	if (h->cgroup.fd < 0 || (stop->rungs[0].signal != os_sigkill && keeper_check(h) != -EOWNERDEAD))
		return false;
	count = os_cgroup_count(&h->cgroup);
	if (count < 0 || os_cgroup_kill(&h->cgroup) < 0)
		return false;
	stop->tree = (struct os_tree){ .seen = (size_t)count, .killed = (size_t)count };
	stop->way = TREE_STOP_BY_GROUP;
	stop->ladder = ladder_begin(stop->rungs, stop->count);
	ladder_next(&stop->ladder, clock_now());
	stop->look_at = clock_after_ms(LOOK_MS);
	return true;
}

/* ---- by its members ---- */

/* There is a descriptor for the look itself, and none for what it would have found. */
static bool is_out_of_sight(const struct os_tree *tree) {
	return tree->count == 1 && tree->members[0].is_spared && tree->error < 0;
}

/* HOLD_PENDING: this or another way has begun; else there is no way. */
static int begin_by_members(struct hold *h, struct tree_stop *stop) {
	int result = tree_open(h, &stop->tree);

	if (result == 0 && is_out_of_sight(&stop->tree)) {
		result = stop->tree.error;
		os_tree_close(&stop->tree);
	}
	if (result == 0) {
		stop->is_open = true;
		stop->way = TREE_STOP_BY_MEMBERS;
		tree_climb_begin(&stop->climb, &stop->tree, stop->rungs, stop->count);
	} else if (result == -EOWNERDEAD) {
		stop->way = TREE_STOP_PROCESS_ALONE;
		process_stop_begin(&stop->alone, stop->rungs, stop->count);
	} else if (result < 0 && has_keeper(h)) {
		stop->way = TREE_STOP_BLINDLY;
		stop->ladder = ladder_begin(stop->rungs, stop->count);
	} else {
		return result;
	}
	return HOLD_PENDING;
}

static int by_group(struct hold *h, struct tree_stop *stop) {
	if (wait_for_proof(h, HOLD_NOW) == HOLD_GONE)
		return judged(h, stop, 0, 0);
	if (clock_now() >= stop->ladder.due)
		return begin_by_members(h, stop);
	if (clock_now() >= stop->look_at) {
		os_cgroup_kill_rest(&h->cgroup);
		stop->look_at = clock_after_ms(LOOK_MS);
	}
	return HOLD_PENDING;
}

/*
 * A child of the caller's own can be signalled by its number where no signal goes through a descriptor. Its descendants
 * cannot.
 */
static void signal_own_child(struct hold *h, struct tree_stop *stop) {
	const int refusal = h->is_child ? os_signal_pidfd(h->pidfd, 0) : 0;

	if ((refusal != -ENOSYS && refusal != -EPERM) || held_send(h, stop->climb.signal) != 0)
		return;
	stop->tree.members[0].is_refused = false;
	stop->tree.members[0].is_signalled = true;
	stop->tree.members[0].is_killed |= stop->climb.signal == os_sigkill;
	if (stop->climb.signal != os_sigkill) /* a stopped process acts on no other signal */
		held_send(h, os_sigcont);
}

static int by_members(struct hold *h, struct tree_stop *stop) {
	const bool is_empty = has_keeper(h) && keeper_check(h) == HOLD_GONE;
	const size_t rung = stop->climb.ladder.next;
	const int result = tree_climb_step(&stop->climb);

	if (stop->climb.ladder.next != rung)
		signal_own_child(h, stop);
	if (result == HOLD_PENDING && !is_empty)
		return HOLD_PENDING;
	stop->way = TREE_STOP_JUDGE;
	stop->look_at = HOLD_NOW;
	stop->judged_until = clock_after_ms(PATIENCE_MS);
	return HOLD_PENDING;
}

/* ---- without a look at it ---- */

/*
 * No tree can be looked at: descriptors, memory or /proc are missing here. The process is held, and its keeper can kill
 * the rest.
 */
static int blindly(struct hold *h, struct tree_stop *stop) {
	const struct os_tree none = { .count = 0 };
	const int result = keeper_wait_empty(h, HOLD_NOW);
	int signal;

	stop->look_at = clock_after_ms(WAKE_MS); /* a keeper that somebody has stopped is continued by each look */
	if (result == HOLD_GONE)
		return fill_report(stop, &none, 0, 0);
	signal = result == -EOWNERDEAD ? -ETIMEDOUT : ladder_next(&stop->ladder, clock_now());
	if (signal > 0)
		held_send(h, signal);
	if (signal == os_sigkill)
		os_keeper_send(&h->keeper, OS_KEEPER_KILL);
	else if (signal > 0) /* a stopped process acts on no other signal */
		held_send(h, os_sigcont);
	if (signal != -ETIMEDOUT)
		return HOLD_PENDING;
	note_giving_up(h, stop, true);
	return fill_report(stop, &none, 1, result == -EOWNERDEAD ? result : HOLD_SURVIVORS);
}

/* The keeper was killed, and no group is there: the process outlives it if it has executed a set-user-ID program. */
static int process_alone(struct hold *h, struct tree_stop *stop) {
	return process_stop_step(h, &stop->alone) == HOLD_PENDING ? HOLD_PENDING : -EOWNERDEAD;
}

/* ---- who is left ---- */

/* With a keeper: 0, HOLD_SURVIVORS, or -EOWNERDEAD where nobody can tell any more. */
static int judge_by_keeper(struct hold *h, struct tree_stop *stop) {
	const int proof = wait_for_proof(h, HOLD_NOW);
	int refused, survivors;

	if (proof != HOLD_GONE && proof != -EOWNERDEAD && clock_now() < stop->judged_until)
		return HOLD_PENDING;
	os_tree_look(&stop->tree);
	if (proof == HOLD_GONE)
		return judged(h, stop, 0, 0);
	survivors = os_tree_count(&stop->tree, &refused);
	if (survivors || proof == -EOWNERDEAD)
		return judged(h, stop, survivors, survivors ? HOLD_SURVIVORS : proof);
	if (stop->is_reaped_late) /* one at least, which /proc does not show */
		return judged(h, stop, 1, HOLD_SURVIVORS);
	stop->is_reaped_late = true;
	stop->judged_until = clock_after_ms(stop->tree.error ? PATIENCE_MS : REAPING_MS);
	return HOLD_PENDING;
}

/* Without: HOLD_NONE_SEEN, HOLD_SURVIVORS, or what kept the look from being whole. */
static int judge_by_look(struct hold *h, struct tree_stop *stop) {
	int refused, error, survivors;

	os_tree_look(&stop->tree);
	survivors = os_tree_count(&stop->tree, &refused);
	if (survivors && clock_now() < stop->judged_until)
		return HOLD_PENDING;
	error = tree_error_of(&stop->tree);
	return judged(h, stop, survivors, survivors ? HOLD_SURVIVORS : error < 0 ? error : HOLD_NONE_SEEN);
}

static int judge_tree(struct hold *h, struct tree_stop *stop) {
	/* A keeper tells by itself, unless somebody has stopped it: a look continues it. */
	stop->look_at = clock_after_ms(has_keeper(h) && keeper_check(h) == 0 ? WAKE_MS : LOOK_MS);
	return has_keeper(h) ? judge_by_keeper(h, stop) : judge_by_look(h, stop);
}

/* ---- step by step ---- */

static int find_way(struct hold *h, struct tree_stop *stop) {
	if (has_keeper(h) && keeper_check(h) == HOLD_GONE)
		return HOLD_GONE;
	if (has_keeper(h) && begin_by_group(h, stop))
		return HOLD_PENDING;
	return begin_by_members(h, stop);
}

static int take_step(struct hold *h, struct tree_stop *stop) {
	switch (stop->way) {
	case TREE_STOP_BY_GROUP:
		return by_group(h, stop);
	case TREE_STOP_BY_MEMBERS:
		return by_members(h, stop);
	case TREE_STOP_BLINDLY:
		return blindly(h, stop);
	case TREE_STOP_PROCESS_ALONE:
		return process_alone(h, stop);
	case TREE_STOP_JUDGE:
		return judge_tree(h, stop);
	case TREE_STOP_FIND_WAY:
		break;
	}
	return find_way(h, stop);
}

int tree_stop_step(struct hold *h, struct tree_stop *stop) {
	enum tree_stop_way way;
	int result;

	/* A way that was found just now begins at once. A group was killed as it was found, and its end takes time. */
	do {
		way = stop->way;
		result = take_step(h, stop);
	} while (result == HOLD_PENDING && stop->way != way && stop->way != TREE_STOP_BY_GROUP);
	return result;
}

int64_t tree_stop_due(const struct tree_stop *stop) {
	switch (stop->way) {
	case TREE_STOP_BY_GROUP:
		return clock_earliest(stop->look_at, stop->ladder.due);
	case TREE_STOP_BY_MEMBERS:
		return tree_climb_due(&stop->climb);
	case TREE_STOP_BLINDLY:
		return clock_earliest(stop->look_at, stop->ladder.due);
	case TREE_STOP_PROCESS_ALONE:
		return process_stop_due(&stop->alone);
	case TREE_STOP_JUDGE:
		return clock_earliest(stop->look_at, stop->judged_until);
	case TREE_STOP_FIND_WAY:
		break;
	}
	return HOLD_NOW;
}

/* The descriptor of a keeper that was killed stays readable, and tells nothing. */
int tree_stop_fd(struct hold *h, const struct tree_stop *stop) {
	if (stop->way == TREE_STOP_PROCESS_ALONE)
		return hold_fd(h);
	return has_keeper(h) && keeper_check(h) == -EOWNERDEAD ? -ENODATA : hold_tree_fd(h);
}

/* Until a step is due or may have something to tell: 0, 1, or an error. */
static int wait_for_tree_step(struct hold *h, struct tree_stop *stop, int64_t due) {
	switch (stop->way) {
	case TREE_STOP_BY_GROUP:
		return wait_for_proof(h, due);
	case TREE_STOP_BLINDLY:
		return keeper_wait_empty(h, due);
	case TREE_STOP_PROCESS_ALONE:
		return os_wait_end(h->pidfd, h->pid, due);
	case TREE_STOP_JUDGE:
		return has_keeper(h) ? wait_for_proof(h, due) : os_tree_wait(&stop->tree, due, true);
	case TREE_STOP_BY_MEMBERS:
	case TREE_STOP_FIND_WAY:
		break;
	}
	tree_climb_wait(&stop->climb);
	return 0;
}

int tree_stop_run(struct hold *h, struct tree_stop *stop) {
	int result;

	while ((result = tree_stop_step(h, stop)) == HOLD_PENDING) {
		const int64_t due = tree_stop_due(stop);

		if (wait_for_tree_step(h, stop, due) < 0) /* it may not fail the next time, for want of memory */
			os_sleep(clock_earliest(due, clock_after_ms(LOOK_MS)));
	}
	return result;
}

void tree_stop_end(struct tree_stop *stop, struct hold_tree_report *ret, hold_tree_visitor *visit, void *context) {
	if (stop->has_report)
		structure_give(ret, &stop->report, sizeof stop->report);
	if (stop->is_open && stop->report.survivors && visit) /* one whose end could not be seen again is no member */
		tree_visit(&stop->tree, visit, context);
	if (stop->is_open)
		os_tree_close(&stop->tree);
	stop->is_open = false;
}
