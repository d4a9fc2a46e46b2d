/* SPDX-License-Identifier: ISC */
/* A control group with a limit on processes, which this program and its descendants are in: a fence around them. */
#ifndef BENCH_CAPPED_H
#define BENCH_CAPPED_H

#include <stdbool.h>
#include <sys/types.h>

/* false: no such group can be made here. */
bool capped_begin(int most);

/* Returns how many processes are in it beside this program and `helper` (0: there is no helper). */
int capped_count_others(pid_t helper);

/* Ends them, and reaps those that are children of this process. */
void capped_end_others(pid_t helper);

/* Moves this program back to its former group, and removes the group. */
void capped_end(void);

/* The directory of this program's group of version 2; NULL: there is none. */
const char *own_group_of_version_2(void);

void write_text(const char *path, const char *text);

#endif
