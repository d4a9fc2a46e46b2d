/* SPDX-License-Identifier: ISC */
/* waitid(2) of a child by its descriptor, for the files beside this one. */
#ifndef OS_WAIT_PIDFD_H
#define OS_WAIT_PIDFD_H

#include "calls.h"

#include <signal.h>
#include <sys/resource.h>

enum { WAIT_PIDFD = 3 }; /* P_PIDFD, Linux 5.4 */

/* By number only where there is no descriptor, or the kernel takes none. Through every interruption; usage: or NULL. */
int wait_child(int pidfd, int pid, int options, siginfo_t *info, struct rusage *usage);

/*
 * For a call that waits until a deadline. Where the kernel takes seconds of 32 bits it waits for 63 years at most, and
 * by poll(2) for 23 days: so that no time was left is looked for, and not concluded.
 */
struct os_timespec time_left(int64_t deadline);

#endif
