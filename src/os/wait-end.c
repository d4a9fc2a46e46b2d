/* SPDX-License-Identifier: ISC */
/*
 * Waiting for one process, never for any: on its descriptor, with poll for the deadline and waitid for the status.
 * Without descriptors (before Linux 5.3) waitid by number is used, for children only: the number of a child cannot be
 * used again before it is reaped here. A deadline is then met by looks at intervals, since nothing can be polled.
 */
#include "calls.h"
#include "os.h"
#include "wait-child.h"
#include "base/clock.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

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

int os_wait_end(int pidfd, int pid, int64_t deadline) {
	return pidfd < 0 ? look_until(pid, deadline) : os_wait_readable(pidfd, deadline);
}
