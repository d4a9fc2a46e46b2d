/* SPDX-License-Identifier: ISC */
/* What a descriptor tells of its process by itself, for the files beside this one. */
#ifndef OS_INFO_PIDFD_H
#define OS_INFO_PIDFD_H

#include <stdint.h>

/* The number of its parent, 0 for one that is not seen from here; -ESRCH: reaped. Others: not to be had so. */
int info_parent(int pidfd);

/* Its number; -ESRCH: reaped; -ENOSYS: not to be had so, or no descriptor of a process. */
int info_pid(int pidfd);

/* What tells the process from all others since the machine started; 0: this kernel does not tell. */
uint64_t info_inode(int pidfd);

#endif
