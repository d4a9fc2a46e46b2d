/* SPDX-License-Identifier: ISC */
#ifndef CORE_SET_H
#define CORE_SET_H

#include "hold.h"

#include <errno.h>

/*
 * The place of a hold in the set's array. It is an array and not a list: to take a hold out of a list would touch its
 * two neighbours, which have long left the cache. A free place has the number of the next free one, doubled plus one,
 * so that it is odd and no pointer.
 */
union place {
	struct hold *hold;
	uintptr_t next_free; /* 2 * place + 1 */
};

struct hold_waitset {
	uint64_t owner; /* os_owner() of the process that made it */
	int fd;
	union place *places;
	size_t room, count, first_free; /* first_free is `room` if no place is free */
};

/* 0 if the caller may use the set. */
static inline int set_check(const struct hold_waitset *set) {
	if (!set)
		return -EINVAL;
	return set->owner == os_owner_now() ? 0 : -ECHILD;
}

#endif
