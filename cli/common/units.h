/* SPDX-License-Identifier: ISC */
/*
 * Where an output can be cut: a unit is a byte, a character of UTF-8, or an escape sequence, and is not cut. What looks
 * like a sequence and is longer than UNIT_MOST, or has a newline in it, is none.
 */
#ifndef CLI_UNITS_H
#define CLI_UNITS_H

#include "escape.h"

#include <stdbool.h>
#include <stddef.h>

enum { UNIT_MOST = 4096, CHARACTER_MOST = 4 };

struct units {
	enum escape_place place;
	unsigned rest; /* of a character: how many of its bytes are to come */
	size_t length; /* of the unit whose end is to come; 0: the place is between two */
};

/* Takes the next byte. Returns whether a unit begins with it. */
bool units_take(struct units *units, unsigned char byte);

/* Takes many. */
void units_skip(struct units *units, const char *bytes, size_t size);

/* How long the unit is at most whose end is to come. */
size_t units_most(const struct units *units);

#endif
