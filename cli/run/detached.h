/* SPDX-License-Identifier: ISC */
/*
 * A detached run, as the process sees it that holds the command: its record and its log. The output of the command, and
 * what hold says of it, come out of one pipe. All functions take NULL for a run that is not detached, and do nothing
 * then.
 */
#ifndef CLI_RUN_DETACHED_H
#define CLI_RUN_DETACHED_H

#include "../store/log-writer.h"
#include "../store/record.h"

#include <poll.h>
#include <stdbool.h>

struct detached {
	int store, directory; /* of all runs, and of this one */
	int caller;           /* a socket to the hold that waits for the start; -1: it waits no more */
	int output, writer;   /* the pipe: read here, written to by the command */
	struct record record;
	struct log_writer log;
};

/* Once the program has been executed: standard input is empty from now on, and what hold says goes to the log. */
void detached_take_streams(struct detached *detached);

/* Writes down that the command runs, and tells the caller. 0, or a negative errno. */
int detached_publish(struct detached *detached, int64_t pid, const char *reference);

/* Fills in what is to be polled for, DETACHED_FDS of them; detached_move then writes the log. */
enum { DETACHED_FDS = 1 };

void detached_prepare(const struct detached *detached, struct pollfd *fds);
void detached_move(struct detached *detached, const struct pollfd *fds);

/* Takes all of the output that is there. */
void detached_drain(struct detached *detached);

/* Writes down the end, as the record has it by now. */
void detached_end(struct detached *detached);

#endif
