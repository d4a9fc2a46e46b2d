/* SPDX-License-Identifier: ISC */
/* A matcher: an output in a window, and the patterns that are looked for in it. */
#ifndef CORE_EXPECT_H
#define CORE_EXPECT_H

#include "hold.h"
#include "pattern.h"

enum { EXPECT_CHUNK = 65536 }; /* the most that is read at once */

struct hold_expect {
	uint64_t owner;    /* os_owner() of the process that made it */
	struct hold *hold; /* NULL: it is fed */
	int stream;        /* of the hold */
	hold_sink *sink;   /* NULL: none */
	void *sink_context;
	struct pattern_program program; /* empty: no patterns were given yet */
	struct pattern_run run;
	char *bytes; /* the window, and after it what was read and is to be looked at; it moves in the room */
	size_t room, window;
	size_t begin, looked, end; /* in bytes: the first one; where the patterns have come to; behind the last one */
	uint64_t position;         /* of bytes[begin] in the output */
	uint64_t skipped;          /* bytes before it that left the window since the last match */
	bool begins_line;          /* where it begins, since the last match */
	bool is_at_end;            /* of the output */
	bool is_found;             /* what the run found was not told yet */
	bool is_told;              /* it was, and leaves the window with the next call */
	bool is_within_line;       /* what was sent last has not ended a line */
};

/* 0 if the caller may use the matcher. */
int expect_check(const struct hold_expect *expect);

/* The match that was told leaves the window with all before it, and the patterns begin anew behind it. */
void expect_leave_match(struct hold_expect *expect);

/* Makes room for EXPECT_CHUNK bytes at the end. What does not fit in the window leaves it. */
void expect_make_room(struct hold_expect *expect);

/* Reads what is there. 0, or an error, of the sink too. */
int expect_read(struct hold_expect *expect, int fd);

#endif
