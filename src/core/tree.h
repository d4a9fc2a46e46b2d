/* SPDX-License-Identifier: ISC */
#ifndef CORE_TREE_H
#define CORE_TREE_H

#include <pidhold.h>

#include "os/os.h"

#include <stdbool.h>

/* The tree of a hold, with a first look: see os_tree_open. Else HOLD_GONE, or an error of hold_tree_list. */
int tree_open(struct hold *h, struct os_tree *tree);

/* The error of the last look. A member that may not be looked into is one that may not be signalled: -EPERM. */
int tree_error_of(const struct os_tree *tree);

/* Calls `visit` (NULL is allowed) for each member: 0 or HOLD_ENOUGH. */
int tree_visit(struct os_tree *tree, hold_tree_visitor *visit, void *context);

/* Whether a member was found, or it cannot be told. */
bool tree_has_members(struct hold *h);

#endif
