/* SPDX-License-Identifier: ISC */
/*
 * What --record, --log and --spill write: the terminal of the command as an asciicast, and what is printed as plain
 * bytes.
 *
 * Input is recorded if that is asked for, and never while the terminal reads lines without echo, as for a password.
 * Programs switch echo off a moment after they ask, so input is held back until it was echoed, or until echo was still
 * on 200 ms later.
 */
#ifndef CLI_RUN_RECORDING_H
#define CLI_RUN_RECORDING_H

#include "command-line.h"
#include "stopping.h"

#include <pidhold.h>

#include <stdbool.h>
#include <time.h>

struct recording;

/* What became of --spill. */
struct spilled {
	const char *file; /* NULL: none was asked for */
	uint64_t bytes;
	int error; /* an errno: it was written no further; 0: it has all of the output */
};

/* Opens the files. false: one can't be written, which was said. *ret is NULL if none is asked for. */
bool recording_open(struct recording **ret, const struct run_command_line *line, int64_t deadline);

/* Once the command has its terminal; -1: it has none. `recording` may be NULL here and below. */
void recording_begin(struct recording *recording, const struct run_command_line *line, int terminal,
		     const struct timespec *started_at);

/* Gets what was printed, HOLD_TERMINAL, HOLD_STDOUT or HOLD_STDERR, and what the terminal has taken, HOLD_STDIN. */
void recording_see(struct recording *recording, int stream, const char *bytes, size_t length);

/* Before input is given to the terminal: looks whether it is secret. */
void recording_look(struct recording *recording);

/* Does what is due, and notes the signals that were sent. */
void recording_step(struct recording *recording, const struct stopping *stopping);

/* When that is due again: a deadline. */
int64_t recording_next(const struct recording *recording);

/* Writes what waits, before hold waits for long. */
void recording_write(struct recording *recording);

/* Writes the end and frees it. false: a file could not be written to its end, which was said. */
bool recording_end(struct recording *recording, const struct hold_status *status, const struct stopping *stopping,
		   struct spilled *ret);

/* Without an end, as of a command that was not started. */
void recording_free(struct recording *recording);

#endif
