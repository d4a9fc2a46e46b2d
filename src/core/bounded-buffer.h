/* SPDX-License-Identifier: ISC */
/* What is stored of an output that may be larger than memory: its beginning, its end, and its length. */
#ifndef CORE_BOUNDED_BUFFER_H
#define CORE_BOUNDED_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bounded_buffer {
	char *bytes; /* head, then tail, then a NUL; the tail is a ring while it is filled */
	size_t head, tail;
	uint64_t total;
};

bool buffer_begin(struct bounded_buffer *buffer, size_t head, size_t tail);
void buffer_add(struct bounded_buffer *buffer, const char *bytes, size_t size);

/* Straightens the ring. Returns how many bytes are stored; if not all are, those after `head` are the last ones. */
size_t buffer_finish(struct bounded_buffer *buffer);

#endif
