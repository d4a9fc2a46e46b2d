/* SPDX-License-Identifier: ISC */
/*
 * A recording of a terminal in the format asciicast, version 2 or 3: a line of JSON for the terminal, then one for each
 * event. No event ends within a character of UTF-8; a byte that is none becomes U+FFFD.
 */
#ifndef CLI_RUN_ASCIICAST_H
#define CLI_RUN_ASCIICAST_H

#include "../common/buffered-file.h"

#include <pidhold.h>

#include <stdint.h>
#include <time.h>

enum { CUT_MOST = 3 };

/* The first bytes of a character whose end is to come. */
struct asciicast_cut {
	char bytes[CUT_MOST];
	size_t length;
};

struct asciicast {
	struct buffered_file *file;
	int version;
	int64_t started_ns, last_ns;
	struct asciicast_cut output, input;
};

struct asciicast_header {
	struct hold_winsize size;
	struct timespec started_at; /* the time of day */
	char **command;
	const char *title; /* NULL: none */
	const char *term;  /* NULL: not known */
	const char *shell; /* NULL: not known */
};

void asciicast_begin(struct asciicast *cast, struct buffered_file *file, int version,
		     const struct asciicast_header *header);

void asciicast_output(struct asciicast *cast, const char *bytes, size_t size);
void asciicast_input(struct asciicast *cast, const char *bytes, size_t size);
void asciicast_size(struct asciicast *cast, const struct hold_winsize *size);
void asciicast_marker(struct asciicast *cast, const char *label);

/* `status` as a shell has it, and in words: an event of its own in version 3, a marker in version 2. */
void asciicast_end(struct asciicast *cast, int status, const char *words);

#endif
