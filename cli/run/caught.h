/* SPDX-License-Identifier: ISC */
/*
 * The signals that hold listens to. They are blocked and read from a descriptor, so that none is lost between a look
 * and the wait, and no call is ever interrupted by one. A signal that hold's caller ignores stays ignored, with
 * two exceptions: SIGINT and SIGQUIT, which a shell ignores for each of a script's background jobs, are heard if a
 * process sends them.
 */
#ifndef CLI_CAUGHT_H
#define CLI_CAUGHT_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* Call once, before any of the others. SIGPIPE is blocked too. false: errno says why. */
bool caught_listen(const sigset_t *signals);

/* The caller's signal mask, for the command: bit signal - 1. */
uint64_t caught_callers_mask(void);

/* Call once the command has been started: it inherits from hold which signals are ignored. */
void caught_listen_to_ignored(void);

/*
 * Waits for a descriptor, a signal or the deadline (as hold's: ns, monotonic). The descriptors' revents are set;
 * behind them `fds` has room for one more. There are CAUGHT_FDS_MOST at most.
 * false: signals and the deadline are seen, the descriptors cannot be waited for, and errno says why.
 */
enum { CAUGHT_FDS_MOST = 63 };

bool caught_wait(struct pollfd *fds, unsigned count, int64_t deadline);

/* The next signal that came, or 0. From the kernel: no process sent it; for SIGINT and its like, a terminal did. */
int caught_take(bool *ret_from_kernel);

/* Stops this process, as the signal's default would, until it is continued. */
void caught_stop(int signal);

/* At this deadline this process is continued if it is stopped. */
void caught_wake_at(int64_t deadline);

/* Ends this process by the signal, as if it had never been listened to. */
__attribute__((noreturn)) void caught_die_of(int signal);

#endif
