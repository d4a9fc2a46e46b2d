/* SPDX-License-Identifier: ISC */
/* The process held and all that descends from it: listed, signalled, ended by a ladder. */
#include "audit.h"
#include "keeper.h"
#include "structure.h"
#include "tree-climb.h"
#include "tree.h"

#include "base/clock.h"
#include "base/waits.h"

#include <errno.h>
#include <string.h>

enum {
	PATIENCE_MS = 250, /* with those that may not be signalled, and with the kernel after SIGKILL, at the end */
	FAILURES = 50,     /* of waits, one after the other, which a lack of memory may make fail */
	REAPING_MS = 2000  /* with the keeper of a tree of which nobody is seen to live any more */
};

static int open_held_tree(struct hold *h, struct os_tree *tree) {
	int result = held_check(h);

	if (result < 0)
		return result;
	if (has_keeper(h)) {
		result = keeper_check(h);
		if (result == 0)
			result = os_tree_open(tree, h->keeper.pid, h->keeper.pidfd, true);
		if (result == 0)
			tree->cgroup = h->cgroup.fd;
		return result;
	}
	if (h->pidfd < 0)
		return -ENOSYS;
	if (atomic_load(&h->state) != HELD_ALIVE)
		return HOLD_GONE;
	return os_tree_open(tree, h->pid, h->pidfd, false);
}

/* What a look met with. That one may not be looked into is no other thing than that it may not be signalled. */
static int tree_error_of(const struct os_tree *tree) {
	const int error = tree->error ? tree->error : tree->lost;

	return error == -EACCES ? -EPERM : error;
}

/* ---- who is in it ---- */

/* A member that /proc does not show, or that cannot be opened now, is one all the same: of it the number is told. */
static void describe(const struct os_member *member, int pidfd, struct hold_member *ret) {
	struct os_description found;
	struct os_identity identity;

	if (pidfd < 0 || os_describe(pidfd, member->pid, &found) < 0)
		found = (struct os_description){ .user = HOLD_NO_USER, .state = '?', .command = "?" };
	if (pidfd >= 0 && os_identity(pidfd, member->pid, true, &identity) == 0)
		reference_write(ret->reference, sizeof ret->reference, member->pid, &identity);
	ret->parent = found.parent;
	ret->user = found.user;
	ret->state = found.state;
	_Static_assert(sizeof ret->command == sizeof found.command, "one command, one length");
	memcpy(ret->command, found.command, sizeof ret->command);
}

static int visit_member(struct os_tree *tree, struct os_member *member, hold_tree_visitor *visit, void *context) {
	struct hold_member told = { .size = sizeof told, .pid = member->pid };
	const int pidfd = os_tree_hold(tree, member);

	if (pidfd != -ESRCH)
		describe(member, pidfd, &told);
	os_tree_put(member, pidfd);
	return pidfd != -ESRCH && visit(context, &told) ? HOLD_ENOUGH : 0; /* one that has ended is no member */
}

static int visit_all(struct os_tree *tree, hold_tree_visitor *visit, void *context) {
	int result = 0;

	for (size_t i = 0; i < tree->count && result == 0 && visit; i++) {
		if (!tree->members[i].is_spared)
			result = visit_member(tree, &tree->members[i], visit, context);
	}
	return result;
}

int hold_tree_list(struct hold *h, hold_tree_visitor *visit, void *context) {
	struct os_tree tree;
	int saved_errno = errno, result = visit ? open_held_tree(h, &tree) : -EINVAL;

	if (result == 0) {
		result = visit_all(&tree, visit, context);
		if (result == 0)
			result = tree_error_of(&tree);
		os_tree_close(&tree);
	}
	errno = saved_errno;
	return result;
}

/* ---- signals ---- */

int hold_tree_signal(struct hold *h, int signal) {
	struct os_tree tree;
	int saved_errno = errno, result = held_check(h);

	if (result == 0 && signal < 0)
		result = -EINVAL;
	if (result == 0)
		result = audit(AUDIT_SIGNAL_TREE, h->pid, signal);
	if (result == 0)
		result = open_held_tree(h, &tree);
	if (result != 0)
		return result;
	result = signal == os_sigkill ? os_tree_kill(&tree) : os_tree_signal(&tree, signal, false);
	if (result == 0)
		result = tree_error_of(&tree);
	os_tree_close(&tree);
	errno = saved_errno;
	return result;
}

