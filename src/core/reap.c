/* SPDX-License-Identifier: ISC */
/* Reaps orphans in a process that becomes their parent: the first of its PID namespace, or a subreaper. */
#include "keeper.h"
#include "own-children.h"

#include <errno.h>

struct reaping {
	hold_reap_filter *is_anothers;
	void *context;
	int count;
};

/* The filter is a function of the caller and may call the library: no lock is held meanwhile. */
static int reap_one(void *context, int pid, int pidfd) {
	struct reaping *reaping = context;

	if (own_children_have(pid))
		return 0;
	if (!reaping->is_anothers || !reaping->is_anothers(reaping->context, pid))
		reaping->count += own_children_reap_other(pid, pidfd);
	return 0;
}

int hold_orphans_reap(hold_reap_filter *is_anothers, void *context) {
	struct reaping reaping = { is_anothers, context, 0 };
	int saved_errno = errno, error;

	if (!os_owner())
		return -ENOMEM;
	keeper_reap_late();
	error = os_each_ended_child(reap_one, &reaping);
	errno = saved_errno;
	return error < 0 ? error : reaping.count;
}
