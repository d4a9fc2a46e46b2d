/* SPDX-License-Identifier: ISC */
/* The options of a start: copied from the caller's structures, and refused where they make no sense. */
#ifndef CORE_OPTIONS_H
#define CORE_OPTIONS_H

#include <pidhold.h>

#include <stdbool.h>

struct asked {
	struct hold_options options;
	struct hold_terminal terminal;  /* if options.terminal */
	struct hold_ids ids;            /* set 0: those of the caller */
	struct hold_tree_limits limits; /* all 0: none */
};

/* Whether the tree is to have any limit. */
bool options_have_limits(const struct asked *asked);

/* The ladder is not checked here but where it is copied: ladder_take. */
int options_take(struct asked *ret, const struct hold_options *given, struct hold_error *reterr);

/* Of standard input, output or error: 0, 1, 2. */
const struct hold_stdio *options_stream(const struct hold_options *options, int number);

#endif