/* ---- the end ---- */

static void fill_report(const struct os_tree *tree, int survivors, struct hold_tree_report *ret) {
	struct hold_tree_report report = { .size = sizeof report };

	report.seen = (uint32_t)tree->seen;
	report.ended = (uint32_t)tree->ended;
	report.terminated = (uint32_t)tree->terminated;
	report.killed = (uint32_t)tree->killed;
	report.survivors = (uint32_t)survivors;
	structure_give(ret, &report, sizeof report);
}

static int stop_visiting(void *context, const struct hold_member *member) {
	(void)context;
	(void)member;
	return 1;
}

bool tree_has_members(struct hold *h) {
	const int result = hold_tree_list(h, stop_visiting, NULL);

	return result != 0 && result != HOLD_GONE;
}

/* Until the keeper has ended; the group itself is looked at once that has been killed. 0: nobody is left. */
static int wait_for_group(struct hold *h, int64_t deadline) {
	const int result = keeper_wait_empty(h, deadline);

	if (result == HOLD_GONE)
		return 0;
	return result == -EOWNERDEAD ? os_cgroup_wait_empty(&h->cgroup, deadline) : result;
}

/*
 * A control group is killed without a look at who is in it: they are counted. So it is also where the keeper was
 * killed. 1: not by this way.
 */
static int kill_hold_group(struct hold *h, const struct hold_rung *rung, struct hold_tree_report *ret) {
	struct os_tree counted = { .count = 0 };
	int64_t deadline;
	long count;

	if (h->cgroup.fd < 0 || (rung->signal != os_sigkill && keeper_check(h) != -EOWNERDEAD))
		return 1;
	count = os_cgroup_count(&h->cgroup);
	if (count < 0 || os_cgroup_kill(&h->cgroup) < 0)
		return 1;
	deadline = clock_after_ms(rung->wait_ms);
	while (wait_for_group(h, clock_after_ms(LOOK_MS)) != 0) {
		if (clock_now() >= deadline)
			return 1;
		os_cgroup_kill_rest(&h->cgroup);
	}
	counted.seen = counted.killed = (size_t)count;
	fill_report(&counted, 0, ret);
	return 0;
}

/*
 * No tree can be looked at: there are no descriptors, no memory, no /proc here. The process is held, and its keeper can
 * kill what is left.
 */
static int stop_blindly(struct hold *h, const struct hold_rung *rungs, size_t count, struct hold_tree_report *ret) {
	const struct os_tree none = { .count = 0 };
	int result = HOLD_PENDING;

	for (size_t i = 0; i < count && result == HOLD_PENDING; i++) {
		held_send(h, rungs[i].signal);
		if (rungs[i].signal == os_sigkill)
			os_keeper_send(&h->keeper, false);
		result = keeper_wait_empty(h, clock_after_ms(rungs[i].wait_ms));
	}
	fill_report(&none, result != HOLD_GONE, ret);
	h->gave_up = result != HOLD_GONE && rungs[count - 1].signal == os_sigkill;
	return result == HOLD_GONE ? 0 : result < 0 ? result : HOLD_SURVIVORS;
}

/* The kernel's word that nobody is left: the keeper's, or where that was killed its control group's. */
static int wait_for_proof(struct hold *h, int milliseconds) {
	const int64_t deadline = clock_after_ms(milliseconds);
	const int result = keeper_wait_empty(h, deadline);

	if (result != -EOWNERDEAD || h->cgroup.fd < 0)
		return result;
	return os_cgroup_wait_empty(&h->cgroup, deadline) == 0 ? HOLD_GONE : HOLD_PENDING;
}

/* Of a tree with a keeper: 0, HOLD_SURVIVORS, or -EOWNERDEAD where nobody can tell any more. */
static int judge_with_keeper(struct hold *h, struct os_tree *tree, int *ret_survivors) {
	int refused, proof = wait_for_proof(h, PATIENCE_MS);

	os_tree_look(tree);
	*ret_survivors = proof == HOLD_GONE ? 0 : os_tree_count(tree, &refused);
	if (proof != HOLD_GONE && *ret_survivors == 0)
		proof = wait_for_proof(h, tree->error ? PATIENCE_MS : REAPING_MS);
	if (*ret_survivors || proof == HOLD_GONE || proof == -EOWNERDEAD)
		return *ret_survivors ? HOLD_SURVIVORS : proof == HOLD_GONE ? 0 : proof;
	*ret_survivors = 1; /* at least: one that /proc does not show */
	return HOLD_SURVIVORS;
}

