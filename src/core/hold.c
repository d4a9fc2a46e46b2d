/* SPDX-License-Identifier: ISC */
/* The life of a hold: made, checked at each door, released. */
#include "kept.h"
#include "own-children.h"

#include <errno.h>
#include <stdlib.h>

int hold_check(const struct hold *h) {
	if (!h)
		return -EINVAL;
	return h->owner == os_owner_now() ? 0 : -ECHILD;
}

struct hold *hold_new(void) {
	uint64_t owner = os_owner();
	struct hold *h = owner ? calloc(1, sizeof *h) : NULL;

	if (!h)
		return NULL;
	h->owner = owner;
	h->pidfd = h->keeper.pidfd = h->keeper.socket = -1;
	h->containment = HOLD_CONTAIN_NONE;
	h->cgroup.folder = -1;
	h->tree_peak_kib = -1;
	for (int i = 0; i <= HOLD_TERMINAL; i++)
		h->ends[i] = -1;
	h->status.core_dumped = -1;
	h->status.wall_ns = h->status.user_us = h->status.system_us = h->status.max_rss_kib = -1;
	return h;
}

/* What was chosen at the start, for a process that lives. Its reaping is tried in any case, so no zombie is left. */
static void end_or_leave(struct hold *h) {
	static const struct hold_rung kill = { .signal = 9 /* SIGKILL everywhere */ };

	if (hold_wait(h, HOLD_NOW, NULL) == 0 || h->gave_up)
		return;
	if (h->on_release == HOLD_RELEASE_STOP)
		hold_stop(h, NULL, 0);
	else if (h->on_release == HOLD_RELEASE_KILL)
		hold_stop(h, &kill, 1);
}

struct hold *hold_release(struct hold *h) {
	int kept = errno;

	if (!h)
		return NULL;
	if (hold_check(h) == 0) {
		set_leave(h);
		if (kept_is(h))
			kept_release(h);
		else if (!h->adopted)
			end_or_leave(h);
	}
	own_children_remove(h);
	for (int i = 0; i <= HOLD_TERMINAL; i++)
		os_close(h->ends[i]);
	os_close(h->pidfd);
	os_close(h->keeper.pidfd); /* in a forked child: the copies */
	os_close(h->keeper.socket);
	os_close(h->cgroup.folder);
	free(h);
	errno = kept;
	return NULL;
}
