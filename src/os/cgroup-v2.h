/* SPDX-License-Identifier: ISC */
/* One control group of version 2, by its directory's descriptor: for the library and for the keeper. */
#ifndef OS_CGROUP_V2_H
#define OS_CGROUP_V2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Kills all processes in it and below it, at once: a process that is forked meanwhile is killed too. */
int cgroup_kill(int dirfd);

/*
 * Kills processes that cgroup_kill left, a few at a time: the kernel's kill passes over a process whose first thread
 * has ended while others live.
 */
void cgroup_kill_rest(int dirfd);

/* How many processes are in it. Those below it are not counted. */
long cgroup_count(int dirfd);

/* Whether no process is in it or below it: 1, 0, or an error. */
int cgroup_is_empty(int dirfd);

/* Moves all its processes into the group above. */
void cgroup_let_go(int dirfd);

/* Removes it and the groups below it, which must be empty. `name` is that of its directory. */
int cgroup_remove(int dirfd, const char *name);

#endif
