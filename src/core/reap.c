/* SPDX-License-Identifier: ISC */
/* The orphans that come to a process which is the first of its PID namespace, or a subreaper. */
#include "own-children.h"

#include <errno.h>

struct reaping {
	hold_reap_filter *is_anothers;
	void *context;
	int count;
};

static int reap(void *context, int pid) {
	struct reaping *reaping = context;

	if (own_children_has(pid) || os_keeper_is_late(pid) ||
	    (reaping->is_anothers && reaping->is_anothers(reaping->context, pid)))
		return 0;
	reaping->count += os_reap_child(pid);
	return 0;
}

int hold_orphans_reap(hold_reap_filter *is_anothers, void *context) {
	struct reaping reaping = { is_anothers, context, 0 };
	int kept = errno, error;

	if (!os_owner())
		return -ENOMEM;
	os_keeper_reap_late();
	if (!own_children_begin_reap())
		return 0;
	error = os_each_ended_child(reap, &reaping);
	own_children_end_reap();
	errno = kept;
	return error < 0 ? error : reaping.count;
}
