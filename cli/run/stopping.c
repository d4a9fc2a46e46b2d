/* SPDX-License-Identifier: ISC */
#include "stopping.h"
#include "../common/message.h"
#include "../common/signal-name.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
	LAST_MS = 5000,   /* that the last rung has where the ladder gives it no time */
	REPEAT_MS = 100,  /* between two SIGKILL */
	REFUSED_MS = 2000 /* that those have who may not be signalled, if nobody else is left */
};

static const struct hold_rung kill_rung = { .signal = SIGKILL };

void stopping_init(struct stopping *stopping, const struct hold_rung *ladder, size_t count, bool verbose) {
	memset(stopping, 0, sizeof *stopping);
	stopping->ladder = ladder;
	stopping->count = count;
	stopping->next_at = stopping->repeat_at = stopping->give_up_at = HOLD_FOREVER;
	stopping->verbose = verbose;
	stopping->start_ns = hold_now();
}

static void remember(struct stopping *stopping, int signal, const char *why) {
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
		.at_us = (hold_now() - stopping->start_ns) / 1000,
		.why = why,
	};
}

static void announce(const struct stopping *stopping, int signal, const char *why) {
	char name[SIGNAL_NAME_SIZE];

	if (!stopping->verbose)
		return;
	if (!stopping->command)
		say("%s sent to %sprocess %" PRId64 " (%s)", signal_name(signal, name),
		    stopping->has_ended ? "the descendants of " : "", hold_pid(stopping->hold), why);
	else if (signal != SIGCONT)
		say_as_timeout("sending signal %s to command '%s'",
			       signal ? signal_name(signal, name) + sizeof "SIG" - 1 : "EXIT", stopping->command);
}

/* result: what the sending gave. */
static void note(struct stopping *stopping, int signal, const char *why, int result) {
	char name[SIGNAL_NAME_SIZE];

	if (result == HOLD_GONE || result == -ESRCH)
		return;
	/* Those of a tree that may not be signalled are named at the end, if they are there still. */
	if (result < 0 && !(result == -EPERM && stopping->tree))
		say("cannot send %s to %sprocess %" PRId64 ": %s", signal_name(signal, name),
		    stopping->tree ? "all that descends from " : "", hold_pid(stopping->hold), strerror(-result));
	if (result < 0 && !stopping->tree)
		return;
	remember(stopping, signal, why);
	announce(stopping, signal, why);
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

static void send_to_all(struct stopping *stopping, int signal, const char *why) {
	int result;

	if (stopping->tree && signal != SIGCONT)
		descendants_count_rung(stopping->tree, signal);
	result = signal_all(stopping, signal);
	if (signal != SIGCONT)
		stopping->is_refused = result == -EPERM;
	note(stopping, signal, why, result);
}

void stopping_send_to_all(struct stopping *stopping, int signal, const char *why) {
	send_to_all(stopping, signal, why);
	if (signal != SIGKILL) /* a stopped process acts on no other */
		send_to_all(stopping, SIGCONT, why);
}

/* The time of the rung that was sent just now begins, `signal` having been sent for it. */
static void wait_for_next(struct stopping *stopping, int signal) {
	const struct hold_rung *rung = &stopping->ladder[stopping->next];

	if (rung->signal == SIGKILL && signal != SIGKILL) { /* whose place no other signal takes */
		stopping->next_at = hold_after_ms(LAST_MS);
		return;
	}
	stopping->next++;
	stopping->next_at = HOLD_FOREVER;
	if (stopping->next < stopping->count) {
		stopping->next_at = hold_after_ms(rung->wait_ms);
		return;
	}
	stopping->last_ns = hold_now();
	if (rung->signal == SIGKILL)
		stopping->repeat_at = hold_after_ms(REPEAT_MS);
	if (rung->signal == SIGKILL || !stopping->is_patient ||
	    (stopping->is_refused && hold_signal(stopping->hold, 0) == -EPERM))
		stopping->give_up_at = hold_after_ms(rung->wait_ms ? rung->wait_ms : LAST_MS);
}

static void send_rung(struct stopping *stopping, int signal) {
	stopping_send_to_all(stopping, signal, stopping->why);
	wait_for_next(stopping, signal);
}

void stopping_begin(struct stopping *stopping, int first, bool is_sent, const char *why) {
	if (stopping->under_way)
		return;
	stopping->under_way = true;
	stopping->why = why;
	if (is_sent)
		wait_for_next(stopping, first);
	else
		send_rung(stopping, first ? first : stopping->ladder[0].signal);
}

void stopping_kill_at(struct stopping *stopping, int64_t deadline, const char *why) {
	for (size_t i = stopping->under_way && stopping->next ? stopping->next - 1 : 0;
	     stopping->under_way && i < stopping->count; i++) {
		if (stopping->ladder[i].signal == SIGKILL)
			return;
	}
	stopping->under_way = true;
	stopping->why = why;
	stopping->ladder = &kill_rung;
	stopping->count = 1;
	stopping->next = 0;
	stopping->next_at = deadline;
	stopping->give_up_at = HOLD_FOREVER;
}

void stopping_step(struct stopping *stopping) {
	while (stopping->next_at != HOLD_FOREVER && hold_now() >= stopping->next_at)
		send_rung(stopping, stopping->ladder[stopping->next].signal);
	if (stopping->repeat_at == HOLD_FOREVER || hold_now() < stopping->repeat_at)
		return;
	stopping->is_refused = signal_all(stopping, SIGKILL) == -EPERM;
	stopping->repeat_at = hold_after_ms(REPEAT_MS);
}

bool stopping_is_about_to_kill(const struct stopping *stopping) {
	return stopping->next_at != HOLD_FOREVER && stopping->ladder[stopping->next].signal == SIGKILL &&
	       hold_now() >= stopping->next_at;
}

int64_t stopping_next(const struct stopping *stopping) {
	int64_t next = stopping->next_at;

	if (stopping->repeat_at < next)
		next = stopping->repeat_at;
	return stopping->give_up_at < next ? stopping->give_up_at : next;
}

bool stopping_is_over(struct stopping *stopping) {
	const int64_t now = hold_now();

	if (stopping->give_up_at == HOLD_FOREVER)
		return false;
	if (stopping->repeat_at != HOLD_FOREVER && stopping->is_refused &&
	    now - stopping->last_ns >= REFUSED_MS * INT64_C(1000000) &&
	    (!stopping->tree || descendants_all_refuse(stopping->tree)))
		return true;
	return now >= stopping->give_up_at;
}

bool stopping_waits_for_ever(const struct stopping *stopping) {
	return stopping->under_way && stopping_next(stopping) == HOLD_FOREVER;
}

void stopping_hurry(struct stopping *stopping) {
	if (stopping->next >= stopping->count)
		return;
	stopping->next = stopping->count - 1;
	stopping->next_at = HOLD_NOW;
	stopping_step(stopping);
}

void stopping_free(struct stopping *stopping) {
	free(stopping->sent);
}
