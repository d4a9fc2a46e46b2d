/* SPDX-License-Identifier: ISC */
/* The events that hold run itself tells. Each does nothing without --events. */
#ifndef CLI_RUN_RUN_EVENTS_H
#define CLI_RUN_RUN_EVENTS_H

#include "state.h"

void run_tell_started(struct run *run);
void run_tell_not_started(struct run *run);

/* As hold_job_take returned it: the command was stopped or continued. */
void run_tell_change(struct run *run, int change);

void run_tell_time_limit(struct run *run);

/* The command has ended. Nothing is told if it has not. */
void run_tell_ended(struct run *run);

/* The tree has ended, and what its group and its keeper have counted is known. */
void run_tell_tree(struct run *run);

#endif
