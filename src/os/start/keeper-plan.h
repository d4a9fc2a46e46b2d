/* SPDX-License-Identifier: ISC */
/*
 * A plan as bytes, for a keeper that is to start the process: the caller writes it (keeper-plan.c), the keeper reads it
 * (src/keeper/plan.c). A pointer becomes an offset from the beginning; 0 stands for NULL.
 */
#ifndef OS_KEEPER_PLAN_H
#define OS_KEEPER_PLAN_H

#include "os/os.h"

#include <stdint.h>

struct keeper_plan {
	uint64_t mask; /* with which the program begins */
	uint64_t keep_ignored, ignored;
	int32_t first_free, changes_ids;
	uint64_t program;             /* offsets */
	uint64_t operations, sources; /* of struct keeper_operation, of int32_t */
	uint64_t argv, env;           /* of offsets, up to a 0 */
	uint64_t shell_argv;          /* likewise; 0: there is none */
	uint64_t operation_count, source_count;
};

struct keeper_operation {
	int32_t action, number, last, source;
	uint64_t path, data;
};

/* The size of an operation's `data` in bytes. */
static inline size_t keeper_data_size(enum os_action action, int number) {
	return action == OS_LIMIT ? 2 * sizeof(uint64_t) : action == OS_GROUPS ? (size_t)number * sizeof(uint32_t) : 0;
}

/* Allocates the bytes. The mask is that of the calling thread before it blocked signals. NULL: out of memory. */
void *keeper_plan_write(const struct os_plan *plan, uint64_t callers_mask, size_t *ret_size);

#endif
