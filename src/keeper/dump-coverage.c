/* SPDX-License-Identifier: ISC */
/* For a coverage build, where the keeper has libc: it ends by a bare system call, so the counters are written here. */
#include "os/calls.h"

void __gcov_dump(void);
long __real_os_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_os_syscall(long number, long a, long b, long c, long d, long e, long f);

long __wrap_os_syscall(long number, long a, long b, long c, long d, long e, long f) {
	if (number == SYS_exit_group) {
		__real_os_syscall(SYS_membarrier, -1, 0, 0, 0, 0, 0); /* tells tests/inject to ignore libgcov */
		__gcov_dump();
	}
	return __real_os_syscall(number, a, b, c, d, e, f);
}
