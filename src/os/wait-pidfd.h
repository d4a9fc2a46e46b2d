/* SPDX-License-Identifier: ISC */
/* waitid(2) of a child by its descriptor, for the files beside this one. */
#ifndef OS_WAIT_PIDFD_H
#define OS_WAIT_PIDFD_H

#include <signal.h>
#include <sys/resource.h>

enum { WAIT_PIDFD = 3 }; /* P_PIDFD, Linux 5.4 */

/* By number only where there is no descriptor, or the kernel takes none. Through every interruption; usage: or NULL. */
int wait_child(int pidfd, int pid, int options, siginfo_t *info, struct rusage *usage);

#endif
