/* SPDX-License-Identifier: ISC */
/* How a held process ended. The first thread that learns it stores it; afterwards all threads get the same. */
#include "keeper.h"
#include "structure.h"

#include "base/clock.h"

#include <errno.h>

/* How long we wait, in ms, for another process or thread to reap a process that has ended. */
enum { STRANGER_PATIENCE = 1000, STOLEN_PATIENCE = 100 };

/* Only the first thread here stores the status; no signal is sent by number any more. false: another was first. */
static bool begin_ending(struct hold *h) {
	int alive = HELD_ALIVE;

	if (!atomic_compare_exchange_strong(&h->state, &alive, HELD_ENDING))
		return false;
	while (atomic_load(&h->senders) > 0)
		os_yield();
	return true;
}

static void store_status(struct hold *h, const struct os_exit *ended) {
	struct hold_status *status = &h->status;
	int signal = ended->wait_status & 0x7f;

	status->how = signal ? HOLD_HOW_SIGNALLED : HOLD_HOW_EXITED;
	status->code = signal ? signal : ended->wait_status >> 8 & 0xff;
	status->core_dumped = signal && ended->wait_status & 0x80;
	if (!ended->has_usage)
		return;
	status->user_us = ended->user_us;
	status->system_us = ended->system_us;
	/* A child's largest size starts at its parent's: only what lies above that is the child's own. */
	if (ended->max_rss_kib > h->parent_max_rss_kib)
		status->max_rss_kib = ended->max_rss_kib;
}

/* ended NULL: it cannot be known how. */
static void finish_ending(struct hold *h, const struct os_exit *ended) {
	h->status.how = HOLD_HOW_UNKNOWN;
	h->status.code = -1;
	if (!h->adopted)
		h->status.wall_ns = clock_now() - h->start_ns;
	if (ended)
		store_status(h, ended);
	os_close(atomic_exchange(&h->other_side, -1));
	atomic_store(&h->state, HELD_ENDED);
}

/* The status of a process that is not reaped here: -EAGAIN until it is reaped; -ENODATA: the kernel has no status. */
static int learn_after_reap(int pidfd, int64_t deadline, struct os_exit *ret) {
	int result = os_exit_of_reaped(pidfd, ret);

	if (result == -EAGAIN && os_wait_hung_up(pidfd, deadline) == 0)
		result = os_exit_of_reaped(pidfd, ret);
	return result;
}

/* Learns the status of a child of ours that has ended. */
static int conclude_child(struct hold *h, int64_t deadline) {
	struct os_exit ended;
	int result;

	if (!begin_ending(h))
		return 0;
	result = os_collect(h->pidfd, h->pid, true, &ended);
	if (result == 1) {
		/* A tracer waits for it first: waitid shows when that is done, the descriptor does not. */
		atomic_store(&h->state, HELD_ALIVE);
		return os_wait_end(-1, h->pid, deadline);
	}
	/* Another thread reaps it just now, or the kernel does for a host that ignores SIGCHLD. */
	if (result < 0)
		result = learn_after_reap(h->pidfd, clock_after_ms(STOLEN_PATIENCE), &ended);
	finish_ending(h, result == 0 ? &ended : NULL);
	return 0;
}

/* By when the parent of a process, of which it is known that it has ended, is to have reaped it. */
static int64_t reaping_limit(struct hold *h) {
	int64_t seen = 0;

	if (atomic_compare_exchange_strong(&h->end_seen_ns, &seen, clock_now()))
		seen = atomic_load(&h->end_seen_ns);
	return clock_add_ms(seen, STRANGER_PATIENCE);
}

/*
 * The keeper was killed before it had told how the process ended. The process is then the child of the next subreaper
 * above, which may be the caller; else another process reaps it. HOLD_PENDING: how it ended is not known yet.
 */
static int conclude_without_keeper(struct hold *h, int64_t deadline) {
	const int64_t limit = reaping_limit(h);
	struct os_exit ended;
	int result;

	if (os_wait_readable(h->keeper.pidfd, clock_earliest(deadline, limit)) == 1 && clock_now() < limit)
		return HOLD_PENDING;
	for (;;) {
		if (!begin_ending(h))
			return 0;
		result = os_collect(h->pidfd, h->pid, true, &ended);
		if (result < 0)
			result = os_exit_of_reaped(h->pidfd, &ended);
		if (result != -EAGAIN || clock_now() >= limit)
			break;
		atomic_store(&h->state, HELD_ALIVE);
		if (clock_now() >= deadline)
			return HOLD_PENDING;
		os_wait_hung_up(h->pidfd, clock_earliest(deadline, limit));
	}
	finish_ending(h, result == 0 ? &ended : NULL);
	return 0;
}

/* A child of its keeper, which tells. */
static int conclude_with_keeper(struct hold *h, int64_t deadline) {
	const int64_t patience = clock_after_ms(STOLEN_PATIENCE);
	struct os_exit ended;
	const int result = keeper_wait_exit(h, deadline > patience ? deadline : patience, &ended);

	if (result == -EPIPE)
		return conclude_without_keeper(h, deadline);
	if (result != 0)
		return result == 1 ? HOLD_PENDING : result;
	if (begin_ending(h))
		finish_ending(h, &ended);
	return 0;
}

/* Learns the status of an adopted process that has ended; we do not reap it. HOLD_PENDING: it is not known yet how. */
static int conclude_adopted(struct hold *h, int64_t deadline) {
	struct os_exit ended;
	int result = os_collect(h->pidfd, h->pid, false, &ended);

	if (result < 0) {
		const int64_t limit = reaping_limit(h);

		result = learn_after_reap(h->pidfd, clock_earliest(deadline, limit), &ended);
		if (result == -EAGAIN && clock_now() < limit)
			return HOLD_PENDING;
	}
	if (begin_ending(h))
		finish_ending(h, result == 0 ? &ended : NULL);
	return 0;
}

int hold_wait(struct hold *h, int64_t deadline, struct hold_status *ret) {
	int result = held_check(h);

	if (result == 0)
		result = structure_check(ret, sizeof *ret);
	while (result == 0 && atomic_load(&h->state) != HELD_ENDED) {
		if (atomic_load(&h->state) == HELD_ENDING) {
			os_yield();
			continue;
		}
		result = h->has_ended ? 0 : os_wait_end(h->pidfd, h->pid, deadline);
		if (result == 0 && h->adopted)
			result = conclude_adopted(h, deadline);
		else if (result == 0 && has_keeper(h))
			result = conclude_with_keeper(h, deadline);
		else if (result == 0)
			result = conclude_child(h, deadline);
	}
	if (result == 0)
		structure_give(ret, &h->status, sizeof h->status);
	return result;
}
