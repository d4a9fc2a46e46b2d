/* SPDX-License-Identifier: ISC */
/*
 * The end of keepers. After its hold was released, a keeper that is still ending its tree goes on for as long as that
 * takes. It is our child, so it is reaped here once it has ended: at a later release, start, probe, or
 * reaping of orphans.
 */
#include "os/calls.h"
#include "os/os.h"
#include "os/wait-pidfd.h"
#include "base/clock.h"
#include "base/waits.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

enum { LATE = 1024 }; /* as many are remembered; others stay zombies until we end */

static struct os_keeper late[LATE];
static int late_count;
static uint64_t late_owner; /* os_owner() of the process whose children these are */
static struct os_owner_lock late_lock;

/* Reaps a keeper that has ended. false: a tracer waits for it first, and may take any time. */
static bool reap_keeper(const struct os_keeper *keeper) {
	siginfo_t info;

	if (wait_child(keeper->pidfd, keeper->pid, WEXITED | WNOHANG | __WALL, &info, NULL) == 0 && !info.si_pid)
		return false;
	os_close(keeper->pidfd);
	return true;
}

/* By one call for all; where that fails (RLIMIT_NOFILE may be lower now) each is asked. */
static void reap_late(void) {
	static struct os_pollfd polled[LATE];
	struct os_timespec now = { 0, 0 };
	int found;

	for (int i = 0; i < late_count; i++)
		polled[i] = (struct os_pollfd){ late[i].pidfd, POLLIN, 0 };
	found = late_count ? call_ppoll(polled, (unsigned)late_count, &now) : 0;
	for (int i = late_count; found && i-- > 0;) { /* what takes the place of one was behind it, and was asked */
		const bool has_ended = found < 0 ? os_wait_readable(late[i].pidfd, CLOCK_PAST) == 0 : polled[i].revents;

		if (has_ended && reap_keeper(&late[i]))
			late[i] = late[--late_count];
	}
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
	if (late_count == LATE)
		reap_late();
	has_room = late_count < LATE;
	os_owner_lock_leave(&late_lock);
	return has_room;
}

void os_keeper_release(struct os_keeper *keeper, int64_t deadline) {
	int64_t slice;
	int result = 1;

	while (result == 1) {
		slice = clock_after_ms(WAKE_MS);
		result = os_wait_readable(keeper->pidfd, clock_earliest(slice, deadline));
		if (result != 1 || clock_now() >= deadline)
			break;
		os_keeper_wake(keeper);
	}
	if ((result != 0 || !reap_keeper(keeper)) && !remember_late(keeper))
		os_close(keeper->pidfd);
	os_close(keeper->socket);
	*keeper = (struct os_keeper){ .pidfd = -1, .socket = -1 };
}
