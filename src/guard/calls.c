/* SPDX-License-Identifier: ISC */
/* os_syscall of a guarded build: the plain one of os/arch-*, and a look at its result. */
#include "guard.h"
#include "os/calls.h"

__attribute__((visibility("hidden"))) long guard_plain_syscall(long number, long a, long b, long c, long d, long e,
							       long f);

/* poll(2) does not fail for a descriptor that is not open: it marks it with POLLNVAL. */
OS_IN_CHILD static long poll_answer(const struct os_pollfd *fds, unsigned long count, long answer, long *ret_fd) {
	for (unsigned long i = 0; i < count && answer > 0; i++) {
		if (fds[i].revents & POLLNVAL) {
			*ret_fd = fds[i].fd;
			return -EBADF;
		}
	}
	return answer;
}

OS_IN_CHILD long os_syscall(long number, long a, long b, long c, long d, long e, long f) {
	const long answer = guard_plain_syscall(number, a, b, c, d, e, f);
	long fd = a, seen = answer;

	if (number == SYS_ppoll)
		seen = poll_answer((const struct os_pollfd *)a, (unsigned long)b, answer, &fd);
	if (seen == -EBADF || seen == -ECHILD)
		guard_answer(number, fd, b, d, seen, __builtin_return_address(0));
	return answer;
}
