/* SPDX-License-Identifier: ISC */
/* The output that hold carries: that of the command's terminal, or with --max-output what comes out of pipes. */
#ifndef CLI_RUN_OUTPUT_H
#define CLI_RUN_OUTPUT_H

#include "piped.h"
#include "state.h"

#include <poll.h>

enum { OUTPUT_FDS = RELAY_FDS };

_Static_assert((int)PIPED_FDS <= (int)RELAY_FDS, "the descriptors of either fit");

/* Makes what the start needs of it. false: said on standard error. */
bool output_prepare(struct run *run);

/* Whether there is any. */
bool output_is_carried(const struct run *run);

/* Fills in what is to be polled for, OUTPUT_FDS of them; output_move then does what is possible. */
void output_ask(struct run *run, struct pollfd *fds, bool reads_input);
void output_move(struct run *run, const struct pollfd *fds);

/*
 * After the command's end, or that of its last descendant: what was printed until now is delivered, and nothing after
 * that. output_has_rest: some of it is not yet.
 */
void output_collect_rest(struct run *run);
bool output_has_rest(const struct run *run);

/* All of that is delivered, and nothing more comes: what --max-output has stored is to be delivered too. */
void output_begin_tail(struct run *run);

/* Gives up what is undelivered, says what is lost, and notes what became of the output, for the report. */
void output_end(struct run *run);

#endif
