/* SPDX-License-Identifier: ISC */
/* A start that is put to the test: set up in one of several kinds, and what it owes when a call of it failed. */
#ifndef START_H
#define START_H

#include "nth.h"

#include <pidhold.h>

#include <termios.h>

enum {
	START_FACTS = 10,
	START_MADE = 320, /* descriptors of the caller's */
	OTHER_USER = 65534
};

struct start {
	void (*set_up)(struct start *start);
	bool is_warm;          /* another start has been made in this process: it knows that memory is shared */
	bool is_unshared;      /* memory is not shared although it was asked for */
	const char *directory; /* of its own, and there before */
	struct hold_options options;
	struct hold_terminal terminal;
	struct termios modes;
	struct hold_pass pass[4];
	struct hold_limit limits[2];
	struct hold_ids ids;
	uint32_t groups[2];
	const char *program;
	const char *argv[START_FACTS + 2];
	char facts[START_FACTS][160];
	int fact_count;
	char input[128], output[128];
	int made[START_MADE], made_count;
	bool without_stdio; /* the caller's standard streams are closed, and kept as made[0] to [2] */
	struct hold *hold;
	struct hold_error error;
};

/* ---- start-kinds.c ---- */

typedef void start_kind(struct start *start);

start_kind set_up_terminal, set_up_settings, set_up_files, set_up_swap, set_up_pass_all, set_up_closed, set_up_limits,
	set_up_many, set_up_ids, set_up_script;

void start_set_up(struct start *start);
void start_restore(struct start *start);

/* NULL, or why no process of another user can be started here. */
const char *start_refuses_ids(void);

/* ---- start-wanted.c ---- */

struct start_wanted {
	int code, step; /* code 0: the program is started all the same */
	bool may_start; /* it may be started all the same, where there is another number */
	char object[256];
};

struct start_wanted start_wanted(const struct start *start, const struct nth_failure *failure);

/* Which file the child's call stands for that got `fd` from an openat before: its path, or "". */
const char *start_path_of(const struct nth_failure *failure, long fd);

#endif
