/* SPDX-License-Identifier: ISC */
#ifndef CORE_SET_H
#define CORE_SET_H

#include "hold.h"

#include <errno.h>

/*
 * Where each hold is in a set is written in it: an array and not a list, which would touch two others at each end that
 * have long been out of the cache. A place that is free has the number of the next free one, doubled and odd.
 */
union place {
	struct hold *hold;
	uintptr_t next_free; /* 2 * place + 1 */
};

struct hold_waitset {
	uint64_t owner; /* as a hold's */
	int fd;
	union place *places;
	size_t room, count, first_free; /* first_free is room if none is */
};

/* 0 if the caller may use the set. */
static inline int set_check(const struct hold_waitset *set) {
	if (!set)
		return -EINVAL;
	return set->owner == os_owner_now() ? 0 : -ECHILD;
}

#endif
