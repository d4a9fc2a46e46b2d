/* SPDX-License-Identifier: ISC */
#include "typed.h"

#include <pidhold.h>

#include <stdlib.h>
#include <string.h>

struct typed_piece {
	struct typed_piece *next;
	int64_t due;
	size_t length;
	char bytes[];
};

bool typed_add(struct typed *typed, const char *bytes, size_t length, int64_t due) {
	struct typed_piece *piece = malloc(sizeof *piece + length);

	if (!piece)
		return false;
	piece->next = NULL;
	piece->due = due;
	piece->length = length;
	memcpy(piece->bytes, bytes, length);
	if (typed->first)
		typed->last->next = piece;
	else
		typed->first = piece;
	typed->last = piece;
	return true;
}

static void remove_first(struct typed *typed) {
	struct typed_piece *piece = typed->first;

	typed->first = piece->next;
	free(piece);
}

void typed_forget(struct typed *typed) {
	while (typed->first)
		remove_first(typed);
}

static void give_first(struct typed *typed, typed_taker *taker, void *context) {
	taker(context, typed->first->bytes, typed->first->length);
	remove_first(typed);
}

void typed_give_due(struct typed *typed, typed_taker *taker, void *context) {
	while (typed->first && hold_now() >= typed->first->due)
		give_first(typed, taker, context);
}

/* As a terminal with its usual modes echoes a byte. Other echoes are not recognized: the input is then held longer. */
static size_t echo_of(char byte, char echo[2]) {
	if (byte == '\r' || byte == '\n') {
		memcpy(echo, "\r\n", 2);
		return 2;
	}
	echo[0] = (unsigned char)byte < 0x20 && byte != '\t' ? '^' : byte;
	echo[1] = (char)(byte ^ 0x40);
	return echo[0] == byte ? 1 : 2;
}

/* How many bytes of the output are the echo of the piece; 0: it does not begin with that. */
static size_t length_of_echo(const struct typed_piece *piece, const char *output, size_t length) {
	size_t at = 0;
	char echo[2];

	for (size_t i = 0; i < piece->length; i++) {
		const size_t size = echo_of(piece->bytes[i], echo);

		if (size > length - at || memcmp(output + at, echo, size) != 0)
			return 0;
		at += size;
	}
	return at;
}

void typed_give_echoed(struct typed *typed, const char *output, size_t length, typed_taker *taker, void *context) {
	while (typed->first) {
		const size_t echoed = length_of_echo(typed->first, output, length);

		if (!echoed)
			return;
		output += echoed;
		length -= echoed;
		give_first(typed, taker, context);
	}
}

int64_t typed_next(const struct typed *typed) {
	return typed->first ? typed->first->due : HOLD_FOREVER;
}
