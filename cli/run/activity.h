/* SPDX-License-Identifier: ISC */
/* What a process has done until now, as /proc shows it. */
#ifndef CLI_RUN_ACTIVITY_H
#define CLI_RUN_ACTIVITY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Stores a number that is another one once the process, or a child for which it has waited, has used more processor
 * time, or has read or written. It differs between processes. false: /proc does not show it.
 */
bool activity_of(int64_t pid, uint64_t *ret);

/* Whether the process is there, and its owner alone may see what it reads and writes. */
bool activity_is_secret(int64_t pid);

#endif
