/* SPDX-License-Identifier: ISC */
/* Ending a tree by a ladder: for hold_tree_stop, and for the keeper when nobody holds it any more. */
#ifndef CORE_TREE_CLIMB_H
#define CORE_TREE_CLIMB_H

#include <pidhold.h>

#include "os/os.h"

/*
 * Until all that were found, and may be signalled, have ended, those too that are made meanwhile: 0; HOLD_PENDING at
 * the end of the ladder.
 */
int tree_climb(struct os_tree *tree, const struct hold_rung *rungs, size_t count);

#endif
