/* SPDX-License-Identifier: ISC */
/* A text that is written piece by piece into a buffer of the caller, by functions that a signal handler may call. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text {
	char *bytes;
	size_t room;   /* of the buffer, with the final NUL */
	size_t length; /* of the whole text, which may be more than there is room for */
};

/* An empty text. `bytes` may be NULL if `room` is 0. */
struct text text_begin(char *bytes, size_t room);

void text_add(struct text *text, const char *piece);
void text_add_number(struct text *text, int64_t number);

#endif
