/* SPDX-License-Identifier: ISC */
#include "bounded-buffer.h"

#include <stdlib.h>
#include <string.h>

static size_t smaller(uint64_t a, uint64_t b) {
	return (size_t)(a < b ? a : b);
}

bool buffer_begin(struct bounded_buffer *buffer, size_t head, size_t tail) {
	size_t size;

	*buffer = (struct bounded_buffer){ .head = head, .tail = tail };
	if (__builtin_add_overflow(head, tail, &size) || __builtin_add_overflow(size, 1, &size))
		return false;
	buffer->bytes = malloc(size);
	return buffer->bytes != NULL;
}

void buffer_add(struct bounded_buffer *buffer, const char *bytes, size_t size) {
	size_t part;

	for (; size > 0; bytes += part, size -= part, buffer->total += part) {
		if (buffer->total < buffer->head) {
			part = smaller(size, buffer->head - buffer->total);
			memcpy(buffer->bytes + buffer->total, bytes, part);
		} else if (buffer->tail == 0) {
			part = size;
		} else {
			const size_t at = (size_t)((buffer->total - buffer->head) % buffer->tail);

			part = smaller(size, buffer->tail - at);
			memcpy(buffer->bytes + buffer->head + at, bytes, part);
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

size_t buffer_finish(struct bounded_buffer *buffer) {
	const size_t length = smaller(buffer->total, (uint64_t)buffer->head + buffer->tail);
	char *ring = buffer->bytes + buffer->head, *end = ring + buffer->tail;
	size_t oldest;

	if (buffer->total > length && buffer->tail) {
		oldest = (size_t)((buffer->total - buffer->head) % buffer->tail);
		reverse(ring, ring + oldest);
		reverse(ring + oldest, end);
		reverse(ring, end);
	}
	buffer->bytes[length] = 0;
	return length;
}
