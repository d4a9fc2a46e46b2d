/* SPDX-License-Identifier: ISC */
/* What is kept of an output that may be longer than memory: its beginning, its end, and how much it was. */
#ifndef CORE_CAPTURE_H
#define CORE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture {
	char *bytes; /* head, then tail, then a NUL; the tail is a ring while it is filled */
	size_t head, tail;
	uint64_t total;
};

bool capture_begin(struct capture *capture, size_t head, size_t tail);
void capture_add(struct capture *capture, const char *bytes, size_t size);

/* Straightens the ring. Returns how many bytes are kept; those behind the first `head` are the last, if not all are. */
size_t capture_finish(struct capture *capture);

#endif
