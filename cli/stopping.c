/* SPDX-License-Identifier: ISC */
#include "stopping.h"
#include "message.h"
#include "signal-name.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

void stopping_init(struct stopping *stopping, const struct hold_rung *ladder, size_t count, bool verbose) {
	memset(stopping, 0, sizeof *stopping);
	stopping->ladder = ladder;
	stopping->count = count;
	stopping->next_at = HOLD_FOREVER;
	stopping->verbose = verbose;
	stopping->start_ns = hold_after_ms(0);
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
		.at_us = (hold_after_ms(0) - stopping->start_ns) / 1000,
		.why = why,
	};
}

static void announce(const struct stopping *stopping, int signal) {
	char name[SIGNAL_NAME_SIZE];

	if (stopping->verbose && stopping->command && signal != SIGCONT)
		say_as_timeout("sending signal %s to command '%s'",
			       signal ? signal_name(signal, name) + sizeof "SIG" - 1 : "EXIT", stopping->command);
}

/* result: what the sending gave. */
static void note(struct stopping *stopping, int signal, const char *why, int result) {
	char name[SIGNAL_NAME_SIZE];

	if (result == HOLD_GONE)
		return;
	if (result < 0) {
		say("cannot send %s to process %" PRId64 ": %s", signal_name(signal, name), hold_pid(stopping->hold),
		    strerror(-result));
		return;
	}
	remember(stopping, signal, why);
	if (stopping->verbose && !stopping->command)
		say("%s sent to process %" PRId64 " (%s)", signal_name(signal, name), hold_pid(stopping->hold), why);
}

void stopping_send(struct stopping *stopping, int signal, const char *why) {
	announce(stopping, signal);
	note(stopping, signal, why, hold_signal(stopping->hold, signal));
}

static void send_to_all(struct stopping *stopping, int signal) {
	int result;

	announce(stopping, signal);
	if (stopping->tree)
		result = descendants_signal(stopping->tree, signal);
	else if (hold_containment(stopping->hold) == HOLD_CONTAIN_GROUP)
		result = hold_signal_group(stopping->hold, signal);
	else
		result = hold_signal(stopping->hold, signal);
	/* Those that may not be signalled are named at the end, if they are there still. */
	note(stopping, signal, stopping->why,
	     result == -ESRCH                     ? HOLD_GONE
	     : result == -EPERM && stopping->tree ? 0
						  : result);
}

static void wait_for_next(struct stopping *stopping) {
	const int64_t wait_ms = stopping->ladder[stopping->next].wait_ms;

	stopping->next++;
	stopping->next_at = stopping->next < stopping->count ? hold_after_ms(wait_ms) : HOLD_FOREVER;
}

static void send_rung(struct stopping *stopping, int signal) {
	send_to_all(stopping, signal);
	if (signal != SIGKILL) /* a stopped process acts on no other */
		send_to_all(stopping, SIGCONT);
	wait_for_next(stopping);
}

void stopping_begin(struct stopping *stopping, int first, bool is_sent, const char *why) {
	if (stopping->under_way)
		return;
	stopping->under_way = true;
	stopping->why = why;
	if (is_sent)
		wait_for_next(stopping);
	else
		send_rung(stopping, first ? first : stopping->ladder[0].signal);
}

void stopping_step(struct stopping *stopping) {
	while (stopping->next_at != HOLD_FOREVER && hold_after_ms(0) >= stopping->next_at)
		send_rung(stopping, stopping->ladder[stopping->next].signal);
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
