/* SPDX-License-Identifier: ISC */
#include "env-file.h"
#include "../common/message.h"
#include "../common/read-until.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool set_line(const char *path, int number, char *line) {
	char *value = strchr(line, '=');

	if (!*line || *line == '#')
		return true;
	if (!value || value == line) {
		say("run: --env-file '%s': line %d is not of the form NAME=VALUE", path, number);
		return false;
	}
	*value++ = 0;
	if (setenv(line, value, 1) == 0)
		return true;
	say("run: --env-file '%s': line %d: %s", path, number, strerror(errno));
	return false;
}

bool env_file_set(const char *path, char *text, size_t size) {
	char *const end = text + size;
	int number = 1;

	for (char *next, *line = text; line < end; line = next, number++) {
		const size_t length = (size_t)(end - line);
		char *newline = memchr(line, '\n', length);

		next = newline ? newline + 1 : end;
		if (memchr(line, 0, (size_t)((newline ? newline : end) - line))) {
			say("run: --env-file '%s': line %d has a zero byte, which no variable can hold", path, number);
			return false;
		}
		if (newline)
			*newline = 0;
		if (!set_line(path, number, line))
			return false;
	}
	return true;
}

bool env_file_read(const char *path, int64_t deadline) {
	char *text;
	size_t size;
	bool set;

	text = read_file_until(path, deadline, &size);
	if (!text) {
		say("run: --env-file '%s': %s", path,
		    errno == ETIMEDOUT ? "not written to its end within the time limit" : strerror(errno));
		return false;
	}
	set = env_file_set(path, text, size);
	free(text);
	return set;
}
