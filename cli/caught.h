/* SPDX-License-Identifier: ISC */
/*
 * The signals that hold listens to. They are blocked but while caught_wait waits, so that none is lost between a look
 * and the wait, and no call is ever interrupted by one. A signal that hold's caller ignores stays ignored.
 */
#ifndef CLI_CAUGHT_H
#define CLI_CAUGHT_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* Call once, before any of the others: keeps the mask as the caller left it, for the command. */
void caught_begin(void);
uint64_t caught_callers_mask(void); /* bit signal - 1 */

void caught_listen(int signal);

/* Waits for a descriptor, a signal or the deadline (as hold's: ns, monotonic). The descriptors' revents are set. */
void caught_wait(struct pollfd *fds, unsigned count, int64_t deadline);

/* The next signal that came, or 0. From the terminal: the kernel sent it, to the whole foreground group. */
int caught_take(bool *ret_from_terminal);

/* Ends this process by the signal, as if it had never been listened to. */
__attribute__((noreturn)) void caught_die_of(int signal);

#endif
