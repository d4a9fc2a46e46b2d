/* SPDX-License-Identifier: ISC */
/* The results of a start: containment, descriptor table, niceness. */
#include "hold.h"
#include "structure.h"

#include <errno.h>

_Static_assert((int)HOLD_TABLE_CUT == OS_TABLE_CUT && (int)HOLD_TABLE_FETCHED == OS_TABLE_FETCHED &&
		       (int)HOLD_TABLE_COPIED == OS_TABLE_COPIED,
	       "os_spawn's answer is returned as it is");

int hold_start_info(const struct hold *h, struct hold_start_info *ret) {
	struct hold_start_info info = { .size = sizeof info };
	int error = held_check(h);

	if (error == 0)
		error = ret ? structure_check(ret, sizeof info) : -EINVAL;
	if (error < 0)
		return error;
	if (h->adopted)
		return -ENODATA;
	info.containment = h->containment;
	info.table = (int32_t)h->table;
	info.niceness = h->niceness;
	info.autogroup = h->autogroup;
	structure_give(ret, &info, sizeof info);
	return 0;
}

const char *hold_containment_name(int containment) {
	switch (containment) {
	case HOLD_CONTAIN_AUTO:
		return "auto";
	case HOLD_CONTAIN_BEST:
		return "best";
	case HOLD_CONTAIN_NONE:
		return "none";
	case HOLD_CONTAIN_GROUP:
		return "group";
	case HOLD_CONTAIN_KEEPER:
		return "keeper";
	case HOLD_CONTAIN_PIDNS:
		return "pidns";
	case HOLD_CONTAIN_CGROUP:
		return "cgroup";
	default:
		return "unknown";
	}
}
