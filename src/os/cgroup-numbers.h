/* SPDX-License-Identifier: ISC */
/* What a control group of version 2 has counted, by its directory's descriptor: for the library and for the keeper. */
#ifndef OS_CGROUP_NUMBERS_H
#define OS_CGROUP_NUMBERS_H

#include "os.h"

/*
 * The sum of the numbers that follow the word `key` in a file of the group; with "" the number with which the file
 * begins. -ENODATA: there is none; -ERANGE: it is too large; other errors are those of open(2) and read(2).
 */
int64_t cgroup_number(int dirfd, const char *file, const char *key);

/* Stores what the group has counted; -1 where it has not. `signalled` and `dumped` are left alone. */
void cgroup_read_use(int dirfd, struct os_tree_use *ret);

#endif
