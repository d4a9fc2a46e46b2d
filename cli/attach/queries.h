/* SPDX-License-Identifier: ISC */
/*
 * Takes out of output that is shown again what a terminal would answer, as if it were asked now: the program does not
 * wait for it, and would take the answer for keys. Also what would put a text into the clipboard again.
 */
#ifndef CLI_ATTACH_QUERIES_H
#define CLI_ATTACH_QUERIES_H

#include "../common/escape.h"

#include <stdbool.h>
#include <stddef.h>

enum { QUERY_MOST = 64 };

/* {0} at first. */
struct queries {
	enum escape_place place;
	bool is_decided, is_dropped; /* of a sequence that is longer than what is held of it */
	char held[QUERY_MOST + 1];   /* of the sequence that is read */
	size_t length;
};

/* Returns how many bytes are left; `out` has room for size + QUERY_MOST. A sequence may go on in the next part. */
size_t queries_remove(struct queries *queries, const char *bytes, size_t size, char *out);

/* The end: what is held of a sequence that goes on. Returns how many bytes; `out` has room for QUERY_MOST. */
size_t queries_end(struct queries *queries, char *out);

#endif
