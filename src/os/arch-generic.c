/* SPDX-License-Identifier: ISC */
/*
 * The system calls of any architecture, through libc: errno is kept, and a child on a stack of its own comes from
 * libc's clone. There is no clone3, so start/clone-ways.c begins with its second way.
 */
#include "calls.h"

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <unistd.h>

long os_syscall(long number, long a, long b, long c, long d, long e, long f) {
	int saved_errno = errno;
	long result = syscall(number, a, b, c, d, e, f);

	if (result == -1) {
		result = -errno;
		errno = saved_errno;
	}
	return result;
}

long os_clone3(struct os_clone_args *args, size_t size, void (*run)(void *), void *argument) {
	(void)args, (void)size, (void)run, (void)argument;
	return -ENOSYS;
}

struct clone_start {
	void (*run)(void *);
	void *argument;
};

static int run_start(void *start) {
	((struct clone_start *)start)->run(((struct clone_start *)start)->argument);
	return 127;
}

long os_clone(unsigned long flags, void *stack_top, int *pidfd, void (*run)(void *), void *argument) {
	int saved_errno = errno;
	struct clone_start *start;
	long result;

	if (!stack_top) { /* the memory is not shared: the child uses its copy of this stack */
		result = os_syscall(SYS_clone, (long)flags, 0, (long)pidfd, 0, 0, 0);
		if (result == 0)
			run(argument);
		return result;
	}
	/* on the child's stack: without CLONE_VFORK this frame may be gone first */
	start = (struct clone_start *)stack_top - 1;
	*start = (struct clone_start){ run, argument };
	result = clone(run_start, (void *)((uintptr_t)start & ~(uintptr_t)15), (int)flags, start, pidfd, NULL, NULL);
	if (result == -1) {
		result = -errno;
		errno = saved_errno;
	}
	return result;
}
