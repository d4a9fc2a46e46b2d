/* SPDX-License-Identifier: ISC */
/* A hold whose process has a keeper, which tells of it: its end and status, its stops, and that nobody is left. */
#include "kept.h"
#include "audit.h"
#include "tree.h"

#include "base/clock.h"

#include <errno.h>

enum { END_MS = 5000 }; /* that a keeper takes at most whose tree is killed */

bool kept_is(const struct hold *h) {
	return h->keeper.pid > 0;
}

/* All that it has said since. One thread at a time: the others find what that one has heard. */
static void hear(struct hold *h) {
	enum os_kept what;
	struct os_exit end;
	int result = 0;

	if (atomic_exchange(&h->is_hearing, true)) {
		os_yield();
		return;
	}
	while (!atomic_load(&h->is_silent) && (result = os_keeper_hear(&h->keeper, &what, &end)) == 0) {
		switch (what) {
		case OS_KEPT_ENDED:
			h->exit = end;
			atomic_store(&h->has_exit, true);
			break;
		case OS_KEPT_STOPPED:
			atomic_store(&h->change, HOLD_STOPPED);
			break;
		case OS_KEPT_CONTINUED:
			atomic_store(&h->change, HOLD_CONTINUED);
			break;
		case OS_KEPT_EMPTY:
			atomic_store(&h->is_empty, true);
		}
	}
	if (result < 0)
		atomic_store(&h->is_silent, true);
	atomic_store(&h->is_hearing, false);
}

int kept_exit(struct hold *h, int64_t deadline, struct os_exit *ret) {
	for (;;) {
		hear(h);
		if (atomic_load(&h->has_exit)) {
			*ret = h->exit;
			return 0;
		}
		if (atomic_load(&h->is_silent))
			return -EPIPE;
		if (os_wait_readable(h->keeper.socket, deadline) != 0)
			return 1;
	}
}

/* Nobody outlives the init of his PID namespace: when that has ended, all have. */
static int check_silent(struct hold *h) {
	if (h->containment != HOLD_CONTAIN_PIDNS)
		return -EOWNERDEAD;
	return os_wait_readable(h->keeper.pidfd, clock_after_ms(END_MS)) == 0 ? HOLD_GONE : -EOWNERDEAD;
}

int kept_check(struct hold *h) {
	hear(h);
	if (atomic_load(&h->is_empty))
		return HOLD_GONE;
	return atomic_load(&h->is_silent) ? check_silent(h) : 0;
}

int kept_wait_empty(struct hold *h, int64_t deadline) {
	if (os_wait_readable(h->keeper.pidfd, deadline) == 1)
		return HOLD_PENDING;
	return kept_check(h);
}

void kept_release(struct hold *h) {
	static const struct hold_rung kill = { .signal = 9 /* SIGKILL everywhere */ };
	const bool lives = kept_check(h) == 0 && (hold_wait(h, HOLD_NOW, NULL) != 0 || tree_has_members(h));
	/* What a hook forbids to end lives on. */
	const bool is_left = h->on_release == HOLD_ON_RELEASE_LEAVE || (lives && audit(AUDIT_STOP_TREE, h->pid, 0) < 0);

	if (lives && !is_left)
		tree_stop(h, h->on_release == HOLD_ON_RELEASE_KILL ? &kill : NULL, 1, NULL, NULL, NULL);
	os_keeper_tell(&h->keeper, is_left);                         /* and if that could not end it the keeper does */
	if (!is_left && kept_check(h) == -EOWNERDEAD && h->cgroup.folder >= 0) { /* or, that being killed, we */
		os_cgroup_kill(&h->cgroup);
		os_cgroup_kill_rest(&h->cgroup);
		os_cgroup_wait_empty(&h->cgroup, clock_after_ms(END_MS));
		os_cgroup_remove(&h->cgroup);
	}
	os_keeper_reap(&h->keeper, is_left && atomic_load(&h->state) != HELD_ENDED ? HOLD_NOW : clock_after_ms(END_MS));
}

int hold_containment(const struct hold *h) {
	const int error = hold_check(h);

	return error < 0 ? error : h->containment;
}

int hold_tree_fd(const struct hold *h) {
	const int error = hold_check(h);

	if (error < 0)
		return error;
	return kept_is(h) ? h->keeper.pidfd : -ENODATA;
}

int hold_change_fd(const struct hold *h) {
	const int error = hold_check(h);

	if (error < 0)
		return error;
	return kept_is(h) ? h->keeper.socket : -ENODATA;
}

int hold_take_change(struct hold *h) {
	const int error = hold_check(h);

	if (error < 0)
		return error;
	if (!kept_is(h))
		return -ENODATA;
	hear(h);
	return atomic_exchange(&h->change, 0);
}
