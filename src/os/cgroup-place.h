/* SPDX-License-Identifier: ISC */
/* Where control groups of version 2 are mounted, and which of them is the caller's own. */
#ifndef OS_CGROUP_PLACE_H
#define OS_CGROUP_PLACE_H

/*
 * Opens the directory of the caller's own group, whose path is stored (PATH_MAX bytes), with the name of the directory
 * in it. -ENOSYS: there is none that can be seen. *ret_need: what is missing then.
 */
int cgroup_open_own(const char **ret_name, char *path, const char **ret_need);

#endif
