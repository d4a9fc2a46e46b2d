/* SPDX-License-Identifier: ISC */
#include "env-file.h"
#include "message.h"

#include <errno.h>
#include <stdio.h>
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

bool env_file_read(const char *path) {
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	bool set = true;

	if (!file) {
		say("run: --env-file '%s': %s", path, strerror(errno));
		return false;
	}
	for (int number = 1; set && (length = getline(&line, &room, file)) >= 0; number++) {
		if (strlen(line) != (size_t)length) {
			say("run: --env-file '%s': line %d has a zero byte, which no variable can hold", path, number);
			set = false;
			continue;
		}
		line[strcspn(line, "\n")] = 0;
		set = set_line(path, number, line);
	}
	if (ferror(file)) {
		say("run: --env-file '%s': %s", path, strerror(errno));
		set = false;
	}
	free(line);
	fclose(file);
	return set;
}
