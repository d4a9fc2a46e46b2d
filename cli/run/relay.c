/* SPDX-License-Identifier: ISC */
#include "relay.h"
#include "../common/open-file.h"
#include "../common/write-all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* The library does not interrupt a write by a signal, as this does to a terminal that cannot be opened again. */
static int64_t write_shared(void *context, const void *bytes, size_t length) {
	const ssize_t n = write_at_once(STDOUT_FILENO, bytes, length);

	(void)context;
	return n < 0 ? -errno : n;
}

static bool is_shared_terminal(int fd) {
	const int own = isatty(fd) ? open_again(fd, O_WRONLY) : -1;

	if (own >= 0)
		close(own);
	return own < 0 && isatty(fd);
}

static int observe(void *context, int stream, const void *bytes, size_t length) {
	struct relay *relay = context;

	if (relay->observer)
		relay->observer(relay->observer_context, stream, bytes, length);
	return 0;
}

/*
 * Before it is written: hold may be killed right after that. If the keeper cannot be told, as it does not read now, it
 * is told after the next change.
 */
static void note_screen(struct relay *relay, const char *bytes, size_t length) {
	char off[SCREEN_TEXT];

	if (relay->out_is_terminal)
		screen_note(&relay->screen, bytes, length);
	if (relay->tells_screen && screen_take_change(&relay->screen))
		hold_terminal_restore_text(relay->hold, off, screen_off(&relay->screen, off));
}

static size_t filter(void *context, char *bytes, size_t length) {
	struct relay *relay = context;

	if (relay->is_bounded)
		length = bounded_add(&relay->bounded, bytes, length);
	note_screen(relay, bytes, length);
	return length;
}

/* Without the modes, for which the terminal would be asked at each step. */
static void look(struct relay *relay) {
	struct hold_relay_state *const state = &relay->state;

	state->size = offsetof(struct hold_relay_state, is_canonical);
	hold_relay_state(relay->relay, &relay->state);
	relay->in_ended = state->in_has_ended;
	relay->reader_has_gone |= state->out_error == -EPIPE;
	relay->out_failed = relay->reader_has_gone || (state->out_error == -EIO && state->out_is_terminal);
}

void relay_bound(struct relay *relay, uint64_t head, uint64_t tail) {
	relay->is_bounded = true;
	bounded_begin(&relay->bounded, head, tail);
}

int relay_begin(struct relay *relay, struct hold *hold, int in, bool types_end, bool strips_returns) {
	const struct hold_relay_options options = {
		.size = sizeof options,
		.in = in,
		.at_end = types_end ? HOLD_INPUT_END_TYPED : HOLD_INPUT_END_IGNORED,
		.flags = strips_returns ? HOLD_RELAY_STRIP_CR : 0,
		.observer = observe,
		.filter = filter,
		.writer = is_shared_terminal(STDOUT_FILENO) ? write_shared : NULL,
		.context = relay,
	};
	int error;

	relay->hold = hold;
	relay->strips_returns = strips_returns;
	error = hold_relay_new(&relay->relay, hold, &options);
	if (error < 0)
		return error;
	look(relay);
	relay->in_is_terminal = relay->state.in_is_terminal;
	relay->out_is_terminal = relay->state.out_is_terminal;
	return 0;
}

size_t relay_add_input(struct relay *relay, const char *bytes, size_t length) {
	const int typed = hold_relay_type(relay->relay, bytes, length);

	return typed < 0 ? 0 : (size_t)typed;
}

void relay_go_on_without_input(struct relay *relay) {
	hold_relay_resume(relay->relay);
	relay->in_is_terminal = false;
}

bool relay_has_new_modes(struct relay *relay) {
	struct hold_relay_state state = { .size = sizeof state };

	hold_relay_state(relay->relay, &state);
	return state.modes_are_new;
}

/* While all of the output is stored, no write tells that the reader has gone. */
static bool has_quiet_reader(const struct relay *relay) {
	return relay->is_bounded && relay->bounded.is_past_head && !relay->state.undelivered &&
	       !relay->state.out_error && !relay->out_failed;
}

