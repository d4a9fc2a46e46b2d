/* SPDX-License-Identifier: ISC */
#include "stopping.h"
#include "../common/error-text.h"
#include "../common/message.h"
#include "../common/signal-name.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
	FIRST_MS = 5000,  /* for a signal that is sent before the ladder's only one, SIGKILL */
	REPEAT_MS = 100,  /* between two SIGKILL */
	REFUSED_MS = 2000 /* for processes that may not be signalled, if no other process is left */
};

static const struct hold_rung kill_rung = { .signal = SIGKILL };

static struct hold_ladder ladder_of(const struct hold_rung *rungs, size_t count, int64_t due) {
	return (struct hold_ladder){ .size = sizeof(struct hold_ladder), .rungs = rungs, .count = count, .due = due };
}

void stopping_init(struct stopping *stopping, const struct hold_rung *ladder, size_t count, bool verbose) {
	memset(stopping, 0, sizeof *stopping);
	memcpy(stopping->rungs, ladder, count * sizeof *ladder);
	stopping->first = ladder->signal;
	if (!stopping->first) /* no ladder has such a rung: this one is never sent */
		stopping->rungs[0].signal = SIGCONT;
	stopping->ladder = ladder_of(stopping->rungs, count, HOLD_FOREVER);
	stopping->repeat_at = HOLD_FOREVER;
	stopping->verbose = verbose;
	stopping->start_ns = hold_now();
}

static void remember(struct stopping *stopping, int signal, int64_t at_us, const char *why) {
	if (stopping->sent_count == stopping->sent_room) {
		size_t room = stopping->sent_room ? stopping->sent_room * 2 : 16;
		struct sent_signal *grown = realloc(stopping->sent, room * sizeof *grown);

		if (!grown)
			return; /* the signal itself matters more */
		stopping->sent = grown;
		stopping->sent_room = room;
	}
	stopping->sent[stopping->sent_count++] = (struct sent_signal){
		.signal = signal,
		.at_us = at_us,
		.why = why,
	};
}

static void announce(const struct stopping *stopping, int signal, int64_t at_us, const char *why) {
	char name[SIGNAL_NAME_SIZE];

	if (!stopping->verbose)
		return;
	if (!stopping->command)
		say("%s sent to %sprocess %" PRId64 " after %.3f s (%s)", signal_name(signal, name),
		    stopping->has_ended ? "the descendants of " : "", hold_pid(stopping->hold), (double)at_us / 1e6,
		    why);
	else if (signal != SIGCONT)
		say_as_timeout("sending signal %s to command '%s'",
			       signal ? signal_name(signal, name) + sizeof "SIG" - 1 : "EXIT", stopping->command);
}

/* result: what the sending gave. */
static void note(struct stopping *stopping, int signal, const char *why, int result) {
	const int64_t at_us = (hold_now() - stopping->start_ns) / 1000;
	char name[SIGNAL_NAME_SIZE];

	if (result == HOLD_GONE || result == -ESRCH)
		return;
	/* Those of a tree that may not be signalled are named at the end, if they are there still. */
	if (result < 0 && !(result == -EPERM && stopping->tree))
		say("cannot send %s to %sprocess %" PRId64 ": %s", signal_name(signal, name),
		    stopping->tree ? "all that descends from " : "", hold_pid(stopping->hold), error_text(result));
	if (result < 0 && !stopping->tree)
		return;
	remember(stopping, signal, at_us, why);
	announce(stopping, signal, at_us, why);
}

void stopping_note(struct stopping *stopping, int signal, const char *why) {
	note(stopping, signal, why, 0);
}

void stopping_send(struct stopping *stopping, int signal, const char *why) {
	note(stopping, signal, why, hold_signal(stopping->hold, signal));
}

static int signal_group(struct stopping *stopping, int signal) {
	const int result = hold_group_signal(stopping->hold, signal);

	return result == -ENOSYS ? hold_signal(stopping->hold, signal) : result;
}

/* The command has a descriptor: it is reached also where the look at its descendants fails. */
static int signal_all(struct stopping *stopping, int signal) {
	int result;

	if (!stopping->tree)
		return hold_containment(stopping->hold) == HOLD_CONTAIN_GROUP ? signal_group(stopping, signal)
									      : hold_signal(stopping->hold, signal);
	result = descendants_signal(stopping->tree, signal);
	if (result < 0 && result != -EPERM && (signal == SIGKILL || result == -ENOSYS))
		hold_signal(stopping->hold, signal);
	return result;
}

