/* SPDX-License-Identifier: ISC */
/* Input that is held back before it is recorded, since it may be secret. */
#ifndef CLI_RUN_TYPED_H
#define CLI_RUN_TYPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct typed_piece;

struct typed {
	struct typed_piece *first, *last;
};

/* false: no memory. */
bool typed_add(struct typed *typed, const char *bytes, size_t length, int64_t due);

/* Forgets all. */
void typed_forget(struct typed *typed);

/* Gets what need not be held back any longer. */
typedef void typed_taker(void *context, const char *bytes, size_t length);

/* Gives what is due. */
void typed_give_due(struct typed *typed, typed_taker *taker, void *context);

/* Gives the pieces whose echo this output begins with. */
void typed_give_echoed(struct typed *typed, const char *output, size_t length, typed_taker *taker, void *context);

/* When the first piece is due; HOLD_FOREVER: there is none. */
int64_t typed_next(const struct typed *typed);

#endif
