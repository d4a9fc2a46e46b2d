/* SPDX-License-Identifier: ISC */
/* What main.c and suite.c share: what was asked for. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "inject.h"

enum { PAIRS = 80 };

struct options {
	const char *hold, *command, *scenario, *contain, *figures;
	int jobs;
	size_t most; /* cases of a pair; 0: all */
	bool is_one, is_list, is_verbose;
	struct fault fault;
};

extern struct options options;
extern struct pair pairs[PAIRS];
extern size_t pair_count;

void fail(const char *what) __attribute__((noreturn));
void open_stage(struct stage *stage);
int suite_run(void);

#endif
