/* SPDX-License-Identifier: ISC */
/* A control group with a limit on processes, which this program enters with all that it starts: a fence around it. */
#ifndef BENCH_CAPPED_H
#define BENCH_CAPPED_H

#include <stdbool.h>
#include <sys/types.h>

/* false: none can be made here. */
bool capped_begin(int most);

/* Who lives in it beside this program and `helper`, 0 for nobody. */
int capped_count_others(pid_t helper);

/* Ends them, and reaps those that are children of this process. */
void capped_end_others(pid_t helper);

/* Back to where this program was, and removes the group. */
void capped_end(void);

/* The folder of this program's group of version 2; NULL: there is none. */
const char *own_group_of_version_2(void);

void write_text(const char *path, const char *text);

#endif
