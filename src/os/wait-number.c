/* SPDX-License-Identifier: ISC */
/* The status of a child, by its number, which is its own until it is reaped. */
#include "calls.h"
#include "os.h"
#include "wait-child.h"

#include <string.h>

int wait_child(int pidfd, int pid, int options, siginfo_t *info, struct os_usage *usage) {
	int result;

	(void)pidfd, (void)usage;
	do {
		memset(info, 0, sizeof *info); /* with WNOHANG success may leave it unwritten: pid 0 */
		result = call_waitid(P_PID, pid, info, options);
	} while (result == -EINTR);
	return result;
}

static int wait_with_usage(int pid, int *ret_status, struct rusage *ret) {
	CALL_BY_LIBC(int, wait4(pid, ret_status, WNOHANG, ret));
}

static int64_t microseconds(const struct timeval *time) {
	return (int64_t)time->tv_sec * 1000000 + time->tv_usec;
}

static int status_of(const siginfo_t *info) {
	return info->si_code == CLD_EXITED ? (info->si_status & 0xff) << 8
					   : info->si_status | (info->si_code == CLD_DUMPED ? 0x80 : 0);
}

static int peek(int pid, struct os_exit *ret) {
	siginfo_t info;
	const int result = wait_child(-1, pid, WEXITED | WNOHANG | WNOWAIT, &info, NULL);

	if (result < 0 || !info.si_pid)
		return result < 0 ? result : 1;
	*ret = (struct os_exit){ .wait_status = status_of(&info) };
	return 0;
}

int os_collect(int pidfd, int pid, bool reap, struct os_exit *ret) {
	struct rusage usage;
	int status, result;

	(void)pidfd;
	if (!reap)
		return peek(pid, ret);
	do
		result = wait_with_usage(pid, &status, &usage);
	while (result == -EINTR);
	if (result <= 0)
		return result < 0 ? result : 1;
	*ret = (struct os_exit){ .wait_status = status,
				 .has_usage = true,
				 .user_us = microseconds(&usage.ru_utime),
				 .system_us = microseconds(&usage.ru_stime),
				 .max_rss_kib = system_rss_kib(usage.ru_maxrss) };
	return 0;
}

int os_exit_of_reaped(int pidfd, struct os_exit *ret) {
	(void)pidfd, (void)ret;
	return -ENODATA;
}