void stopping_pass_to_all(struct stopping *stopping, int signal) {
	note(stopping, signal, "passed on", signal_all(stopping, signal));
}

void stopping_send_to_all(struct stopping *stopping, int signal, const char *why) {
	int result;

	if (stopping->tree && signal != SIGCONT)
		descendants_count_rung(stopping->tree, signal);
	result = signal_all(stopping, signal);
	if (signal != SIGCONT)
		stopping->is_refused = result == -EPERM;
	note(stopping, signal, why, result);
	if (signal != SIGKILL) /* a stopped process acts on no other */
		note(stopping, SIGCONT, why, signal_all(stopping, SIGCONT));
}

static bool is_at_last(const struct stopping *stopping) {
	return stopping->ladder.next == stopping->ladder.count;
}

/* After the last rung: what lives when its time is up is left. */
static void note_last(struct stopping *stopping, int signal) {
	stopping->last_ns = hold_now();
	if (signal == SIGKILL)
		stopping->repeat_at = hold_after_ms(REPEAT_MS);
	else if (stopping->is_patient && !(stopping->is_refused && hold_signal(stopping->hold, 0) == -EPERM))
		stopping->ladder.due = HOLD_FOREVER;
}

void stopping_begin(struct stopping *stopping, int first, bool is_sent, const char *why) {
	const int signal = first ? first : stopping->first;
	int taken = 0;

	if (stopping->under_way)
		return;
	stopping->under_way = true;
	stopping->why = why;
	if (stopping->first == SIGKILL && signal != SIGKILL) { /* whose place no other signal takes */
		stopping->ladder.due = hold_after_ms(FIRST_MS);
	} else {
		stopping->ladder.due = HOLD_NOW;
		taken = hold_ladder_next(&stopping->ladder, hold_now());
	}
	if (!is_sent)
		stopping_send_to_all(stopping, signal, why);
	if (taken && is_at_last(stopping))
		note_last(stopping, taken);
}

void stopping_kill_at(struct stopping *stopping, int64_t deadline, const char *why) {
	const struct hold_ladder *ladder = &stopping->ladder;

	for (size_t i = ladder->next ? ladder->next - 1 : 0; stopping->under_way && i < ladder->count; i++) {
		if (ladder->rungs[i].signal == SIGKILL)
			return;
	}
	stopping->under_way = true;
	stopping->why = why;
	stopping->ladder = ladder_of(&kill_rung, 1, deadline);
}

void stopping_step(struct stopping *stopping) {
	int signal;

	while ((signal = hold_ladder_next(&stopping->ladder, hold_now())) > 0) {
		stopping_send_to_all(stopping, signal, stopping->why);
		if (is_at_last(stopping))
			note_last(stopping, signal);
	}
	if (stopping->repeat_at == HOLD_FOREVER || hold_now() < stopping->repeat_at)
		return;
	stopping->is_refused = signal_all(stopping, SIGKILL) == -EPERM;
	stopping->repeat_at = hold_after_ms(REPEAT_MS);
}

bool stopping_is_about_to_kill(const struct stopping *stopping) {
	const struct hold_ladder *ladder = &stopping->ladder;

	return !is_at_last(stopping) && ladder->rungs[ladder->next].signal == SIGKILL && hold_now() >= ladder->due;
}

int64_t stopping_next(const struct stopping *stopping) {
	return stopping->repeat_at < stopping->ladder.due ? stopping->repeat_at : stopping->ladder.due;
}

bool stopping_is_over(struct stopping *stopping) {
	const int64_t now = hold_now();

	if (!is_at_last(stopping) || stopping->ladder.due == HOLD_FOREVER)
		return false;
	if (stopping->repeat_at != HOLD_FOREVER && stopping->is_refused &&
	    now - stopping->last_ns >= REFUSED_MS * INT64_C(1000000) &&
	    (!stopping->tree || descendants_all_refuse(stopping->tree)))
		return true;
	return now >= stopping->ladder.due;
}

bool stopping_waits_for_ever(const struct stopping *stopping) {
	return stopping->under_way && stopping_next(stopping) == HOLD_FOREVER;
}

void stopping_hurry(struct stopping *stopping) {
	if (is_at_last(stopping))
		return;
	stopping->ladder.next = stopping->ladder.count - 1;
	stopping->ladder.due = HOLD_NOW;
	stopping_step(stopping);
}

void stopping_free(struct stopping *stopping) {
	free(stopping->sent);
}
