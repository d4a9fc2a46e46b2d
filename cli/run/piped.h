/* SPDX-License-Identifier: ISC */
/*
 * The output of a command without a terminal that --max-output bounds: pipes in place of standard output and standard
 * error, out of which hold copies. A reader that is slow makes the command wait until the head is full; afterwards
 * nothing does. If the reader of a stream has gone, its pipe is closed: so the command gets SIGPIPE, as without hold.
 */
#ifndef CLI_RUN_PIPED_H
#define CLI_RUN_PIPED_H

#include "command-line.h"
#include "output-state.h"

#include <pidhold.h>

#include <poll.h>
#include <stdbool.h>

enum { PIPED_STREAMS = 2, PIPED_FDS = 2 * PIPED_STREAMS };

struct piped;

/* Makes the pipes of the streams that no file of the command line takes. NULL: errno says why. */
struct piped *piped_new(const struct run_command_line *line, hold_sink *observer, void *context);

/* What the command gets as this stream; -1: the stream is not piped. */
int piped_writer(const struct piped *piped, int stream);

/* Once the command has been started: closes what only the command needs. */
void piped_release_writers(struct piped *piped);

/* Fills in what is to be polled for, PIPED_FDS of them; piped_move then does what is possible. */
void piped_prepare(const struct piped *piped, struct pollfd *fds);
void piped_move(struct piped *piped, const struct pollfd *fds);

/* The name of one of the PIPED_STREAMS, if something of it is left out. NULL: nothing is. */
const char *piped_cut_stream(const struct piped *piped, int number);

/* After the end: only what is in the pipes now is still read. piped_has_rest: some of it is not delivered. */
void piped_collect_rest(struct piped *piped);
bool piped_has_rest(const struct piped *piped);

/* All of that is delivered: the tails follow, which piped_move delivers too. */
void piped_begin_tails(struct piped *piped);

/* Gives up what is undelivered, and stores what became of each stream. Returns how many there are. */
size_t piped_end(struct piped *piped, struct output_state states[OUTPUTS_MOST]);

void piped_free(struct piped *piped);

#endif
