/* SPDX-License-Identifier: ISC */
#include "message.h"
#include "utf8.h"
#include "write-all.h"

#include <pidhold.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { PATIENCE_MS = 1000 };

static bool allows_controls, allows_colour; /* the environment, of a terminal that messages are written to */
static bool is_deferred;
static bool is_unread;      /* a message was not read in time: later ones are not waited for */
static char waiting[16384]; /* messages that do not fit are lost */
static size_t waiting_length;
static int output_error;
static bool returns_too;                        /* each line ends with a carriage return too */
static bool has_status;                         /* a line of message_show_status is on the terminal */
static const char status_erased[] = "\r\033[K"; /* to the first column, and no more of the line */

void message_begin(void) {
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	allows_controls = term && strcmp(term, "dumb") != 0;
	allows_colour = allows_controls && !(no && *no);
}

/* Most runs print nothing. */
static bool has_controls(void) {
	static enum { UNKNOWN, NO, YES } is_terminal;

	if (allows_controls && is_terminal == UNKNOWN)
		is_terminal = isatty(STDERR_FILENO) ? YES : NO;
	return is_terminal == YES;
}

static bool is_coloured(void) {
	return allows_colour && has_controls();
}

void message_return_too(void) {
	returns_too = true;
}

static bool write_in_time(const char *bytes, size_t size) {
	if (write_until(STDERR_FILENO, bytes, size, is_unread ? HOLD_NOW : hold_after_ms(PATIENCE_MS)))
		return true;
	is_unread = errno == ETIMEDOUT;
	return false;
}

/* What cannot be written at once is kept, also the rest of a line. */
static bool write_or_keep(const char *line, size_t length) {
	size_t written = 0;

	errno = ETIMEDOUT;
	if (waiting_length == 0)
		written = write_part_until(STDERR_FILENO, line, length, HOLD_NOW);
	if (written == length)
		return true;
	if (errno != ETIMEDOUT || length - written > sizeof waiting - waiting_length)
		return false;
	memcpy(waiting + waiting_length, line + written, length - written);
	waiting_length += length - written;
	return true;
}

void message_defer(bool deferred) {
	is_deferred = deferred;
	if (deferred)
		return;
	if (waiting_length > 0)
		write_in_time(waiting, waiting_length);
	waiting_length = 0;
}

/* A terminal that takes nothing at the moment keeps what it shows. */
void message_show_status(const char *line) {
	char text[256];

	if ((!line && !has_status) || !has_controls())
		return;
	has_status = line != NULL;
	snprintf(text, sizeof text, "%s%s", status_erased, line ? line : "");
	write_part_until(STDERR_FILENO, text, strlen(text), HOLD_NOW);
}

/* In raw mode, which the user's terminal has during the relay, a newline does not return to the first column. */
static const char *line_end(void) {
	struct termios modes;

	if (returns_too)
		return "\r\n";
	return tcgetattr(STDERR_FILENO, &modes) == 0 && !(modes.c_oflag & OPOST) ? "\r\n" : "\n";
}

/* Characters that a terminal obeys, that end a line, or that change the order in which others are shown. */
static bool is_harmful(uint32_t character) {
	static const struct {
		uint32_t first, last;
	} harmful[] = {
		{ 0x00, 0x1f },     /* C0 */
		{ 0x7f, 0x9f },     /* DEL, C1 */
		{ 0x61c, 0x61c },   /* a mark of direction */
		{ 0x200e, 0x200f }, /* marks of direction */
		{ 0x2028, 0x202e }, /* separators of lines and paragraphs, embeddings and overrides of direction */
		{ 0x2066, 0x2069 }, /* isolates */
	};

	for (size_t i = 0; i < sizeof harmful / sizeof *harmful; i++) {
		if (character >= harmful[i].first && character <= harmful[i].last)
			return true;
	}
	return false;
}

void message_clean(char *text) {
	char *to = text;
	size_t length;

	for (; *text; text += length) {
		length = utf8_length(text);
		if (length == 0 || is_harmful(utf8_character(text, length))) {
			*to++ = '?';
			length += length == 0;
			continue;
		}
		memmove(to, text, length);
		to += length;
	}
	*to = 0;
}

/* Without memory: prints as much as fits here, without colour. */
static bool print_without_memory(const char *prefix, const char *format, va_list arguments) {
	char line[512];
	const size_t begin = (size_t)snprintf(line, sizeof line, "%s ", prefix);
	size_t length;

	vsnprintf(line + begin, sizeof line - begin - 1, format, arguments);
	message_clean(line + begin);
	length = strlen(line);
	line[length++] = '\n';
	return (is_deferred ? write_or_keep : write_in_time)(line, length);
}

/* One write a line, so that lines of several programs on one terminal do not mix. */
static bool print_line(const char *prefix, const char *colour, const char *format, va_list arguments) {
	char *words = NULL, *line;
	va_list again;
	bool written;
	int length;

	va_copy(again, arguments);
	length = vasprintf(&words, format, arguments);
	if (length >= 0) {
		message_clean(words);
		length = asprintf(&line, "%s%s%s%s %s%s", has_status ? status_erased : "", is_coloured() ? colour : "",
				  prefix, is_coloured() && *colour ? "\033[0m" : "", words, line_end());
		free(words);
	}
	if (length >= 0) {
		written = (is_deferred ? write_or_keep : write_in_time)(line, (size_t)length);
		free(line);
	} else {
		written = print_without_memory(prefix, format, again);
	}
	va_end(again);
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

/* The C library writes whenever its buffer is full: so the error is stored at that moment. */
void print(const char *format, ...) {
	va_list arguments;

	va_start(arguments, format);
	if (vprintf(format, arguments) < 0 && !output_error)
		output_error = errno;
	va_end(arguments);
}

void print_clean(const char *format, ...) {
	va_list arguments;
	char *words;

	va_start(arguments, format);
	if (vasprintf(&words, format, arguments) >= 0) {
		message_clean(words);
		print("%s\n", words);
		free(words);
	} else if (!output_error) {
		output_error = ENOMEM;
	}
	va_end(arguments);
}

/* Some C libraries write in printf, and report a failure only there. */
bool output_is_written(void) {
	if (fflush(stdout) != 0 && !output_error)
		output_error = errno;
	if (ferror(stdout) && !output_error)
		output_error = EIO;
	errno = output_error;
	return output_error == 0;
}
