/* SPDX-License-Identifier: ISC */
/* The beginning of a detached run, in the process that will hold it: its name, its directory, its first record. */
#ifndef CLI_DETACH_CLAIM_H
#define CLI_DETACH_CLAIM_H

#include "../run/command-line.h"
#include "../run/detached.h"

enum claimed { CLAIM_FAILED, CLAIM_BUSY, CLAIM_DONE };

/*
 * Takes the name, or makes one, and puts the directory of the run there with its first record; opens the log and the
 * pipe. CLAIM_BUSY: a run of this name lives. CLAIM_FAILED: said on standard error. Both leave nothing.
 */
enum claimed claim_begin(struct detached *ret, int store, const struct run_command_line *line);

/* Takes all of it back, for a command that could not be started. */
void claim_undo(struct detached *detached);

#endif
