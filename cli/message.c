/* SPDX-License-Identifier: ISC */
#include "message.h"
#include "write-all.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static bool is_coloured, is_deferred;
static char kept[16384]; /* and no more: what does not fit was one message too many */
static size_t kept_length;

void message_begin(void) {
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	is_coloured = isatty(STDERR_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static bool can_write(void) {
	struct pollfd writable = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&writable, 1, 0) == 1;
}

static bool write_or_keep(const char *line, size_t length) {
	if (!is_deferred || (kept_length == 0 && can_write()))
		return write_all(STDERR_FILENO, line, length);
	if (length > sizeof kept - kept_length)
		return false;
	memcpy(kept + kept_length, line, length);
	kept_length += length;
	return true;
}

void message_defer(bool deferred) {
	is_deferred = deferred;
	if (deferred)
		return;
	if (kept_length > 0 && can_write())
		write_all(STDERR_FILENO, kept, kept_length);
	kept_length = 0;
}

/* A terminal in raw mode, as the relay's user has it, goes down at a newline and not to the left. */
static const char *line_end(void) {
	struct termios modes;

	return tcgetattr(STDERR_FILENO, &modes) == 0 && !(modes.c_oflag & OPOST) ? "\r\n" : "\n";
}

void message_clean(char *text) {
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 127)
			*text = '?';
	}
}

/* One write a line, so that lines of several programs on one terminal do not mix. */
static bool print_line(const char *prefix, const char *colour, const char *format, va_list arguments) {
	char *words, *line;
	bool written = false;
	int length;

	if (vasprintf(&words, format, arguments) < 0)
		return false;
	message_clean(words);
	length = asprintf(&line, "%s%s%s %s%s", is_coloured ? colour : "", prefix,
			  is_coloured && *colour ? "\033[0m" : "", words, line_end());
	free(words);
	if (length >= 0) {
		written = write_or_keep(line, (size_t)length);
		free(line);
	}
	return written;
}

bool say(const char *format, ...) {
	va_list arguments;
	bool written;

	va_start(arguments, format);
	written = print_line("hold:", "\033[1;31m", format, arguments);
	va_end(arguments);
	return written;
}

bool say_as_timeout(const char *format, ...) {
	va_list arguments;
	bool written;

	va_start(arguments, format);
	written = print_line("timeout:", "", format, arguments);
	va_end(arguments);
	return written;
}

int say_unwritten(void) {
	say("standard output: %s", strerror(errno));
	return STATUS_FAILED;
}

void hint(const char *format, ...) {
	va_list arguments;

	va_start(arguments, format);
	print_line("hint:", "\033[1;36m", format, arguments);
	va_end(arguments);
}
