/* SPDX-License-Identifier: ISC */
/*
 * The end of a terminal's output, for those who attach later, with the modes of the screen that the output before has
 * switched on. Bytes are numbered from 0.
 */
#ifndef CLI_ATTACH_SCROLLBACK_H
#define CLI_ATTACH_SCROLLBACK_H

#include "../common/screen.h"

#include <stddef.h>
#include <stdint.h>

enum { SCROLLBACK_SIZE = 65536 };

struct scrollback {
	char bytes[SCROLLBACK_SIZE]; /* a ring */
	uint64_t total;              /* the number of the next byte */
	struct screen before;        /* what was on before the first byte that is kept */
};

void scrollback_add(struct scrollback *back, const char *bytes, size_t size);

/* The first byte that is kept. */
uint64_t scrollback_first(const struct scrollback *back);

/* Copies what is there from this byte on, which is kept. Returns how many bytes. */
size_t scrollback_copy(const struct scrollback *back, uint64_t at, char *bytes, size_t size);

/*
 * Where the last bytes begin, so many at most: with a line if one begins soon. Stores the text that switches on what is
 * on there, and its length.
 */
uint64_t scrollback_start(const struct scrollback *back, size_t most, char text[SCREEN_TEXT], size_t *ret_length);

#endif
