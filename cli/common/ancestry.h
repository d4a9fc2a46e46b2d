/* SPDX-License-Identifier: ISC */
#ifndef CLI_ANCESTRY_H
#define CLI_ANCESTRY_H

#include <pidhold.h>

#include <stdbool.h>

/* Whether this process descends from that one. Returns what hold_tree_list does. */
int ancestry_look(struct hold *h, bool *ret_descends);

#endif
