/* SPDX-License-Identifier: ISC */
/* From the user to the terminal: what is typed there, and the end of the input. */
#include "relay-parts.h"

#include "base/clock.h"

#include <errno.h>
#include <string.h>

enum {
	LINE_MAX_SAFE = 4000, /* a longer line loses its end in the terminal's line discipline: at 4,096, in silence */
	USUAL_END = 'D' & 31,
	FIRST_LOOK_MS = 50,
	LOOK_MOST_MS = 1000
};

static bool in_is_terminal(const struct hold_relay *relay) {
	return relay->in.kind == OS_FILE_TERMINAL;
}

/* The modes of the terminal, for which it is asked once a step. */
static const struct os_modes *modes_now(struct hold_relay *relay) {
	if (!relay->has_modes)
		os_modes_get(relay->master, &relay->modes);
	relay->has_modes = true;
	return &relay->modes;
}

static void note_interrupt(struct hold_relay *relay, size_t size) {
	if (!in_is_terminal(relay) || size == 0)
		return;
	if (modes_now(relay)->interrupt >= 0 && memchr(relay->to_terminal.bytes, relay->modes.interrupt, size))
		relay->state.interrupt_was_typed = 1;
}

/* The character that means an end of file to the process's terminal. */
static char end_character(const struct hold_relay *relay) {
	struct os_modes modes;

	return os_modes_get(relay->master, &modes) == 0 && modes.end_of_file >= 0 ? (char)modes.end_of_file : USUAL_END;
}

/* A ^D at a user's terminal that another program has taken out of raw mode. One that has hung up has no modes. */
static bool is_typed_end(const struct hold_relay *relay) {
	struct os_modes modes;

	return in_is_terminal(relay) && os_modes_get(relay->in.fd, &modes) == 0;
}

void relay_read_user(struct hold_relay *relay) {
	struct relay_bytes *buffer = &relay->to_terminal;
	const long n = os_file_read(relay->in.fd, buffer->bytes, buffer->room);

	buffer->start = 0;
	buffer->end = n > 0 ? (size_t)n : 0;
	note_interrupt(relay, buffer->end);
	if (n == 0 && is_typed_end(relay)) {
		buffer->bytes[buffer->end++] = end_character(relay);
		return;
	}
	/* The user's terminal gone (EIO), the pipe's writers gone (0), no such descriptor at all (EBADF). */
	if (n > 0 || n == -EAGAIN || n == -EINTR)
		return;
	relay->state.in_has_ended = 1;
	if (n < 0 && !(n == -EIO && in_is_terminal(relay)))
		relay->state.in_error = (int32_t)n;
}

/* ---- before the user's terminal is raw ---- */

static bool has_input(const struct hold_relay *relay) {
	struct os_stream stream = { .fd = relay->in.fd };

	return os_streams_wait(&stream, 1, HOLD_NOW) == 0;
}

void hold_relay_take_ahead(struct hold_relay *relay) {
	struct relay_bytes *buffer = relay ? &relay->to_terminal : NULL;
	struct os_modes modes;
	char eof;
	long n;

	if (!relay || !relay_is_empty(buffer) || os_modes_get(relay->in.fd, &modes) < 0 || !modes.is_canonical)
		return;
	eof = end_character(relay);
	buffer->start = buffer->end = 0;
	while (buffer->end < buffer->room && has_input(relay)) {
		n = os_file_read(relay->in.fd, buffer->bytes + buffer->end, buffer->room - buffer->end);
		if (n < 0)
			break;
		buffer->end += (size_t)n;
		/* A read that does not end with a line ends with an end of file. */
		if (buffer->end < buffer->room && (n == 0 || buffer->bytes[buffer->end - 1] != '\n'))
			buffer->bytes[buffer->end++] = eof;
	}
}

/* ---- typing ---- */

/* The terminal is non-blocking, and no signal comes of writing to it. */
static long write_terminal(const struct hold_relay *relay, const char *bytes, size_t size) {
	const struct os_file terminal = { .fd = relay->master };
	long n;

	do
		n = os_file_write(&terminal, bytes, size);
	while (n == -EINTR);
	return n;
}

bool relay_has_to_type(const struct hold_relay *relay) {
	return !relay_is_empty(&relay->to_terminal) || (relay->state.in_has_ended && !relay->end_is_typed);
}

