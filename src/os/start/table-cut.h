/* SPDX-License-Identifier: ISC */
/* The table of descriptors of a child that is about to be made. */
#ifndef OS_TABLE_CUT_H
#define OS_TABLE_CUT_H

#include "os/os.h"

/* As many descriptors are fetched as the kernel passes in one message (SCM_MAX_FD). */
enum { TABLE_FETCH_MAX = 253 };

struct child_table {
	enum os_table way;
	int cut;      /* it is the parent's own up to where the child cuts it; -1: a copy */
	int receiver; /* a socket with what is fetched; -1: the child takes it by pidfd_getfd, or there is nothing */
	int sender;   /* its other end */
};

/* For a child that gets a copy. */
#define TABLE_COPY ((struct child_table){ OS_TABLE_COPIED, -1, -1, -1 })

struct child_table table_prepare(const struct os_plan *plan);
void table_done(struct child_table *table);

/*
 * The child could not do it (`failed`: OS_FAILED_CUT or OS_FAILED_FETCH). What the system refuses is not asked for
 * again: true if it is such an error, so that another table_prepare gives another answer.
 */
bool table_learn(const struct os_plan *plan, const struct child_table *table, int failed, int error);

#endif
