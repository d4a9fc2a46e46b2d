/* SPDX-License-Identifier: ISC */
/* What the child says between clone and exec, for the caller that starts it, directly or through a keeper. */
#ifndef OS_CHILD_STATUS_H
#define OS_CHILD_STATUS_H

#include "handoff.h"

/*
 * Receives what the child says through the descriptor `fd`, up to its failure, its exec or its end. 0; 1: the deadline
 * has passed. pidfd may be -1 for a child of the caller.
 */
int status_receive(struct os_handoff *handoff, int pid, int pidfd, int fd, int64_t deadline);

/* Receives a message: 1; 0: the other end is closed, or the message is a failure; a negative errno. */
int status_receive_one(struct os_handoff *handoff, int fd);

/* 0: the program has been executed; else the error, and in *ret_failed the operation or an OS_FAILED_... */
int status_outcome(const struct os_handoff *handoff, int *ret_failed);

#endif
