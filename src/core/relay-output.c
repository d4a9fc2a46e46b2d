/* SPDX-License-Identifier: ISC */
/* From the terminal to the user. */
#include "relay-parts.h"

#include <errno.h>
#include <string.h>

enum {
	READ_FAILURES = 1000,
	READS_AT_ONCE = 16, /* before the input has its turn */
	FEW_BYTES = 256     /* the echo of keys: it is written before more is read */
};

/* After a failure nothing more is written: output is read and thrown away, so that what was written has no gaps. */
void relay_lose_output(struct hold_relay *relay, int error) {
	struct relay_bytes *buffer = &relay->to_user;

	relay->state.lost += buffer->end - buffer->start;
	buffer->start = buffer->end;
	if (relay->state.out_error == 0)
		relay->state.out_error = error;
}

void relay_write_user(struct hold_relay *relay) {
	const struct hold_relay_options *options = &relay->options;
	struct relay_bytes *buffer = &relay->to_user;
	const char *bytes = buffer->bytes + buffer->start;
	const size_t size = buffer->end - buffer->start;
	const long n = options->writer ? options->writer(options->context, bytes, size)
				       : os_file_write(&relay->out, bytes, size);

	if (n >= 0) {
		buffer->start += (size_t)n < size ? (size_t)n : size;
		relay->state.written += (uint64_t)n;
	} else if (n != -EAGAIN && n != -EINTR) {
		relay_lose_output(relay, (int)n);
	}
}

/*
 * While we have the other side open ourselves EIO does not mean the terminal's end; no other error ever does. So the
 * rest of the output is missing then. A lack of memory may pass.
 */
static void note_read_error(struct hold_relay *relay, int error) {
	if (error == -EAGAIN || error == -EINTR || (error == -ENOMEM && ++relay->read_failures < READ_FAILURES))
		return;
	relay->has_ended = true;
	if (error != -EIO || relay->other_side >= 0)
		relay->state.read_error = error;
}

/* Unless it is raw, the user's terminal puts a carriage return before each newline itself. */
static bool adds_returns(const struct hold_relay *relay) {
	struct os_modes modes;

	return os_modes_get(relay->out.fd, &modes) == 0 && modes.adds_returns;
}

static size_t drop_returns(const struct hold_relay *relay, char *bytes, size_t size) {
	size_t kept = 0;

	if (relay->out.kind != OS_FILE_TERMINAL || !memchr(bytes, '\n', size) || !adds_returns(relay))
		return size;
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] != '\r' || i + 1 == size || bytes[i + 1] != '\n')
			bytes[kept++] = bytes[i];
	}
	return kept;
}

/* At a terminal a newline alone would not return to the first column. */
static bool strips_returns(const struct hold_relay *relay) {
	return relay->options.flags & HOLD_RELAY_STRIP_CR && relay->out.kind != OS_FILE_TERMINAL;
}

/* The same also where a newline comes with the next read: a return at the end is held until then. to: a byte before. */
static size_t strip_returns(struct hold_relay *relay, char *to, const char *bytes, size_t size) {
	size_t kept = 0;

	for (size_t i = 0; i < size; i++) {
		if (relay->holds_return && bytes[i] != '\n')
			to[kept++] = '\r';
		relay->holds_return = bytes[i] == '\r';
		if (!relay->holds_return)
			to[kept++] = bytes[i];
	}
	return kept;
}

static size_t filtered(struct hold_relay *relay, char *bytes, size_t size) {
	return relay->options.filter && size ? relay->options.filter(relay->options.context, bytes, size) : size;
}

/* No newline follows. */
static void give_held_return(struct hold_relay *relay) {
	char held = '\r';

	if (relay->holds_return)
		relay_add(&relay->to_user, &held, filtered(relay, &held, 1));
	relay->holds_return = false;
}

/* Reads once, to the end of the buffer. Returns how many bytes; 0: there is no more now. */
static size_t read_once(struct hold_relay *relay) {
	struct relay_bytes *buffer = &relay->to_user;
	const bool strips = strips_returns(relay);
	char *to = buffer->bytes + buffer->end, *bytes = to + strips;
	const size_t room = buffer->room - buffer->end - strips;
	const long n = room > 0 ? os_file_read(relay->master, bytes, room) : -EAGAIN;
	size_t kept = n > 0 ? (size_t)n : 0;

	if (n == 0)
		relay->has_ended = true;
	else if (n < 0)
		note_read_error(relay, (int)n);
	if (n <= 0)
		return 0;
	relay->state.printed += (uint64_t)n;
	relay_tell(relay, HOLD_TERMINAL, bytes, kept);
	kept = strips ? strip_returns(relay, to, bytes, kept) : drop_returns(relay, bytes, kept);
	buffer->end += filtered(relay, to, kept);
	return (size_t)n;
}

static void settle(struct hold_relay *relay) {
	if (relay->out.fd < 0 && !relay->options.writer)
		relay->to_user.start = relay->to_user.end;
	if (relay->state.out_error)
		relay_lose_output(relay, relay->state.out_error);
}

void relay_read_terminal(struct hold_relay *relay) {
	struct relay_bytes *buffer = &relay->to_user;
	int reads = 0;

	buffer->start = buffer->end = 0;
	while (buffer->end < RELAY_READ && reads++ < READS_AT_ONCE && read_once(relay) > FEW_BYTES)
		;
	if (relay->has_ended)
		give_held_return(relay);
	settle(relay);
}

/* If the wait fails, the read, which does not block, shows it. */
static bool may_be_readable(int fd) {
	struct os_stream stream = { .fd = fd };

	return os_streams_wait(&stream, 1, HOLD_NOW) != 1;
}

/*
 * Until the terminal has nothing more; the kernel is exact about that, so all that the ended command printed is here
 * then. But not for ever: the terminal held some 12 KB at most, so if the buffer gets full another process prints.
 */
void relay_read_rest(struct hold_relay *relay) {
	struct relay_bytes *buffer = &relay->to_user;
	const uint64_t most = relay->state.printed + buffer->room; /* a filter may leave nothing in the buffer */

	memmove(buffer->bytes, buffer->bytes + buffer->start, buffer->end - buffer->start);
	buffer->end -= buffer->start;
	buffer->start = 0;
	while (!relay->has_ended && buffer->end < buffer->room && relay->state.printed < most &&
	       may_be_readable(relay->master)) {
		if (read_once(relay) == 0 && relay->read_failures == 0)
			break;
	}
	give_held_return(relay);
	settle(relay);
}

int hold_relay_print(struct hold_relay *relay, const void *bytes, size_t length) {
	if (!relay)
		return -EINVAL;
	give_held_return(relay);
	return relay_add(&relay->to_user, bytes, length);
}
