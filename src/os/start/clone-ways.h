/* SPDX-License-Identifier: ISC */
/* Making a child, by whichever way there is. */
#ifndef OS_CLONE_WAYS_H
#define OS_CLONE_WAYS_H

#include "os/calls.h"
#include "os/os.h"

/* Of the child; it calls no further than ten frames, the largest with 1 KiB of descriptors or directory entries. */
enum { CLONE_STACK_SIZE = 16384 };

struct clone_request {
	void (*run)(void *argument);
	void *argument;
	char *stack;         /* and the memory is shared; NULL: it is copied */
	size_t stack_size;   /* CLONE_STACK_SIZE or more */
	unsigned long flags; /* CLONE_VFORK, CLONE_FILES: the latter only by the way that is known to work */
	int exit_signal;
	int cgroup;    /* the directory of the one in which the child begins (clone3 alone knows); 0: ours */
	bool may_fork; /* fork, which shares nothing, will do if all else is refused */
	int *ret_pid;  /* 0, then the pid once the child exists; -1 but by clone3. May be NULL */
	int *ret_handlers_cleared; /* before the child runs: whether none of its signals has a handler. May be NULL */
};

/* All that shares memory is refused, and the request may not fork. */
enum { CLONE_WOULD_FORK = -ERESTART };

/* The child's pid, and its descriptor, or -1 where the kernel gives none; or an error. */
long clone_child(const struct clone_request *request, int *ret_pidfd);

/* Whether an error says that the way does not exist here, rather than that no process can be had now. */
bool clone_is_refusal(long error);

#endif
