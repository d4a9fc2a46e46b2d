/* SPDX-License-Identifier: ISC */
#include "capture.h"

#include <stdlib.h>
#include <string.h>

static size_t smaller(uint64_t a, uint64_t b) {
	return (size_t)(a < b ? a : b);
}

bool capture_begin(struct capture *capture, size_t head, size_t tail) {
	*capture = (struct capture){ .head = head, .tail = tail };
	if (head > SIZE_MAX - 1 - tail)
		return false;
	capture->bytes = malloc(head + tail + 1);
	return capture->bytes != NULL;
}

void capture_add(struct capture *capture, const char *bytes, size_t size) {
	size_t part;

	for (; size > 0; bytes += part, size -= part, capture->total += part) {
		if (capture->total < capture->head) {
			part = smaller(size, capture->head - capture->total);
			memcpy(capture->bytes + capture->total, bytes, part);
		} else if (capture->tail == 0) {
			part = size;
		} else {
			const size_t at = (size_t)((capture->total - capture->head) % capture->tail);

			part = smaller(size, capture->tail - at);
			memcpy(capture->bytes + capture->head + at, bytes, part);
		}
	}
}

static void reverse(char *from, char *to) {
	while (from < to) {
		const char byte = *from;

		*from++ = *--to;
		*to = byte;
	}
}

size_t capture_finish(struct capture *capture) {
	const size_t length = smaller(capture->total, (uint64_t)capture->head + capture->tail);
	char *ring = capture->bytes + capture->head, *end = ring + capture->tail;
	size_t oldest;

	if (capture->total > length && capture->tail) {
		oldest = (size_t)((capture->total - capture->head) % capture->tail);
		reverse(ring, ring + oldest);
		reverse(ring + oldest, end);
		reverse(ring, end);
	}
	capture->bytes[length] = 0;
	return length;
}
