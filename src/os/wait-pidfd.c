/* SPDX-License-Identifier: ISC */
/* The status of one process, never of any: waitid by its descriptor, or by the number of a child. See wait-end.c. */
#include "wait-child.h"
#include "calls.h"
#include "os.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

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
