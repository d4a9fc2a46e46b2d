/* SPDX-License-Identifier: ISC */
/*
 * The end of keepers. After its hold was released, a keeper that is still ending its tree goes on for as long as that
 * takes. It is our child, so it is reaped here once it has ended: at a later release, start, probe, or
 * reaping of orphans.
 */
#include "os/calls.h"
#include "os/os.h"
#include "os/wait-child.h"
#include "base/clock.h"
#include "base/waits.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

enum {
	LATE = 1088,       /* as many are remembered; others stay zombies until we end */
	LATE_LIMIT = 1024, /* for releases that can be refused; the rest is for those that cannot */
	WOKEN = 16         /* at a time */
};

static struct os_keeper late[LATE];
static int late_count, next_woken;
static _Atomic int left_group; /* a late keeper was killed, and its control group may have members */
static uint64_t late_owner;    /* os_owner() of the process whose children these are */
static struct os_owner_lock late_lock;

/* Reaps a keeper that has ended. false: a tracer waits for it first, and may take any time. */
static bool reap_keeper(const struct os_keeper *keeper, bool *ret_was_killed) {
	siginfo_t info;
	const int result = wait_child(keeper->pidfd, keeper->pid, WEXITED | WNOHANG | __WALL, &info, NULL);

	if (result == 0 && !info.si_pid)
		return false;
	*ret_was_killed = result != 0 || info.si_code != CLD_EXITED || info.si_status != 0;
	os_close(keeper->pidfd);
	return true;
}

/* Whether each has ended. By one call for all; where that fails (RLIMIT_NOFILE may be lower now) each is asked. */
static void find_ended(struct os_pollfd *polled) {
	struct os_timespec now = { 0, 0 };

	for (int i = 0; i < late_count; i++)
		polled[i] = (struct os_pollfd){ late[i].pidfd, POLLIN, 0 };
	if (late_count == 0 || call_ppoll(polled, (unsigned)late_count, &now) >= 0)
		return;
	for (int i = 0; i < late_count; i++)
		polled[i].revents = os_wait_readable(late[i].pidfd, CLOCK_PAST) == 0;
}

/* Any of them may have been stopped since; some are continued each time. */
static void wake_some(void) {
	for (int i = 0; i < WOKEN && i < late_count; i++)
		os_keeper_wake(&late[next_woken++ % late_count]);
	next_woken %= LATE;
}

static void reap_late(void) {
	static struct os_pollfd polled[LATE];
	bool was_killed;

	find_ended(polled);
	for (int i = late_count; i-- > 0;) { /* the last one, which takes the place of one that has ended, was asked */
		if (!polled[i].revents || !reap_keeper(&late[i], &was_killed))
			continue;
		late[i] = late[--late_count];
		if (was_killed)
			atomic_store(&left_group, true);
	}
	wake_some();
}

/* In a forked child the keepers of the parent are forgotten, and the copies of their descriptors closed. */
static void forget_foreign(void) {
	if (late_owner == os_owner_now())
		return;
	while (late_count > 0)
		os_close(late[--late_count].pidfd);
	late_owner = os_owner_now();
}

static bool remember(const struct os_keeper *keeper) {
	if (late_count == LATE)
		return false;
	late[late_count++] = *keeper;
	return true;
}

static bool remember_late(const struct os_keeper *keeper) {
	bool is_remembered;

	if (!os_owner_lock_take(&late_lock))
		return false;
	forget_foreign();
	if (late_count == LATE)
		reap_late();
	is_remembered = remember(keeper);
	os_owner_lock_leave(&late_lock);
	return is_remembered;
}

/* A thread that finds another one here leaves it to that one. */
void os_keeper_reap_late(void) {
	if (!os_owner_lock_try(&late_lock))
		return;
	forget_foreign();
	reap_late();
	os_owner_lock_leave(&late_lock);
}

bool os_keeper_left_group(void) {
	return atomic_exchange(&left_group, 0) != 0;
}

bool os_keeper_is_late(int pid) {
	bool found = false;

	if (!os_owner_lock_take(&late_lock))
		return false;
	forget_foreign();
	for (int i = 0; i < late_count && !found; i++)
		found = late[i].pid == pid;
	os_owner_lock_leave(&late_lock);
	return found;
}

bool os_keeper_may_be_late(void) {
	bool has_room;

	if (!os_owner_lock_take(&late_lock))
		return false;
	forget_foreign();
	if (late_count >= LATE_LIMIT)
		reap_late();
	has_room = late_count < LATE_LIMIT;
	os_owner_lock_leave(&late_lock);
	return has_room;
}

void os_keeper_release(struct os_keeper *keeper, int64_t deadline) {
	bool was_killed;
	int64_t slice;
	int result = 1;

	while (result == 1) {
		slice = clock_after_ms(WAKE_MS);
		result = os_wait_readable(keeper->pidfd, clock_earliest(slice, deadline));
		if (result != 1 || clock_now() >= deadline)
			break;
		os_keeper_wake(keeper);
	}
	if ((result != 0 || !reap_keeper(keeper, &was_killed)) && !remember_late(keeper))
		os_close(keeper->pidfd);
	os_close(keeper->socket);
	*keeper = (struct os_keeper){ .pidfd = -1, .socket = -1 };
}
