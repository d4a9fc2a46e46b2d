/* SPDX-License-Identifier: ISC */
/* The process held and all its descendants: listed, signalled, waited for. How a tree is ended is in stop-tree.c. */
#include "audit.h"
#include "keeper.h"
#include "tree.h"

#include "base/clock.h"
#include "base/waits.h"

#include <errno.h>
#include <string.h>

enum { FAILURES = 50 }; /* of waits, one after the other, which a lack of memory may make fail */

int tree_open(struct hold *h, struct os_tree *tree) {
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
	if (atomic_load(&h->state) != HELD_ALIVE || os_wait_end(h->pidfd, h->pid, HOLD_NOW) == 0)
		return HOLD_GONE; /* its children have gone to another parent, also if it was not waited for yet */
	if (h->pidfd < 0)
		return -ENOSYS;
	return os_tree_open(tree, h->pid, h->pidfd, false);
}

int tree_error_of(const struct os_tree *tree) {
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

int tree_visit(struct os_tree *tree, hold_tree_visitor *visit, void *context) {
	int result = 0;

	for (size_t i = 0; i < tree->count && result == 0 && visit; i++) {
		if (!tree->members[i].is_spared)
			result = visit_member(tree, &tree->members[i], visit, context);
	}
	return result;
}

int hold_tree_list(struct hold *h, hold_tree_visitor *visit, void *context) {
	struct os_tree tree;
	int saved_errno = errno, result = visit ? tree_open(h, &tree) : -EINVAL;

	if (result == 0) {
		result = tree_visit(&tree, visit, context);
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
		result = tree_open(h, &tree);
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

static int stop_visiting(void *context, const struct hold_member *member) {
	(void)context;
	(void)member;
	return 1;
}

bool tree_has_members(struct hold *h) {
	const int result = hold_tree_list(h, stop_visiting, NULL);

	return result != 0 && result != HOLD_GONE;
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
		result = tree_open(h, &tree);
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
