/* SPDX-License-Identifier: ISC */
/* The answers of --answer: what is typed when the command asks. */
#ifndef CLI_RUN_ANSWER_H
#define CLI_RUN_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct answer {
	const char *question; /* a regular expression */
	char *text;           /* what is typed, without its escapes */
	size_t length;
	int64_t most;  /* how many times; negative: any number */
	int64_t given; /* so many times */
};

/* Reads the two arguments of --answer. `text` is changed where it lies. false: a message was printed. */
bool answer_take(struct answer *ret, const char *question, char *text);

/* Reads the argument of --answer-times, for the answer before it (NULL: there is none). */
bool answer_take_times(struct answer *answer, const char *value);

#endif
