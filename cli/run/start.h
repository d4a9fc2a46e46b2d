/* SPDX-License-Identifier: ISC */
/* The start of hold run's command. */
#ifndef CLI_RUN_START_H
#define CLI_RUN_START_H

#include "state.h"

/*
 * Raises hold's own limit on descriptors to the hard limit, and makes the list of the command's limits, which has the
 * caller's. false: errno.
 */
bool run_prepare_limits(struct run *run);

/* 0, or a negative errno, with run->error. */
int run_start(struct run *run);

/* Prints why a start failed; and hold's exit status for it. */
void run_say_failed_start(const struct run *run);
int run_status_of_failed_start(const struct run *run);

#endif
