/* SPDX-License-Identifier: ISC */
/* What comes from the child between clone and exec: for those who start it, directly or through a keeper. */
#ifndef OS_CHILD_STATUS_H
#define OS_CHILD_STATUS_H

#include "child.h"

/*
 * Takes in what the child says by the descriptor `fd`, up to its failure, its exec or its end. 0; 1: the deadline has
 * passed. pidfd may be -1 for a child of the caller's.
 */
int status_receive(struct os_handoff *handoff, int pid, int pidfd, int fd, int64_t deadline);

/* The next message: 1; 0: none, it is at its end, or it is a failure; a negative errno. It does not wait. */
int status_receive_one(struct os_handoff *handoff, int fd);

/* 0: the program has been executed; else the error, and in *ret_failed the operation or an OS_FAILED_... */
int status_outcome(const struct os_handoff *handoff, int *ret_failed);

#endif