void relay_prepare(struct relay *relay, struct pollfd *fds, bool read_input) {
	hold_relay_fds(relay->relay, fds, read_input);
	fds[HOLD_RELAY_FDS] = (struct pollfd){ .fd = has_quiet_reader(relay) ? STDOUT_FILENO : -1 };
}

/* Unless it is raw, the user's terminal puts a carriage return before each newline itself. */
static size_t drop_returns(char *to, const char *bytes, size_t size) {
	size_t kept = 0;

	for (size_t i = 0; i < size; i++) {
		if (bytes[i] != '\r' || i + 1 == size || bytes[i + 1] != '\n')
			to[kept++] = bytes[i];
	}
	return kept;
}

static bool adds_returns(void) {
	struct termios modes;

	return tcgetattr(STDOUT_FILENO, &modes) == 0 && modes.c_oflag & OPOST && modes.c_oflag & ONLCR;
}

/* A piece of the tail: the relay has room for it if all before is delivered. */
static void print_piece(struct relay *relay, const char *bytes, size_t size) {
	char piece[4096];
	size_t kept;

	size = size < sizeof piece ? size : sizeof piece;
	kept = adds_returns() ? drop_returns(piece, bytes, size) : size;
	if (kept == size)
		memcpy(piece, bytes, size);
	bounded_took(&relay->bounded, size);
	if (relay->state.out_error || relay->reader_has_gone) {
		relay->lost += size;
		return;
	}
	note_screen(relay, piece, kept);
	hold_relay_print(relay->relay, piece, kept);
	look(relay);
}

static void add_tail(struct relay *relay) {
	const char *bytes;
	size_t size;

	while (relay->state.undelivered == 0 && (bytes = bounded_next(&relay->bounded, &size)))
		print_piece(relay, bytes, size);
}

void relay_move(struct relay *relay, const struct pollfd *fds) {
	relay->reader_has_gone |= (fds[HOLD_RELAY_FDS].revents & (POLLERR | POLLHUP)) != 0;
	hold_relay_step(relay->relay, fds);
	look(relay);
	add_tail(relay);
}

void relay_collect_rest(struct relay *relay) {
	hold_relay_finish(relay->relay);
	look(relay);
}

bool relay_has_rest(const struct relay *relay) {
	size_t size;

	return relay->state.undelivered > 0 || bounded_next(&relay->bounded, &size);
}

bool relay_add_text(struct relay *relay, const char *text, size_t size) {
	if (relay->state.out_error || hold_relay_print(relay->relay, text, size) != (int)size)
		return false;
	note_screen(relay, text, size);
	look(relay);
	return true;
}

void relay_begin_tail(struct relay *relay) {
	if (!relay->is_bounded)
		return;
	bounded_finish(&relay->bounded, relay->strips_returns && !relay->out_is_terminal ? "\n" : "\r\n");
	add_tail(relay);
	look(relay);
}

void relay_end(struct relay *relay, struct output_state *ret) {
	uint64_t printed, lost;

	relay_begin_tail(relay);
	look(relay);
	printed = relay->state.printed - relay->bounded.left_out;
	relay->lost += relay->bounded.stored + relay->state.undelivered + relay->state.lost;
	lost = bounded_lost(&relay->bounded, relay->lost);
	*ret = (struct output_state){ .stream = "terminal",
				      .bytes = relay->state.printed,
				      .left_out = relay->bounded.left_out,
				      /* a message of hold's may be among them */
				      .lost = lost < printed ? lost : printed,
				      .error = relay->reader_has_gone   ? EPIPE
					       : relay->state.out_error ? -relay->state.out_error
					       : relay->lost            ? ETIMEDOUT
									: 0 };
	bounded_free(&relay->bounded);
	relay->relay = hold_relay_free(relay->relay);
}

bool relay_complaint(const struct relay *relay, char *text, size_t size) {
	const struct hold_relay_state *state = &relay->state;

	if (state->read_error) {
		snprintf(text, size, "the command's terminal: %s: the rest of the output is lost",
			 strerror(-state->read_error));
		return true;
	}
	if (state->in_error && state->in_error != -EBADF) { /* no standard input is no fault */
		snprintf(text, size, "standard input: %s: it was read no further", strerror(-state->in_error));
		return true;
	}
	return false;
}
