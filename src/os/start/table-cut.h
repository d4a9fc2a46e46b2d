/* SPDX-License-Identifier: ISC */
/* The table of descriptors of a child that is about to be made. */
#ifndef OS_TABLE_CUT_H
#define OS_TABLE_CUT_H

#include "os/os.h"

/* As many descriptors are fetched as the kernel passes in one message (SCM_MAX_FD). */
enum { TABLE_FETCH_MAX = 253 };

struct child_table {
	enum os_table way;
	int cut;      /* the child shares the table and cuts it here; -1: it gets a copy */
	int receiver; /* a socket with what is fetched; -1: it is fetched by pidfd_getfd, or nothing is */
	int sender;   /* its other end */
};

/* For a child that gets a copy. */
#define TABLE_COPY ((struct child_table){ OS_TABLE_COPIED, -1, -1, -1 })

struct child_table table_prepare(const struct os_plan *plan);
void table_done(struct child_table *table);

/*
 * After a child that could not cut or fetch (`failed`: OS_FAILED_CUT or OS_FAILED_FETCH). true: the system refuses that
 * way; this is stored, so that the next table_prepare chooses another way.
 */
bool table_learn(const struct os_plan *plan, const struct child_table *table, int failed, int error);

#endif
