/* SPDX-License-Identifier: ISC */
/*
 * Output for a terminal as text for a reader: without escape sequences and control characters, and of a line that was
 * overwritten, as a progress bar is, only the last version. A line that is longer than the buffer is given in pieces.
 */
#ifndef CLI_PLAIN_TEXT_H
#define CLI_PLAIN_TEXT_H

#include "escape.h"

#include <stdbool.h>
#include <stddef.h>

struct plain_text {
	enum escape_place place;
	bool is_overwritten; /* a carriage return has come: the next character begins the line anew */
	bool has_c2;         /* the first byte of U+0080 to U+00BF, of which the first half are controls */
	size_t length;
	char line[65536];
	bool (*write)(const char *bytes, size_t size);
};

/* Takes bytes, and writes the lines that are complete. false: write has returned that. */
bool plain_text_add(struct plain_text *plain, const char *bytes, size_t size);

/* At the end of the output: writes a last line that has no end. */
bool plain_text_end(struct plain_text *plain);

#endif
