/* SPDX-License-Identifier: ISC */
/*
 * An output of which the beginning and the end are kept: the head is passed on as it comes, the tail is stored until
 * the end. What is between them is left out and counted. Neither ends or begins within a unit (see common/units.h).
 */
#ifndef CLI_RUN_BOUNDED_H
#define CLI_RUN_BOUNDED_H

#include "../common/units.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BOUNDED_LINE = 96 };

struct bounded_piece;

struct bounded {
	uint64_t head, limit;              /* so many bytes of the beginning; of both together */
	uint64_t total;                    /* of the output until now */
	uint64_t passed;                   /* of them, as the head */
	bool is_past_head;                 /* the rest is stored */
	bool is_finished;                  /* see bounded_finish */
	char last;                         /* the last byte of the head */
	struct units units;                /* at the end of the output until now */
	struct bounded_piece *first, *end; /* the tail, the oldest first */
	uint64_t stored;                   /* bytes of the tail */
	uint64_t left_out;                 /* once it is finished */
	char line[BOUNDED_LINE];           /* says how many are left out */
	size_t line_at, line_length;
};

void bounded_begin(struct bounded *bounded, uint64_t head, uint64_t tail);

/* Takes output. Returns how many of these bytes, from the first on, are of the head, and are to be passed on now. */
size_t bounded_add(struct bounded *bounded, const char *bytes, size_t size);

/* Whether something is left out already. */
static inline bool bounded_is_cut(const struct bounded *bounded) {
	return bounded->total > bounded->limit;
}

/* The output is at its end: decides what is left out. newline: how the line that says it ends. */
void bounded_finish(struct bounded *bounded, const char *newline);

/* After that: the next bytes to be passed on, that line and then the tail. NULL: there are no more. */
const char *bounded_next(const struct bounded *bounded, size_t *ret_size);
void bounded_took(struct bounded *bounded, size_t size);

/* How many of the last bytes that were to be passed on, none of which was, are the output's: not those of that line. */
uint64_t bounded_lost(const struct bounded *bounded, uint64_t bytes);

void bounded_free(struct bounded *bounded);

#endif
