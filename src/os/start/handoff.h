/* SPDX-License-Identifier: ISC */
/* What a child (child.c, child-fork.c) shares with its parent, which is the caller or a keeper. */
#ifndef OS_HANDOFF_H
#define OS_HANDOFF_H

#include "os/calls.h"
#include "os/os.h"
#include "table-cut.h"

/* Messages beside OS_FAILED_... that are no failures: exec is next; a child of a keeper waits for the owner's byte. */
enum { OS_EXECUTING = -100, OS_BEGUN = -101 };

struct os_handoff {
	const struct os_plan *plan;
	uint64_t mask; /* the child's signal mask */
	uint64_t callers_mask;
	int status_fd; /* -1: the memory is known to be shared, and no deadline is set */
	struct child_table table;
	int handlers_cleared;
	int parent_pid, parent_thread;
	bool is_late;     /* it was killed when the deadline passed */
	bool is_given_up; /* it was killed because the caller said so */
	bool has_keeper;  /* started by a keeper: it waits for a byte by status_fd, and dies with its parent */
	int join;         /* the directory of the control group that it joins before it waits; -1: none */
	/* Written by the child. While error is 0, failed is the operation that runs now and may block. */
	volatile int memory_is_shared, has_begun, executing, failed, error, niceness, autogroup;
};

/* The same through the pipe, for a child whose memory is a copy. It is smaller than PIPE_BUF, so no write is split. */
struct os_message {
	int what;  /* OS_EXECUTING, OS_FAILED_..., or an operation */
	int error; /* 0: the operation is about to begin */
	int niceness, autogroup;
};

#endif