/* Of one without: HOLD_NONE_SEEN, HOLD_SURVIVORS, or what kept the look from being whole. */
static int judge_seen(struct os_tree *tree, int *ret_survivors) {
	int refused;

	os_tree_wait(tree, clock_after_ms(PATIENCE_MS), true);
	os_tree_look(tree);
	*ret_survivors = os_tree_count(tree, &refused);
	return *ret_survivors ? HOLD_SURVIVORS : tree_error_of(tree) < 0 ? tree_error_of(tree) : HOLD_NONE_SEEN;
}

int tree_stop(struct hold *h, const struct hold_rung *ladder, size_t ladder_count, struct hold_tree_report *ret,
	      hold_tree_visitor *survivor, void *context) {
	struct hold_rung rungs[HOLD_LADDER_MAX];
	struct os_tree tree;
	size_t count;
	int saved_errno = errno, survivors, result = ladder_of(h, ladder, ladder_count, rungs, &count);

	if (result == 0 && has_keeper(h)) {
		if (keeper_check(h) == HOLD_GONE)
			return HOLD_GONE;
		if (kill_hold_group(h, &rungs[0], ret) == 0)
			return 0;
	}
	if (result == 0)
		result = open_held_tree(h, &tree);
	if (result < 0 && result != -EOWNERDEAD && has_keeper(h))
		return stop_blindly(h, rungs, count, ret);
	if (result == -EOWNERDEAD) /* the process outlives its keeper if it has executed a set-user-ID program */
		stop_by(h, rungs, count);
	if (result != 0)
		return result;
	tree_climb(&tree, rungs, count);
	result = has_keeper(h) ? judge_with_keeper(h, &tree, &survivors) : judge_seen(&tree, &survivors);
	h->gave_up = survivors && rungs[count - 1].signal == os_sigkill;
	fill_report(&tree, survivors, ret);
	if (survivors) /* one whose end could not be seen a second time is none */
		visit_all(&tree, survivor, context);
	os_tree_close(&tree);
	errno = saved_errno;
	return result;
}

int hold_tree_stop(struct hold *h, const struct hold_rung *ladder, size_t ladder_count, struct hold_tree_report *ret,
		   hold_tree_visitor *survivor, void *context) {
	struct hold_rung rungs[HOLD_LADDER_MAX];
	size_t count;
	int result = held_check(h);

	if (result == 0)
		result = structure_check(ret, sizeof *ret);
	if (result == 0) /* before the hooks are told of what will not be */
		result = ladder_of(h, ladder, ladder_count, rungs, &count);
	if (result == 0)
		result = audit(AUDIT_STOP_TREE, h->pid, 0);
	return result != 0 ? result : tree_stop(h, rungs, count, ret, survivor, context);
}

/* HOLD_NONE_SEEN; HOLD_PENDING; or what kept a look from being whole. */
static int wait_until_none_is_seen(struct os_tree *tree, int64_t deadline) {
	int refused, result, failures = 0;
	int64_t look;

	while (os_tree_count(tree, &refused) > 0) {
		if (clock_now() >= deadline)
			return HOLD_PENDING;
		look = clock_earliest(deadline, clock_after_ms(LOOK_MS));
		result = os_tree_wait(tree, look, true);
		failures = result < 0 ? failures + 1 : 0;
		if (failures == FAILURES)
			return result;
		if (result < 0)
			os_sleep(look);
		os_tree_look(tree);
	}
	return tree_error_of(tree) < 0 ? tree_error_of(tree) : HOLD_NONE_SEEN;
}

int hold_tree_wait(struct hold *h, int64_t deadline) {
	struct os_tree tree;
	int saved_errno = errno, result = held_check(h);

	if (result == 0 && has_keeper(h)) {
		result = keeper_wait_empty(h, deadline);
		result = result == HOLD_GONE ? 0 : result;
	} else if (result == 0) {
		result = open_held_tree(h, &tree);
		if (result == 0) {
			result = wait_until_none_is_seen(&tree, deadline);
			os_tree_close(&tree);
		}
	}
	errno = saved_errno;
	return result;
}

int hold_orphans_adopt(int is_on) {
	return os_set_subreaper(is_on != 0);
}
