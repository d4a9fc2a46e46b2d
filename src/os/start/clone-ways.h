/* SPDX-License-Identifier: ISC */
/* Makes a child, by the best way that works here. */
#ifndef OS_CLONE_WAYS_H
#define OS_CLONE_WAYS_H

#include "os/calls.h"
#include "os/os.h"

/* The child's. Its calls are at most ten frames deep, the largest with 1 KiB of descriptors or directory entries. */
enum { CLONE_STACK_SIZE = 16384 };

struct clone_request {
	void (*run)(void *argument);
	void *argument;
	char *stack;         /* given: the memory is shared; NULL: it is copied */
	size_t stack_size;   /* CLONE_STACK_SIZE or more */
	unsigned long flags; /* CLONE_VFORK, CLONE_FILES; with the latter only the known way is tried */
	int exit_signal;
	int cgroup;                /* the directory of the group in which the child begins (only by clone3); 0: ours */
	bool may_fork;             /* fork, which shares nothing, is tried if all else is refused */
	int *ret_pid;              /* by clone3: 0, then the pid once the child exists; else -1. May be NULL */
	int *ret_handlers_cleared; /* set before the child runs: whether clone3 has cleared its handlers. May be NULL */
};

/* Every way that shares memory is refused, and the request may not fork. */
enum { CLONE_WOULD_FORK = -ERESTART };

/* Returns the child's pid or an error, and stores its descriptor, or -1 where the kernel gives none. */
long clone_child(const struct clone_request *request, int *ret_pidfd);

/* Whether an error means that the way does not exist here, and not that no process can be made now. */
bool clone_is_refusal(long error);

#endif
