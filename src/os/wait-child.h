/* SPDX-License-Identifier: ISC */
/* Waits of the files beside this one: waitid(2) of a child, and poll(2). */
#ifndef OS_WAIT_CHILD_H
#define OS_WAIT_CHILD_H

#include "calls.h"

#include <signal.h>
#include <sys/resource.h>

enum { WAIT_PIDFD = 3 }; /* P_PIDFD, Linux 5.4 */

/* By number only without a descriptor, or if the kernel takes none. Repeated when interrupted; usage may be NULL. */
int wait_child(int pidfd, int pid, int options, siginfo_t *info, struct os_usage *usage);

/*
 * The time left, for a call that waits until a deadline. Such a call waits for 63 years at most (a kernel may take
 * seconds of 32 bits), and by poll(2) for 23 days: so after it the caller looks at the clock.
 */
struct os_timespec time_left(int64_t deadline);

#endif
