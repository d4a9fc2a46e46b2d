/* SPDX-License-Identifier: ISC */
/* The process held and all that descends from it: listed, signalled, ended by a ladder. */
#include "audit.h"
#include "hold.h"
#include "structure.h"

#include "base/clock.h"

#include <errno.h>
#include <string.h>

enum {
	LOOK_MS = 20,     /* after which a tree that is ending is looked at again */
	PATIENCE_MS = 250 /* with those that may not be signalled, and with the kernel after SIGKILL, at the end */
};

static int64_t earliest(int64_t a, int64_t b) {
	return a < b ? a : b;
}

static int begin(const struct hold *h, struct os_tree *tree) {
	int result = hold_check(h);

	if (result < 0)
		return result;
	if (h->pidfd < 0)
		return -ENOSYS;
	if (atomic_load(&h->state) != HELD_ALIVE)
		return HOLD_GONE;
	return os_tree_begin(tree, h->pid, h->pidfd);
}

/* ---- who is in it ---- */

static int tell(const struct os_member *member, hold_tree_visitor *visit, void *context) {
	struct hold_member told = { .size = sizeof told, .pid = member->pid };
	struct os_description found;
	struct os_identity identity;

	if (os_describe(member->pidfd, member->pid, &found) < 0)
		return 0; /* it has ended meanwhile */
	if (os_identity(member->pidfd, member->pid, true, &identity) == 0)
		reference_write(told.reference, sizeof told.reference, member->pid, &identity);
	told.parent = found.parent;
	told.user = found.user;
	told.state = found.state;
	_Static_assert(sizeof told.command == sizeof found.command, "one command, one length");
	memcpy(told.command, found.command, sizeof told.command);
	return visit(context, &told);
}

static int tell_of_all(const struct os_tree *tree, hold_tree_visitor *visit, void *context) {
	int result = 0;

	for (size_t i = 0; i < tree->count && result == 0 && visit; i++) {
		if (tree->members[i].pidfd >= 0)
			result = tell(&tree->members[i], visit, context);
	}
	return result;
}

int hold_tree_list(const struct hold *h, hold_tree_visitor *visit, void *context) {
	struct os_tree tree;
	int kept = errno, result = visit ? begin(h, &tree) : -EINVAL;

	if (result == 0) {
		result = tell_of_all(&tree, visit, context);
		os_tree_end(&tree);
	}
	errno = kept;
	return result;
}

/* ---- signals ---- */

int hold_tree_signal(const struct hold *h, int signal) {
	struct os_tree tree;
	int kept = errno, result = hold_check(h);

	if (result == 0 && signal < 0)
		result = -EINVAL;
	if (result == 0)
		result = audit(AUDIT_SIGNAL_TREE, h->pid, signal);
	if (result == 0)
		result = begin(h, &tree);
	if (result != 0)
		return result;
	result = signal == os_sigkill ? os_tree_kill(&tree) : os_tree_signal(&tree, signal, false);
	os_tree_end(&tree);
	errno = kept;
	return result;
}

/* ---- the end ---- */

/* Until all that may be signalled have ended, those too that are made meanwhile. 0, HOLD_PENDING, or an error. */
static int end_by(struct os_tree *tree, int signal, int64_t deadline) {
	int result, refused;

	for (bool is_first = true;; is_first = false) {
		result = signal == os_sigkill ? os_tree_kill(tree) : os_tree_signal(tree, signal, !is_first);
		if (signal != os_sigkill && is_first) /* who is stopped acts on nothing else */
			os_tree_signal(tree, os_sigcont, false);
		if (result < 0 && result != -EPERM && result != -EMFILE)
			return result;
		result = os_tree_wait(tree, earliest(deadline, clock_after_ms(LOOK_MS)), false);
		if (result >= 0)
			result = os_tree_look(tree);
		if (result < 0 && result != -EMFILE)
			return result;
		if (result == 0 && os_tree_count(tree, &refused) == refused)
			return 0;
		if (clock_now() >= deadline)
			return HOLD_PENDING;
	}
}

static int climb(struct os_tree *tree, const struct hold_rung *rungs, size_t count) {
	int result = HOLD_PENDING;

	for (size_t i = 0; i < count && result == HOLD_PENDING; i++)
		result = end_by(tree, rungs[i].signal, clock_after_ms(rungs[i].wait_ms));
	return result;
}

static void report(struct os_tree *tree, int survivors, struct hold_tree_report *ret) {
	struct hold_tree_report report = { .size = sizeof report };

	report.seen = (uint32_t)tree->seen;
	report.ended = (uint32_t)tree->ended;
	report.terminated = (uint32_t)tree->terminated;
	report.killed = (uint32_t)tree->killed;
	report.survivors = (uint32_t)survivors;
	structure_give(ret, &report, sizeof report);
}

int hold_tree_stop(struct hold *h, const struct hold_rung *ladder, size_t ladder_count, struct hold_tree_report *ret,
		   hold_tree_visitor *survivor, void *context) {
	struct hold_rung rungs[HOLD_LADDER_MAX];
	struct os_tree tree;
	size_t count;
	int kept = errno, survivors, refused, result = hold_check(h);

	if (result == 0)
		result = structure_check(ret, sizeof *ret);
	if (result == 0)
		result = ladder_of(h, ladder, ladder_count, rungs, &count);
	if (result == 0)
		result = audit(AUDIT_STOP_TREE, h->pid, 0);
	if (result == 0)
		result = begin(h, &tree);
	if (result != 0)
		return result;
	result = climb(&tree, rungs, count);
	os_tree_wait(&tree, clock_after_ms(PATIENCE_MS), true);
	os_tree_look(&tree);
	survivors = os_tree_count(&tree, &refused);
	report(&tree, survivors, ret);
	tell_of_all(&tree, survivor, context);
	os_tree_end(&tree);
	errno = kept;
	return result < 0 ? result : survivors ? HOLD_SURVIVORS : 0;
}

int hold_subreaper(int is_on) {
	return os_set_subreaper(is_on != 0);
}
