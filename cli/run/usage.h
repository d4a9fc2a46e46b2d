/* SPDX-License-Identifier: ISC */
/* What a process uses at the moment, as /proc shows it. */
#ifndef CLI_RUN_USAGE_H
#define CLI_RUN_USAGE_H

#include <stdbool.h>
#include <stdint.h>

struct usage {
	int64_t cpu_us; /* with that of the children for which the processes have waited */
	int64_t resident_kib;
};

/* Adds what the process uses. false: nothing is added, since /proc does not show it. */
bool usage_add(struct usage *usage, int64_t pid);

#endif
