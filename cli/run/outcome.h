/* SPDX-License-Identifier: ISC */
/* The results of a run: the report and hold's exit status. */
#ifndef CLI_RUN_OUTCOME_H
#define CLI_RUN_OUTCOME_H

#include "state.h"

/* Writes the report, if one is asked for. false: said on standard error. */
bool run_report(struct run *run);

/*
 * Writes a report of a run that is handed over to the background; run_report then takes its place. 0, or an errno of
 * the file.
 */
int run_report_running(struct run *run);

/* Hold's exit status for a command that was started. */
int run_status(const struct run *run);

/* Whether hold is to die of the signal that the command died of, as if there were no hold. */
bool run_is_to_die_alike(const struct run *run, int status);

#endif
