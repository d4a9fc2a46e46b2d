/* SPDX-License-Identifier: ISC */
/* What spawn-clone.c and the child that it makes (child.c) share: this structure, in the parent's frame. */
#ifndef OS_CHILD_H
#define OS_CHILD_H

#include "calls.h"
#include "os.h"
#include "table-cut.h"

enum { OS_EXECUTING = -100 }; /* beside OS_FAILED_...: not a failure, the mark that exec is next */

struct os_launch {
	const struct os_plan *plan;
	uint64_t mask; /* the child's signal mask */
	int status_fd; /* -1: the memory is known to be shared, and no deadline is set */
	struct table table;
	int handlers_cleared;
	int parent_pid, parent_thread;
	bool is_late; /* it was killed when the deadline passed */
	/* Written by the child. While error is 0, failed is the operation that may block. */
	volatile int memory_is_shared, executing, failed, error, niceness, autogroup;
};

/* The same through the pipe, for a child whose memory is a copy. Smaller than PIPE_BUF, so written as one. */
struct os_message {
	int what;  /* OS_EXECUTING, OS_FAILED_..., or an operation */
	int error; /* 0: of an operation that it is about to begin */
	int niceness, autogroup;
};

void os_child(void *launch);

#endif
