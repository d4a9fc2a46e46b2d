/* SPDX-License-Identifier: ISC */
#include "message.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static bool is_coloured(void) {
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDERR_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

/* A terminal in raw mode, as the relay's user has it, goes down at a newline and not to the left. */
static const char *line_end(void) {
	struct termios modes;

	return tcgetattr(STDERR_FILENO, &modes) == 0 && !(modes.c_oflag & OPOST) ? "\r\n" : "\n";
}

/* One write a line, so that lines of several programs on one terminal do not mix. */
static bool print_line(const char *prefix, const char *colour, const char *format, va_list arguments) {
	const bool coloured = is_coloured();
	char line[8192];
	size_t room = sizeof line - 2, length;
	int n;

	n = snprintf(line, room, "%s%s%s ", coloured ? colour : "", prefix, coloured ? "\033[0m" : "");
	length = (size_t)n;
	n = vsnprintf(line + length, room - length, format, arguments);
	length += (size_t)n < room - length ? (size_t)n : room - length - 1;
	length += (size_t)sprintf(line + length, "%s", line_end());
	return write(STDERR_FILENO, line, length) == (ssize_t)length;
}

bool say(const char *format, ...) {
	va_list arguments;
	bool written;

	va_start(arguments, format);
	written = print_line("hold:", "\033[1;31m", format, arguments);
	va_end(arguments);
	return written;
}

void hint(const char *format, ...) {
	va_list arguments;

	va_start(arguments, format);
	print_line("hint:", "\033[1;36m", format, arguments);
	va_end(arguments);
}
