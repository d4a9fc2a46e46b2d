/* SPDX-License-Identifier: ISC */
/* The signals that hold sends to its command, and the ladder by which it is stopped while the relay goes on. */
#ifndef CLI_STOPPING_H
#define CLI_STOPPING_H

#include "descendants.h"

#include <pidhold.h>

#include <stdbool.h>

struct sent_signal {
	int signal;
	int64_t at_us; /* after the start */
	const char *why;
};

struct stopping {
	struct hold *hold;
	struct descendants *tree; /* what the ladder's signals go to; NULL: the command alone */
	const struct hold_rung *ladder;
	size_t count, next; /* the next rung */
	int64_t next_at;    /* a deadline; HOLD_FOREVER: nothing is to come */
	bool under_way;
	const char *why;
	bool verbose;
	const char *command; /* signals are announced as timeout(1) does it; NULL: as hold run does */
	int64_t start_ns;
	struct sent_signal *sent;
	size_t sent_count, sent_room;
};

void stopping_init(struct stopping *stopping, const struct hold_rung *ladder, size_t count, bool verbose);

/* Sends a signal, remembers it, says so if that is asked for. */
void stopping_send(struct stopping *stopping, int signal, const char *why);

/* Begins with `first` in place of the ladder's first signal (0: with that); is_sent: the command has it already. */
void stopping_begin(struct stopping *stopping, int first, bool is_sent, const char *why);

/* Sends what is due. */
void stopping_step(struct stopping *stopping);

/* Straight to the last rung. */
void stopping_hurry(struct stopping *stopping);

void stopping_free(struct stopping *stopping);

#endif
