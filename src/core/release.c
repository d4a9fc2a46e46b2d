/* SPDX-License-Identifier: ISC */
/* The end of a hold: what was chosen at its start for the process and its tree is done, then the hold is freed. */
#include "audit.h"
#include "hold.h"
#include "keeper.h"
#include "own-children.h"
#include "stop.h"
#include "tree.h"

#include "base/clock.h"
#include "base/waits.h"

#include <errno.h>

enum {
	INSTANT_MS = 250, /* for what a keeper does at once, or cannot do soon */
	TELL_MS = 1000,   /* for tries to tell it to leave */
	TELL_AGAIN_MS = 20
};

/* ---- a process with a keeper ---- */

/* Once the process has ended and left nobody the keeper says so in an instant. */
static bool is_about_to_end(struct hold *h) {
	return hold_wait(h, HOLD_NOW, NULL) == 0 && !tree_has_members(h) &&
	       keeper_wait_empty(h, clock_after_ms(INSTANT_MS)) == HOLD_GONE;
}

/* One that was not told would end the tree at the socket's end. */
static bool tell_to_leave(const struct hold *h) {
	const int64_t deadline = clock_after_ms(TELL_MS);
	int error;

	while ((error = os_keeper_send(&h->keeper, OS_KEEPER_LEAVE)) < 0 && error != -EPIPE) {
		if (clock_now() >= deadline)
			return false;
		os_keeper_wake(&h->keeper);
		os_sleep(clock_after_ms(TELL_AGAIN_MS));
	}
	return true;
}

/*
 * For how long the keeper is waited for at the most, in ms. Where it cannot be told at all its socket stays open, so
 * that the tree lives for as long as the caller does at least.
 */
static int leave_tree(struct hold *h) {
	if (!tell_to_leave(h)) {
		h->keeper.socket = -1;
		return 0;
	}
	return atomic_load(&h->state) == HELD_ENDED && !h->has_limits ? END_MS : 0;
}

static int end_tree_by_choice(struct hold *h, bool lives) {
	int result = 0;

	if (lives && !h->gave_up)
		result = stop_tree_now(h, h->on_release == HOLD_ON_RELEASE_KILL);
	/* What could not be ended so the keeper ends when it can be. One that is empty ends by itself. */
	if (!atomic_load(&h->is_empty) || h->restores_terminal)
		os_keeper_send(&h->keeper, OS_KEEPER_KILL);
	return lives && (h->gave_up || result < 0) ? INSTANT_MS : END_MS;
}

/* false: the keeper was killed, so the process, if it lives, has still to be ended or left. */
static bool release_tree(struct hold *h) {
	const bool lives = keeper_check(h) == 0 && !is_about_to_end(h);
	/* What a hook forbids to end lives on. */
	const bool is_left = h->on_release == HOLD_ON_RELEASE_LEAVE || (lives && audit(AUDIT_STOP_TREE, h->pid, 0) < 0);
	const int patience = is_left ? leave_tree(h) : end_tree_by_choice(h, lives);
	const bool was_killed = h->keeper.socket >= 0 && keeper_check(h) == -EOWNERDEAD;

	if (was_killed && is_left) /* a group that nobody locks would be swept, with all that is in it */
		os_cgroup_let_go(&h->cgroup);
	else if (was_killed)
		os_cgroup_end(&h->cgroup, clock_after_ms(END_MS));
	os_keeper_release(&h->keeper, clock_after_ms(patience));
	return !was_killed;
}

/* ---- a process without a keeper, or whose keeper was killed ---- */

/* What was chosen at the start, for a process that lives. Its reaping is tried in any case, so no zombie is left. */
static void release_process(struct hold *h) {
	const struct hold_rung kill = { .signal = os_sigkill };

	if (hold_wait(h, HOLD_NOW, NULL) == 0 || h->gave_up)
		return;
	if (h->on_release == HOLD_ON_RELEASE_STOP)
		hold_stop(h, NULL, 0);
	else if (h->on_release == HOLD_ON_RELEASE_KILL)
		hold_stop(h, &kill, 1);
}

/* ---- both ---- */

static void free_held(struct hold *h) {
	own_children_remove(h);
	held_free(h);
}

struct hold *hold_release(struct hold *h) {
	int saved_errno = errno;

	if (!h)
		return NULL;
	stop_forget(h); /* what it holds may be needed for the release */
	if (held_check(h) == 0) {
		keeper_reap_late();
		set_leave(h);
		if (has_keeper(h) ? !release_tree(h) : !h->adopted)
			release_process(h);
	}
	free_held(h);
	errno = saved_errno;
	return NULL;
}

/* ---- in the background ---- */

static enum os_keeper_order release_order(const struct hold *h) {
	if (h->on_release == HOLD_ON_RELEASE_LEAVE)
		return OS_KEEPER_LEAVE;
	return h->on_release == HOLD_ON_RELEASE_KILL ? OS_KEEPER_KILL : OS_KEEPER_CLIMB;
}

int hold_release_to_keeper(struct hold *h) {
	int saved_errno = errno, error = held_check(h);
	enum os_keeper_order order;

	if (error == 0 && !has_keeper(h))
		error = -ENODATA;
	if (error < 0)
		return error;
	order = release_order(h);
	if (keeper_check(h) == -EOWNERDEAD)
		return -EOWNERDEAD;
	if (!os_keeper_may_be_late())
		return -EAGAIN;
	if (order != OS_KEEPER_LEAVE && tree_has_members(h))
		error = audit(AUDIT_STOP_TREE, h->pid, 0);
	if (error == 0)
		error = os_keeper_send(&h->keeper, order);
	if (error == -EPIPE && keeper_check(h) == HOLD_GONE)
		error = 0;
	if (error == 0) {
		stop_forget(h);
		set_leave(h);
		os_keeper_wake(&h->keeper);
		os_keeper_release(&h->keeper, HOLD_NOW);
		free_held(h);
	}
	errno = saved_errno;
	return error;
}
