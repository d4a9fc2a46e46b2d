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
	struct descendants *tree;  /* what the ladder's signals go to; NULL: the command alone */
	struct hold_ladder ladder; /* due HOLD_FOREVER: it has not begun, or is_patient */
	struct hold_rung rungs[HOLD_LADDER_MAX];
	int first;         /* the signal of its first rung; 0: none, as timeout(1) has it with -s 0 */
	int64_t last_ns;   /* when the last rung was sent */
	int64_t repeat_at; /* when SIGKILL is sent again */
	bool is_patient;   /* after a ladder without SIGKILL the wait has no bound, as timeout(1) has it */
	bool is_refused;   /* somebody may not be signalled */
	bool under_way;
	bool has_ended; /* the command has: signals go to its descendants */
	const char *why;
	bool verbose;
	const char *command; /* signals are announced as timeout(1) does it; NULL: as hold run does */
	int64_t start_ns;
	struct sent_signal *sent;
	size_t sent_count, sent_room;
};

void stopping_init(struct stopping *stopping, const struct hold_rung *ladder, size_t count, bool verbose);

/* Remembers, and says if that is asked for, that a signal was sent to the descendants without this. */
void stopping_note(struct stopping *stopping, int signal, const char *why);

/* The signal that a key has sent: it goes to all, and may not be meant to end them. */
void stopping_pass_to_all(struct stopping *stopping, int signal);

/* Sends a signal to the command, or with SIGCONT after it to all; remembers it, says so if that is asked for. */
void stopping_send(struct stopping *stopping, int signal, const char *why);
void stopping_send_to_all(struct stopping *stopping, int signal, const char *why);

/* Begins with `first` in place of the ladder's first signal (0: with that); is_sent: the command has it already. */
void stopping_begin(struct stopping *stopping, int first, bool is_sent, const char *why);

/* SIGKILL at a deadline in place of what is left of the ladder, unless SIGKILL is to come or was sent. */
void stopping_kill_at(struct stopping *stopping, int64_t deadline, const char *why);

/* Sends what is due; SIGKILL again and again, since who may not be signalled now may be a moment later. */
void stopping_step(struct stopping *stopping);

/* Whether SIGKILL is due. */
bool stopping_is_about_to_kill(const struct stopping *stopping);

/* When there is something to do again. */
int64_t stopping_next(const struct stopping *stopping);

/* Whether the last rung has had its time: who lives still is not waited for any longer. */
bool stopping_is_over(struct stopping *stopping);

/* Whether all has been sent that ever will be, and who lives still is waited for all the same. */
bool stopping_waits_for_ever(const struct stopping *stopping);

/* Straight to the last rung. */
void stopping_hurry(struct stopping *stopping);

void stopping_free(struct stopping *stopping);

#endif
