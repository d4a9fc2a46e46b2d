/* SPDX-License-Identifier: ISC */
/*
 * Waiting for one process, never for any: on its descriptor, with poll for the deadline and waitid for the status.
 * Without descriptors (before Linux 5.3) waitid by number is used, for children only: the number of a child cannot be
 * used again before it is reaped here. A deadline is then met by looks at intervals, since nothing can be polled.
 */
#include "wait-pidfd.h"
#include "calls.h"
#include "os.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

void os_yield(void) {
	OS_CALL(SYS_sched_yield, 0, 0, 0, 0, 0);
}

struct os_timespec time_left(int64_t deadline) {
	enum { NS_PER_S = 1000000000, MOST_SECONDS = 2000000000 };
	const int64_t now = clock_now(), left = deadline > now ? deadline - now : 0;

	if (left / NS_PER_S >= MOST_SECONDS)
		return (struct os_timespec){ MOST_SECONDS, 0 };
	return (struct os_timespec){ (long)(left / NS_PER_S), (long)(left % NS_PER_S) };
}

/* poll with a deadline, repeated when interrupted. Returns revents, or 0 when the deadline has passed. */
static int poll_until(int fd, short events, int64_t deadline) {
	struct os_pollfd poll = { fd, events, 0 };
	struct os_timespec timeout;
	int result;

	do {
		timeout = time_left(deadline);
		result = call_ppoll(&poll, 1, deadline == INT64_MAX ? NULL : &timeout);
	} while (result == -EINTR || (result == 0 && clock_now() < deadline));
	return result > 0 ? poll.revents : result;
}

int wait_child(int pidfd, int pid, int options, siginfo_t *info, struct os_usage *usage) {
	int result = -EINVAL;

	do {
		memset(info, 0, sizeof *info); /* with WNOHANG success may leave it unwritten: pid 0 */
		if (pidfd >= 0)
			result = call_waitid(WAIT_PIDFD, pidfd, info, options, usage);
		/* The kernel lacks P_PIDFD, or a filter refuses it. A child's number is its own until it is reaped. */
		if (pidfd < 0 || result == -EINVAL || result == -ENOSYS || result == -EPERM || result == -EACCES)
			result = call_waitid(P_PID, pid, info, options, usage);
	} while (result == -EINTR);
	return result;
}

/* Looks at growing intervals, 1 to 64 ms, where there is nothing to poll. */
static int look_until(int pid, int64_t deadline) {
	struct os_timespec pause = { 0, 1000000 };
	siginfo_t info;
	int result;

	for (;;) {
		result = wait_child(-1, pid, WEXITED | WNOWAIT | (deadline == INT64_MAX ? 0 : WNOHANG), &info, NULL);
		if (result < 0)
			return result == -ECHILD ? 0 : result; /* other code has reaped it, so it has ended */
		if (info.si_pid)
			return 0;
		if (clock_now() >= deadline)
			return 1;
		call_ppoll(NULL, 0, &(struct os_timespec){ pause.seconds, pause.nanoseconds });
		if (pause.nanoseconds < 50000000)
			pause.nanoseconds *= 2;
	}
}

int os_wait_readable(int fd, int64_t deadline) {
	const int events = poll_until(fd, POLLIN, deadline);

	if (events < 0)
		return events;
	if (events & POLLNVAL) /* other code has closed our descriptor */
		return -EBADF;
	return events ? 0 : 1;
}

void os_sleep(int64_t deadline) {
	const struct os_timespec time = time_left(deadline);

	if (clock_now() < deadline)
		call_nanosleep(&time);
}

int os_wait_end(int pidfd, int pid, int64_t deadline) {
	return pidfd < 0 ? look_until(pid, deadline) : os_wait_readable(pidfd, deadline);
}

int os_wait_hung_up(int fd, int64_t deadline) {
	const int events = poll_until(fd, 0, deadline); /* poll reports POLLHUP unasked */

	if (events < 0)
		return events;
	return events & POLLHUP ? 0 : 1;
}

int os_collect(int pidfd, int pid, bool reap, struct os_exit *ret) {
	struct os_usage usage;
	siginfo_t info;
	int result = wait_child(pidfd, pid, WEXITED | WNOHANG | (reap ? 0 : WNOWAIT), &info, &usage);

	if (result < 0)
		return result;
	if (!info.si_pid)
		return 1;
	ret->wait_status = info.si_code == CLD_EXITED ? (info.si_status & 0xff) << 8
						      : info.si_status | (info.si_code == CLD_DUMPED ? 0x80 : 0);
	ret->has_usage = true;
	ret->user_us = usage_user_us(&usage);
	ret->system_us = usage_system_us(&usage);
	ret->max_rss_kib = usage.max_rss_kib;
	return 0;
}
