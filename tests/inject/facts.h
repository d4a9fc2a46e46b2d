/* SPDX-License-Identifier: ISC */
/* What really happened in a run, and what hold said of it. */
#ifndef FACTS_H
#define FACTS_H

#include "inject.h"

struct facts {
	const struct scenario *scenario;
	const struct fault *fault;
	const struct outcome *outcome;
	int status; /* hold's exit status; -n: signal n ended it */
	int began, terms, members;
	int command;           /* its number */
	bool command_had_term; /* and went on */
	int ended;             /* the status with which the command ended by itself; -1: it did not */
	bool has_cause, says_not_started, says_left;
	char err[4096], out[32768], report[4096], audit[4096];
};

/* scenario, fault and outcome are given. */
void find_facts(const struct stage *stage, struct facts *facts);

#endif
