/* SPDX-License-Identifier: ISC */
/* Members of a tree, collected. */
#ifndef CLI_MEMBERS_H
#define CLI_MEMBERS_H

#include <pidhold.h>

#include <stddef.h>

struct members {
	struct hold_member *list;
	size_t count, room;
};

/* A hold_tree_visitor, whose context is a struct members. */
int members_add(void *context, const struct hold_member *member);

void members_free(struct members *members);

#endif
