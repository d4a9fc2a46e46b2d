/* SPDX-License-Identifier: ISC */
/*
 * How many system calls a run makes of its own: so that none is added unseen. A call that is added on purpose raises
 * the bound. On a busy machine there are more, since each wait looks again after a while: so a run is tried again.
 */
#include "inject.h"

#include <string.h>

enum { TRIES = 12 };

/* Of "hold run" until it exits, and of the command until it executes its program; without those of the loader. */
static const struct bound {
	const char *contain;
	size_t all, command;
} bounds[] = {
	{ "none", 42, 14 },
	{ "keeper", 124, 19 },
	{ "cgroup", 168, 19 },
};

static const struct bound *bound_of(const struct pair *pair) {
	for (size_t i = 0; i < sizeof bounds / sizeof *bounds && strcmp(pair->scenario->name, "end") == 0; i++) {
		if (strcmp(pair->contain, bounds[i].contain) == 0)
			return &bounds[i];
	}
	return NULL;
}

static void count_roles(const struct recording *recording, size_t counts[ROLES]) {
	memset(counts, 0, ROLES * sizeof *counts);
	for (size_t i = 0; i < recording->count; i++)
		counts[recording->calls[i].role]++;
}

static bool is_within(const struct bound *bound, const size_t counts[ROLES]) {
	return counts[FRONT] + counts[STARTER] + counts[KEEPER] <= bound->all && counts[COMMAND] <= bound->command;
}

void count_again(const struct stage *stage, const struct pair *pair, struct recording *recording) {
	static const struct fault none = { .action = NOTHING };
	const struct bound *bound = bound_of(pair);
	struct outcome outcome;
	size_t counts[ROLES];

	for (int i = 0; bound && i < TRIES; i++) {
		count_roles(recording, counts);
		if (is_within(bound, counts))
			return;
		recording->count = 0;
		if (trace_run(stage, pair, &none, recording, NULL, &outcome) < 0)
			return;
	}
}

bool count_print(const struct pair *pair, const struct recording *recording, const char *skip, size_t *number) {
	const struct bound *bound = bound_of(pair);
	size_t counts[ROLES];
	bool is_right;

	if (!bound)
		return true;
	count_roles(recording, counts);
	is_right = *skip || is_within(bound, counts);
	for (int i = 0; i < ROLES; i++)
		printf("# %s: %zu\n", role_names[i], counts[i]);
	if (*skip)
		printf("# SKIP %s\n", skip);
	printf("%sok %zu - a run with --contain %s makes at most %zu system calls, and its command %zu%s\n",
	       is_right ? "" : "not ", ++*number, pair->contain, bound->all, bound->command, *skip ? " # SKIP" : "");
	return is_right;
}
