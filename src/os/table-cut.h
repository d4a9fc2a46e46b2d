/* SPDX-License-Identifier: ISC */
/* The table of descriptors of a child that is about to be made. */
#ifndef OS_TABLE_CUT_H
#define OS_TABLE_CUT_H

#include "os.h"

/* As many descriptors as the kernel passes in one message (SCM_MAX_FD). */
enum { TABLE_FETCH_MAX = 253 };

struct table {
	enum os_table way;
	int cut;      /* it is the parent's own up to where the child cuts it; -1: a copy */
	int receiver; /* the socket from which the child takes what lies above the cut; -1: nothing does */
};

/* For a child that gets a copy. */
#define TABLE_COPY ((struct table){ OS_TABLE_COPIED, -1, -1 })

struct table table_prepare(const struct os_plan *plan);
void table_done(struct table *table);

/* What the child could not do (an error of OS_FAILED_CUT or OS_FAILED_FETCH): whether it is asked for again. */
void table_learn(int failed, int error);

#endif
