/* SPDX-License-Identifier: ISC */
#include "scrollback.h"

#include <string.h>

enum { LINE_MOST = 4096 }; /* a longer line is begun within */

uint64_t scrollback_first(const struct scrollback *back) {
	return back->total > SCROLLBACK_SIZE ? back->total - SCROLLBACK_SIZE : 0;
}

/* The bytes from here on that lie together in the ring. */
static const char *piece_at(const struct scrollback *back, uint64_t at, uint64_t end, size_t *ret_length) {
	const size_t start = at % SCROLLBACK_SIZE, together = SCROLLBACK_SIZE - start;

	*ret_length = end - at < together ? (size_t)(end - at) : together;
	return back->bytes + start;
}

/* Looks at what is between two bytes that are kept. */
static void note(const struct scrollback *back, struct screen *screen, uint64_t at, uint64_t end) {
	const char *piece;
	size_t length;

	for (; at < end; at += length) {
		piece = piece_at(back, at, end, &length);
		screen_note(screen, piece, length);
	}
}

void scrollback_add(struct scrollback *back, const char *bytes, size_t size) {
	while (size > 0) {
		const size_t start = back->total % SCROLLBACK_SIZE, together = SCROLLBACK_SIZE - start;
		const size_t piece = size < together ? size : together;
		const uint64_t first = scrollback_first(back), end = back->total + piece;

		if (end > SCROLLBACK_SIZE)
			note(back, &back->before, first, end - SCROLLBACK_SIZE);
		memcpy(back->bytes + start, bytes, piece);
		back->total = end;
		bytes += piece;
		size -= piece;
	}
}

size_t scrollback_copy(const struct scrollback *back, uint64_t at, char *bytes, size_t size) {
	const char *piece;
	size_t copied = 0, length;

	while (copied < size && at < back->total) {
		piece = piece_at(back, at, back->total, &length);
		length = length < size - copied ? length : size - copied;
		memcpy(bytes + copied, piece, length);
		copied += length;
		at += length;
	}
	return copied;
}

/* Behind the next newline, if that is near. */
static uint64_t next_line(const struct scrollback *back, uint64_t at) {
	char bytes[LINE_MOST];
	const size_t size = scrollback_copy(back, at, bytes, sizeof bytes);
	const char *newline = memchr(bytes, '\n', size);

	return newline ? at + (uint64_t)(newline + 1 - bytes) : at;
}

uint64_t scrollback_start(const struct scrollback *back, size_t most, char text[SCREEN_TEXT], size_t *ret_length) {
	struct screen screen = back->before;
	uint64_t at = scrollback_first(back);

	if (back->total - at > most)
		at = back->total - most;
	if (at > 0)
		at = next_line(back, at);
	note(back, &screen, scrollback_first(back), at);
	*ret_length = screen_on(&screen, text);
	return at;
}
