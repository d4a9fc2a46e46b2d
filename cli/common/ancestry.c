/* SPDX-License-Identifier: ISC */
#include "ancestry.h"

#include <unistd.h>

/* The library spares the process that calls it, but not the parent of that. */
static int note_parent(void *context, const struct hold_member *member) {
	bool *descends = context;

	*descends |= member->pid == getppid();
	return 0;
}

int ancestry_look(struct hold *h, bool *ret_descends) {
	*ret_descends = hold_pid(h) == getppid();
	return hold_tree_list(h, note_parent, ret_descends);
}
