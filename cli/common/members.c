/* SPDX-License-Identifier: ISC */
#include "members.h"

#include <stdlib.h>

int members_add(void *context, const struct hold_member *member) {
	struct members *members = context;

	if (members->count == members->room) {
		size_t room = members->room ? 2 * members->room : 16;
		struct hold_member *grown = realloc(members->list, room * sizeof *grown);

		if (!grown)
			return 0; /* this member is left out: the others matter more */
		members->list = grown;
		members->room = room;
	}
	members->list[members->count++] = *member;
	return 0;
}

void members_free(struct members *members) {
	free(members->list);
	*members = (struct members){ .list = NULL };
}
