/* SPDX-License-Identifier: ISC */
/* The end of a detached run, seen by another process than the one that holds it. */
#ifndef CLI_STORE_ENDING_H
#define CLI_STORE_ENDING_H

#include "runs.h"

/*
 * Waits until the process that holds the run has ended, and the command; then its record is the last one, or the end is
 * unknown. 0, HOLD_PENDING, or a negative errno.
 */
int run_await_end(const struct run_entry *run, int64_t deadline);

/*
 * What hold run would have ended with; STATUS_RUNNING if the run lives. If nobody knows, this is said on standard
 * error, after the verb.
 */
int run_exit_status(const char *verb, const struct run_entry *run);

/*
 * Whether the processes of the run, if it lives, can be held from here; if not, this is said on standard error, after
 * the verb. The functions below are for those that can.
 */
bool run_is_in_reach(const char *verb, const struct run_entry *run);

/*
 * Tells the process that holds the run to end it by its ladder, and waits. If that takes longer than the ladder the
 * process is killed, and its keeper ends the run. 0; HOLD_PENDING, something lives; or a negative errno.
 */
int run_end(const struct run_entry *run);

/* Continues the process that holds the run, which then looks whether its socket is still there. */
int run_nudge(const struct run_entry *run);

#endif
