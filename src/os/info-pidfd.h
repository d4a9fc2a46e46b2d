/* SPDX-License-Identifier: ISC */
/* What a descriptor tells of its process by itself, for the files beside this one. */
#ifndef OS_INFO_PIDFD_H
#define OS_INFO_PIDFD_H

/* The number of its parent, 0 for one that is not seen from here; -ESRCH: reaped. Others: not to be had so. */
int info_parent(int pidfd);

#endif