/*
 * A file or pipe may have lines of any length. The end-of-file character within a line gives its first part to the
 * reader, without a newline, and makes room.
 */
static bool push_long_line(struct hold_relay *relay, const struct os_modes *modes) {
	const char eof = (char)modes->end_of_file;

	if (relay->line_length < LINE_MAX_SAFE)
		return true;
	if (modes->end_of_file >= 0 && write_terminal(relay, &eof, 1) != 1)
		return false;
	relay->line_length = 0;
	return true;
}

/* How many of the bytes belong to the line that they begin with, and fit into it. */
static size_t length_of_line(const struct hold_relay *relay, const struct os_modes *modes, const char *bytes,
			     size_t size) {
	const size_t most = LINE_MAX_SAFE - relay->line_length;
	size_t length = 0;

	while (length < size && !os_modes_end_line(modes, bytes[length]))
		length++;
	length = length < size ? length + 1 : size;
	return length < most ? length : most;
}

static void type_bytes(struct hold_relay *relay) {
	struct relay_bytes *buffer = &relay->to_terminal;
	const char *bytes = buffer->bytes + buffer->start;
	size_t size = buffer->end - buffer->start;
	const struct os_modes *const modes = modes_now(relay);
	long n;

	if (!in_is_terminal(relay)) {
		if (!push_long_line(relay, modes))
			return;
		size = length_of_line(relay, modes, bytes, size);
	}
	n = write_terminal(relay, bytes, size);
	if (n < 0) {
		if (n != -EAGAIN)
			buffer->start = buffer->end;
		return;
	}
	relay_tell(relay, HOLD_STDIN, bytes, (size_t)n);
	buffer->start += (size_t)n;
	relay->state.typed += (uint64_t)n;
	relay->line_length = n > 0 && os_modes_end_line(modes, bytes[n - 1]) ? 0 : relay->line_length + (size_t)n;
}

/* Within a line the first such character only delivers that line, so it takes two. */
static void type_end(struct hold_relay *relay) {
	struct os_modes modes;
	char eof[2] = { USUAL_END, USUAL_END };

	os_modes_get(relay->master, &modes);
	if (modes.end_of_file >= 0)
		eof[0] = eof[1] = (char)modes.end_of_file;
	if (write_terminal(relay, eof, modes.end_of_file >= 0 && relay->line_length > 0 ? 2 : 1) != -EAGAIN)
		relay->end_is_typed = true;
}

void relay_type(struct hold_relay *relay) {
	if (!relay_is_empty(&relay->to_terminal))
		type_bytes(relay);
	else if (relay_has_to_type(relay))
		type_end(relay);
}

int hold_relay_type(struct hold_relay *relay, const void *bytes, size_t length) {
	return relay ? relay_add(&relay->to_terminal, bytes, length) : -EINVAL;
}

/* ---- the end of the input, again ---- */

/* Of a file or pipe: the user's terminal that has hung up has no reader to be told. */
static bool has_end_to_repeat(const struct hold_relay *relay) {
	return relay->state.in_has_ended && relay->end_is_typed && relay->in.fd >= 0 && !in_is_terminal(relay) &&
	       relay->options.at_end == HOLD_INPUT_END_TYPED && !relay->is_at_rest;
}

void relay_repeat_end(struct hold_relay *relay) {
	struct os_modes modes;

	if (!has_end_to_repeat(relay)) {
		relay->look_at_read = HOLD_FOREVER;
		return;
	}
	if (relay->look_at_read == HOLD_FOREVER) {
		relay->look_pause_ms = FIRST_LOOK_MS;
		relay->look_at_read = clock_after_ms(FIRST_LOOK_MS);
	}
	if (clock_now() < relay->look_at_read)
		return;
	if (os_modes_get(relay->master, &modes) == 0 && modes.is_canonical && modes.end_of_file >= 0 &&
	    hold_terminal_is_read(relay->hold) == 1) {
		relay->end_is_typed = false;
		relay->look_pause_ms = 0;
	}
	/* A command that never reads is looked at once a second. */
	relay->look_pause_ms = relay->look_pause_ms ? relay->look_pause_ms * 2 : FIRST_LOOK_MS;
	if (relay->look_pause_ms > LOOK_MOST_MS)
		relay->look_pause_ms = LOOK_MOST_MS;
	relay->look_at_read = clock_after_ms(relay->look_pause_ms);
}
