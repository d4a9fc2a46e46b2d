/* SPDX-License-Identifier: ISC */
/* A hold whose process has a keeper, which tells of it: its end and status, its stops, and that nobody is left. */
#include "keeper.h"

#include "base/clock.h"

#include <errno.h>

enum { TURN_MS = 20, IDLE_TURNS = 10, SIGNAL_BITS = 0x7f };

/* Takes all the messages that lie in the socket, and returns what ended that: as os_keeper_receive. */
static int receive_all(struct hold *h, int *ret_count) {
	enum os_keeper_news what;
	struct os_exit ended;
	struct os_tree_use use;
	int result;

	while ((result = os_keeper_receive(&h->keeper, &what, &ended, &use)) == 0) {
		switch (what) {
		case OS_KEEPER_ENDED:
			h->exit = ended;
			atomic_store(&h->has_exit, true);
			break;
		case OS_KEEPER_STOPPED:
			atomic_store(&h->stop_signal, ended.wait_status & SIGNAL_BITS);
			atomic_store(&h->change, HOLD_JOB_STOPPED);
			break;
		case OS_KEEPER_CONTINUED:
			atomic_store(&h->change, HOLD_JOB_CONTINUED);
			break;
		case OS_KEEPER_EMPTY:
			if (!atomic_load(&h->is_empty))
				h->use = use;
			atomic_store(&h->is_empty, true);
			return 0; /* its last words */
		}
		++*ret_count;
	}
	return result;
}

/*
 * All that it has said since. One thread at a time: the others find what that one has heard. The socket's end is not
 * the only sign that the keeper is gone: a child that another thread forked during the start may hold a copy of the
 * keeper's side, which keeps the socket open. So the keeper's own end counts too, once the socket is empty.
 */
static void receive_news(struct hold *h) {
	int result, count = 0;

	if (atomic_load(&h->is_empty))
		return;
	if (atomic_exchange(&h->is_receiving, 1)) {
		os_yield();
		return;
	}
	if (!atomic_load(&h->is_silent)) {
		result = receive_all(h, &count);
		if (result == 1 && count == 0 && os_wait_readable(h->keeper.pidfd, HOLD_NOW) == 0)
			result = receive_all(h, &count) == 1 ? -EPIPE : 0; /* what it said between the two looks */
		if (result < 0)
			atomic_store(&h->is_silent, true);
	}
	atomic_store(&h->is_receiving, false);
}

/* The earlier of the deadline and when those look again who wait for what only one of them reads. */
static int64_t next_turn(int64_t deadline) {
	return clock_earliest(deadline, clock_after_ms(TURN_MS));
}

int keeper_wait_exit(struct hold *h, int64_t deadline, struct os_exit *ret) {
	int result;
	bool is_over;

	for (int turns = 0;; turns++) {
		receive_news(h);
		is_over = atomic_load(&h->is_silent) || atomic_load(&h->is_empty); /* before another thread reads on */
		if (atomic_load(&h->has_exit)) {
			*ret = h->exit;
			return 0;
		}
		if (is_over)
			return -EPIPE;
		if (turns > IDLE_TURNS) /* there is something to be read, and it cannot be read now */
			os_sleep(next_turn(deadline));
		result = os_wait_readable(h->keeper.socket, next_turn(deadline));
		if (result < 0)
			return result;
		if (result == 1 && clock_now() >= deadline)
			return 1;
		if (result == 1)
			os_keeper_wake(&h->keeper);
		else if (clock_now() >= deadline && turns > IDLE_TURNS)
			return 1;
	}
}

/* Nobody outlives the init of his PID namespace: when that has ended, all have. */
static int check_silent(struct hold *h) {
	if (h->containment != HOLD_CONTAIN_PIDNS)
		return -EOWNERDEAD;
	return os_wait_readable(h->keeper.pidfd, HOLD_NOW) == 0 ? HOLD_GONE : 0;
}

int keeper_check(struct hold *h) {
	receive_news(h);
	if (atomic_load(&h->is_empty))
		return HOLD_GONE;
	return atomic_load(&h->is_silent) ? check_silent(h) : 0;
}

/* The keeper says so before it ends itself, and may stay a while for the terminal. */
int keeper_wait_empty(struct hold *h, int64_t deadline) {
	int result;

	for (;;) {
		result = keeper_check(h);
		if (result != 0)
			return result;
		if (clock_now() >= deadline) {
			if (atomic_exchange(&h->was_looked_at, 1)) /* some only look, again and again */
				os_keeper_wake(&h->keeper);
			return HOLD_PENDING;
		}
		result = os_wait_readable(h->keeper.pidfd, next_turn(deadline));
		if (result < 0)
			return result;
		if (result == 1) /* also where the time is short: others wait in short turns too */
			os_keeper_wake(&h->keeper);
		else if ((result = keeper_check(h)) != 0)
			return result;
		else /* its last words cannot be read now, or another thread is reading them */
			os_sleep(next_turn(deadline));
		if (clock_now() >= deadline)
			return keeper_check(h) == HOLD_GONE ? HOLD_GONE : HOLD_PENDING;
	}
}

void keeper_reap_late(void) {
	os_keeper_reap_late();
	if (os_keeper_left_group())
		os_cgroup_sweep();
}

int hold_job_take(struct hold *h) {
	const int error = held_check(h);
	bool was_killed;
	int change;

	if (error < 0)
		return error;
	if (!has_keeper(h))
		return -ENODATA;
	/* Also one of a PID namespace, in which nobody is left then. */
	was_killed = keeper_check(h) != 0 && !atomic_load(&h->is_empty);
	change = atomic_exchange(&h->change, 0);
	return change == 0 && was_killed ? -EOWNERDEAD : change;
}
