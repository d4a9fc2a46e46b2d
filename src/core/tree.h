/* SPDX-License-Identifier: ISC */
#ifndef CORE_TREE_H
#define CORE_TREE_H

#include <pidhold.h>

#include <stdbool.h>

/* hold_tree_stop without the audit hooks, of a hold that may be used. */
int tree_stop(struct hold *h, const struct hold_rung *ladder, size_t ladder_count, struct hold_tree_report *ret,
	      hold_tree_visitor *survivor, void *context);

/* Whether somebody of the tree was found, or it cannot be told. */
bool tree_has_members(struct hold *h);

#endif
