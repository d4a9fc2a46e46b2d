/* SPDX-License-Identifier: ISC */
/*
 * A file that names the running command, by its pid or its reference. It appears whole under its name, and is removed
 * at the end only if it is still the file of this run: a later run may have put its own in its place.
 */
#ifndef CLI_PID_FILE_H
#define CLI_PID_FILE_H

#include <pidhold.h>

#include <stdbool.h>

struct pid_file {
	const char *path;
	char *temporary; /* its name until it is published; NULL: there is no file */
	int fd;
	bool is_published;
	char text[HOLD_REFERENCE_SIZE];
};

/*
 * Makes the file under a temporary name beside `path`, which is borrowed. false: errno says why; EEXIST: there is
 * something other than a regular file, which must not be replaced.
 */
bool pid_file_begin(struct pid_file *file, const char *path);

/* Writes the text and a newline, and gives the file its name. false: errno says why. */
bool pid_file_publish(struct pid_file *file, const char *text);

/* Removes the file, unless it is to stay or another has taken its place. */
void pid_file_end(struct pid_file *file, bool stays);

#endif
