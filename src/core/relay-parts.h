/* SPDX-License-Identifier: ISC */
/* A relay: relay.c has its life, relay-bytes.c, relay-input.c (to the terminal), relay-output.c (from it) the rest. */
#ifndef CORE_RELAY_PARTS_H
#define CORE_RELAY_PARTS_H

#include "hold.h"

/*
 * RELAY_READ is the most that is moved at once. The buffer of the output also has room for what comes after the
 * command's end.
 */
enum { RELAY_READ = 65536, RELAY_OUTPUT = 2 * RELAY_READ, RELAY_STREAMS = 4 };

struct relay_bytes {
	char *bytes;
	size_t room, start, end;
};

struct hold_relay {
	struct hold *hold;
	struct hold_relay_options options;
	int master;
	int other_side; /* kept open, so that the terminal does not end when the command closes it; -1: not open */
	struct os_file in, out;
	struct os_raw *raw;       /* in, which is a terminal, while it is raw; NULL: it is not */
	struct os_modes first;    /* with which the terminal began */
	struct os_modes modes;    /* of the terminal, in this step; see has_modes */
	bool has_modes;           /* they were asked for in this step */
	bool is_at_rest;          /* the terminal is not read: see hold_relay_finish */
	bool has_ended;           /* it is at its end */
	bool end_is_typed;        /* the end of the input, or nothing is to be typed */
	int64_t look_at_read;     /* when to look whether a program waits for input that has ended */
	int64_t look_pause_ms;    /* between two such looks */
	int64_t look_at_user;     /* when to look at the user's terminal: its foreground and its size */
	struct hold_winsize seen; /* the size of the user's terminal */
	size_t line_length;       /* of what was typed since the last end of a line */
	bool holds_return;        /* the last byte that was printed, not yet in to_user: see HOLD_RELAY_STRIP_CR */
	int read_failures;        /* for lack of memory */
	int observed;             /* what the observer answered: a negative errno; 0: go on */
	struct hold_relay_state state;
	struct os_stream streams[RELAY_STREAMS]; /* in, out, terminal to read, terminal to write */
	struct relay_bytes to_terminal, to_user;
	char room[RELAY_READ + RELAY_OUTPUT];
};

static inline bool relay_is_empty(const struct relay_bytes *buffer) {
	return buffer->start == buffer->end;
}

/* Tells the observer, until it has answered with an error. */
static inline void relay_tell(struct hold_relay *relay, int stream, const char *bytes, size_t size) {
	int answer;

	if (!relay->options.observer || relay->observed < 0)
		return;
	answer = relay->options.observer(relay->options.context, stream, bytes, size);
	relay->observed = answer < 0 ? answer : 0;
}

/* ---- relay-bytes.c ---- */

/* Adds bytes behind what waits there. How many there was room for; -EINVAL: no bytes. */
int relay_add(struct relay_bytes *buffer, const void *bytes, size_t length);

/* ---- relay-input.c ---- */

void relay_read_user(struct hold_relay *relay);
bool relay_has_to_type(const struct hold_relay *relay); /* bytes, or the end of the input */
void relay_type(struct hold_relay *relay);
void relay_repeat_end(struct hold_relay *relay); /* if it is time to look whether a program waits for input */

/* ---- relay-output.c ---- */

void relay_read_terminal(struct hold_relay *relay);
void relay_write_user(struct hold_relay *relay);
void relay_read_rest(struct hold_relay *relay);
void relay_lose_output(struct hold_relay *relay, int error); /* a negative errno */

#endif
