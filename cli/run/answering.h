/* SPDX-License-Identifier: ISC */
/*
 * Looks for the questions of --answer and --answer-queries in what the command prints, and types the answers into its
 * terminal.
 */
#ifndef CLI_RUN_ANSWERING_H
#define CLI_RUN_ANSWERING_H

#include "answer.h"
#include "relay.h"

#include <pidhold.h>

struct answering;

/* The answers, and those to the queries of a terminal if `has_queries`. NULL: no memory. */
struct answering *answering_new(struct answer *list, size_t count, bool has_queries);
void answering_free(struct answering *answering);

/* A sink: gets what the command prints. The context is the answering. */
int answering_see(void *context, int stream, const void *bytes, size_t length);

/*
 * Types what is to be typed. An answer is typed once a program waits for input, since programs that ask for a password
 * throw away what was typed before; where that cannot be known, after a second.
 */
void answering_step(struct answering *answering, struct hold *hold, struct relay *relay);

/* When answering_step has something to do again: a deadline. `answering` may be NULL. */
int64_t answering_next(const struct answering *answering);

#endif
