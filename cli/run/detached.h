/* SPDX-License-Identifier: ISC */
/*
 * A detached run, as the process sees it that holds the command: its record and its log. The output of the command, and
 * what hold says of it, come out of one pipe. All functions take NULL for a run that is not detached, and do nothing
 * then.
 *
 * A process in front (cli/detach/front.c) is told "grown" when there is more in the log, and answers with the number of
 * the byte that it wants next. It says "detach" to hand the run over, and is told "running" then, with the errno of the
 * report that was written of that, or 0. If it goes without that word, the run is to end.
 */
#ifndef CLI_RUN_DETACHED_H
#define CLI_RUN_DETACHED_H

#include "../attach/viewers.h"
#include "../store/log-writer.h"
#include "../store/record.h"
#include "output-state.h"

#include <poll.h>
#include <stdbool.h>

struct detached {
	int store, directory; /* of all runs, and of this one */
	int caller;           /* a socket to the hold that waits for the start; -1: it waits no more */
	bool has_front;       /* that hold copies the log to its own output, until it hands the run over */
	bool front_is_told;   /* that the log has grown, and it has not answered yet */
	uint64_t copied;      /* how many bytes it has taken */
	hold_sink *observer;  /* gets what goes to the log; NULL: none */
	void *observer_context;
	int output, writer;      /* the pipe: read here, written to by the command */
	bool has_own_size;       /* the command's terminal: those who attach do not change it */
	struct viewers *viewers; /* of its terminal; NULL: it has none, or nobody can attach to it */
	struct record record;
	struct log_writer log;
};

/* Once the program has been executed: standard input is empty from now on, and what hold says goes to the log. */
void detached_take_streams(struct detached *detached);

/*
 * Writes down that the command runs, and tells the caller. reference NULL: it has none, and has ended already. 0, or a
 * negative errno.
 */
int detached_publish(struct detached *detached, int64_t pid, const char *reference);

/* Writes down that the command is ready; `detached` may be NULL. */
void detached_note_ready(struct detached *detached);

/*
 * Fills in what is to be polled for, DETACHED_FDS of them; detached_move then writes the log, and returns what the
 * process in front wants. If that process does not keep up, the command waits: the log must not lose what it has not
 * copied yet.
 */
enum { DETACHED_FDS = 2 + VIEWERS_FDS };
enum front_word { FRONT_SAYS_NOTHING, FRONT_HANDS_OVER, FRONT_HAS_GONE };

void detached_prepare(const struct detached *detached, struct pollfd *fds);
int64_t detached_next(const struct detached *detached); /* by when detached_move is to be called anyway */
enum front_word detached_move(struct detached *detached, const struct pollfd *fds);

/* Makes the socket for those who attach again, if it is no longer there. */
void detached_mend(struct detached *detached);

/* The run goes on without the process in front. `error`: a positive errno of the report, or 0. */
void detached_hand_over(struct detached *detached, int error);

/* Takes all of the output that is there. */
void detached_drain(struct detached *detached);

/* What became of the output until now. */
struct output_state detached_output(const struct detached *detached);

/* Writes down the end, as the record has it by now. */
void detached_end(struct detached *detached);

#endif
