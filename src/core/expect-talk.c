/* SPDX-License-Identifier: ISC */
/* What is said to a process whose output is looked at. The output is read meanwhile, so that neither waits for ever. */
#include "expect.h"

#include "base/clock.h"

#include <errno.h>
#include <signal.h>

enum {
	ROOM_OF_TERMINAL = 256, /* bytes that a terminal takes at least if it takes any */
	ECHO_LOOK_MS = 10       /* between two looks whether echo is off: no event tells */
};

static int terminal_of(const struct hold_expect *expect) {
	const int terminal = hold_stream(expect->hold, HOLD_TERMINAL);

	return terminal >= 0 && terminal == hold_stream(expect->hold, expect->stream) ? terminal : -ENOTTY;
}

/* 0 if the process of the matcher can be talked with. */
static int talk_check(const struct hold_expect *expect) {
	const int error = expect_check(expect);

	return error == 0 && !expect->hold ? -EINVAL : error;
}

/* Reads what is there. 1: `input` takes some bytes now; 0; or an error. */
static int await_room(struct hold_expect *expect, int input, int64_t deadline) {
	const int output = hold_stream(expect->hold, expect->stream);
	struct os_stream streams[2] = { { .fd = expect->is_at_end ? -1 : output },
					{ .fd = input, .is_written = true } };
	int error = output < 0 && !expect->is_at_end ? output : os_streams_wait(streams, 2, deadline);

	if (error != 0)
		return error < 0 ? error : 0;
	if (streams[0].is_ready) {
		expect_make_room(expect);
		error = expect_read(expect, output);
	}
	/* A terminal that hangs up looks as if it took anything. */
	if (error >= 0 && expect->is_at_end && input == terminal_of(expect))
		return -EPIPE;
	return error < 0 ? error : streams[1].is_ready;
}

static int send_until(struct hold_expect *expect, const char *bytes, size_t length, int64_t deadline, size_t *sent) {
	const int terminal = terminal_of(expect);
	const int input = terminal >= 0 ? terminal : hold_stream(expect->hold, HOLD_STDIN);
	int result = input < 0 ? input : 0;

	while (*sent < length && result >= 0) {
		size_t size = length - *sent;
		long written;

		result = await_room(expect, input, deadline);
		if (result == 1) {
			if (terminal >= 0 && size > ROOM_OF_TERMINAL)
				size = ROOM_OF_TERMINAL;
			written = os_stream_write(input, bytes + *sent, size);
			if (written < 0 && written != -EAGAIN)
				return (int)written;
			*sent += written > 0 ? (size_t)written : 0;
		}
		if (*sent < length && result >= 0 && clock_now() >= deadline)
			return HOLD_PENDING;
	}
	return result < 0 ? result : 0;
}

int hold_expect_send(struct hold_expect *expect, const void *bytes, size_t length, int64_t deadline, size_t *ret_sent) {
	const char *const text = bytes;
	int saved_errno = errno, result = talk_check(expect);
	size_t sent = 0;

	if (result == 0 && length > 0 && !bytes)
		result = -EINVAL;
	if (result < 0)
		return result;
	expect_leave_match(expect);
	result = send_until(expect, text, length, deadline, &sent);
	if (sent > 0)
		expect->is_within_line = text[sent - 1] != '\n' && text[sent - 1] != '\r';
	if (ret_sent)
		*ret_sent = sent;
	errno = saved_errno;
	return result;
}

static bool gives_lines(int terminal) {
	struct os_modes modes;

	return os_modes_get(terminal, &modes) == 0 && modes.is_canonical;
}

/* Within a line the first end of file only delivers what there is of it. */
static int type_end_of_file(struct hold_expect *expect, int terminal, int64_t deadline) {
	const int character = os_terminal_character(terminal, OS_TERMINAL_END);
	const char bytes[2] = { (char)character, (char)character };
	size_t sent = 0;

	if (character < 0)
		return character;
	return send_until(expect, bytes, expect->is_within_line && gives_lines(terminal) ? 2 : 1, deadline, &sent);
}

int hold_expect_send_end(struct hold_expect *expect, int64_t deadline) {
	int saved_errno = errno, terminal, result = talk_check(expect);

	if (result < 0)
		return result;
	expect_leave_match(expect);
	terminal = terminal_of(expect);
	if (terminal >= 0) {
		result = type_end_of_file(expect, terminal, deadline);
		expect->is_within_line &= result != 0;
	} else {
		result = hold_stream_take(expect->hold, HOLD_STDIN);
		if (result >= 0) {
			os_close(result);
			result = 0;
		}
	}
	errno = saved_errno;
	return result;
}

int hold_expect_interrupt(struct hold_expect *expect, int64_t deadline) {
	int saved_errno = errno, terminal, character, result = talk_check(expect);
	size_t sent = 0;
	char byte;

	if (result < 0)
		return result;
	terminal = terminal_of(expect);
	if (terminal < 0)
		return hold_signal(expect->hold, SIGINT);
	expect_leave_match(expect);
	character = os_terminal_character(terminal, OS_TERMINAL_INTERRUPT);
	byte = (char)character;
	result = character < 0 ? character : send_until(expect, &byte, 1, deadline, &sent);
	errno = saved_errno;
	return result;
}

static int hidden_until(struct hold_expect *expect, int terminal, int64_t deadline) {
	struct os_modes modes;
	int result;

	for (;;) {
		result = os_modes_get(terminal, &modes);
		if (result < 0 || (modes.is_canonical && !modes.echoes)) /* lines that are not shown: a password */
			return result;
		if (expect->is_at_end)
			return HOLD_OUTPUT_END;
		if (clock_now() >= deadline)
			return HOLD_PENDING;
		result = await_room(expect, -1, clock_earliest(deadline, clock_after_ms(ECHO_LOOK_MS)));
		if (result < 0)
			return result;
	}
}

int hold_expect_hidden(struct hold_expect *expect, int64_t deadline) {
	int saved_errno = errno, terminal, result = talk_check(expect);

	if (result < 0)
		return result;
	expect_leave_match(expect);
	terminal = terminal_of(expect);
	result = terminal < 0 ? terminal : hidden_until(expect, terminal, deadline);
	errno = saved_errno;
	return result;
}
