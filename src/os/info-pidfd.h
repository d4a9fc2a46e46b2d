/* SPDX-License-Identifier: ISC */
/* What a descriptor says about its process without /proc, for the files beside this one. */
#ifndef OS_INFO_PIDFD_H
#define OS_INFO_PIDFD_H

#include <stdint.h>

/* The pid of its parent; 0: that is not visible in our PID namespace; -ESRCH: reaped; others: not supported here. */
int info_parent(int pidfd);

/* Its pid; -ESRCH: reaped; -ENOSYS: not supported here, or not a descriptor of a process. */
int info_pid(int pidfd);

/* The inode, which no other process has until the machine stops; 0: this kernel has none. */
uint64_t info_inode(int pidfd);

#endif
