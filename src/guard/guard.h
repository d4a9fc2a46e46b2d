/* SPDX-License-Identifier: ISC */
/*
 * The guard of a test build (meson setup -Dguard=true): a descriptor or a child that is used after it was given up ends
 * the process with SIGABRT. In a program with threads such a number may be in use again by other code. In a test, where
 * it is not used again, the kernel's EBADF or ECHILD is the only trace.
 *
 * The finding goes to standard error and to the file GUARD_LOG, since the keeper has no standard error, and a process
 * that is expected to fail hides an abort. tests/summary fails if the file has a line.
 *
 * A test that takes a child or a descriptor away on purpose says so in its environment: PIDHOLD_GUARD=child or
 * PIDHOLD_GUARD=descriptor excuses the process and its descendants from then on.
 */
#ifndef GUARD_H
#define GUARD_H

#include <poll.h>
#include <signal.h>
#include <stdint.h>

/*
 * Ends the process unless `answer`, a negative errno, is an expected result of system call `number` with its first two
 * arguments and, for waitid, its options.
 */
__attribute__((visibility("hidden"))) void guard_answer(long number, long a, long b, long options, long answer,
							const void *return_address);

#endif
