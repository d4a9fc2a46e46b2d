/* SPDX-License-Identifier: ISC */
/* The start of hold run's command. */
#ifndef CLI_RUN_START_H
#define CLI_RUN_START_H

#include "state.h"

/* Hold itself may have as many descriptors as its hard limit allows; the command gets the caller's limit. */
void run_raise_limit(struct run *run);

/* 0, or a negative errno, with run->error. */
int run_start(struct run *run);

/* What is said of a start that failed, and hold's exit status. */
void run_say_failed_start(const struct run *run);
int run_status_of_failed_start(const struct run *run);

#endif
