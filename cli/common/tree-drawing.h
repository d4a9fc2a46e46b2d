/* SPDX-License-Identifier: ISC */
#ifndef CLI_TREE_DRAWING_H
#define CLI_TREE_DRAWING_H

#include "members.h"

#include <stdbool.h>

/* Prints the descendants of `root`, a line each, cut at a terminal's width. false: errno says why. */
bool tree_draw(struct members *members, int64_t root);

#endif
