/* SPDX-License-Identifier: ISC */
/*
 * From options to the operations that the child replays. Nothing here asks the system for anything: what a plan
 * will do can be tested against a model of a descriptor table (tests/unit/plan.c).
 */
#ifndef CORE_PLAN_H
#define CORE_PLAN_H

#include "failure.h"

#include "os/os.h"

#include <pidhold.h>

/* The options after the parent's part of the work. */
struct plan_input {
	const struct hold_options *options; /* checked */
	struct plan_stream {
		int fd;           /* the source; -1: closed, unless there is a path */
		const char *path; /* a file that the child opens, or NULL */
		enum os_open how;
		bool is_stdout; /* the same as standard output */
	} streams[3];
	bool has_keeper;     /* so the command gets SIGKILL if its keeper dies */
	int subordinate;     /* the new terminal, or -1 */
	struct hold_ids ids; /* checked; set 0: those of the caller */
};

struct plan {
	struct os_plan os;
	struct os_operation *operations; /* os.operations */
	struct origin *origins;          /* of each operation: what to report if it fails */
};

/* The origin of stream `number`, 0 to 2; and of options->pass[number]. */
struct origin plan_stream_origin(const struct plan_input *input, int number);
struct origin plan_pass_origin(const struct plan_input *input, size_t number);

/* -ENOMEM; -EINVAL: two descriptors are to pass as one number (*ret_pass: the second). */
int plan_make(struct plan *ret, const struct plan_input *input, int *ret_pass);
void plan_free(struct plan *plan);

#endif
