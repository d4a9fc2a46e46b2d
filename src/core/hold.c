/* SPDX-License-Identifier: ISC */
/* What every file of holds stands on: a hold is made, checked at each door, and freed. Its end is in release.c. */
#include "hold.h"

#include <errno.h>
#include <stdlib.h>

int held_check(const struct hold *h) {
	if (!h)
		return -EINVAL;
	return h->owner == os_owner_now() ? 0 : -ECHILD;
}

struct hold *held_new(void) {
	uint64_t owner = os_owner();
	struct hold *h = owner ? calloc(1, sizeof *h) : NULL;

	if (!h)
		return NULL;
	h->owner = owner;
	h->pidfd = h->keeper.pidfd = h->keeper.socket = -1;
	h->containment = HOLD_CONTAIN_NONE;
	h->cgroup.fd = -1;
	for (int i = 0; i <= HOLD_TERMINAL; i++)
		h->stream_fds[i] = -1;
	h->other_side = -1;
	h->status.core_dumped = -1;
	h->status.wall_ns = h->status.user_us = h->status.system_us = h->status.max_rss_kib = -1;
	return h;
}

void held_free(struct hold *h) {
	if (!h)
		return;
	for (int i = 0; i <= HOLD_TERMINAL; i++)
		os_close(h->stream_fds[i]);
	os_close(h->other_side);
	os_close(h->pidfd);
	os_close(h->keeper.pidfd); /* in a forked child: the copies */
	os_close(h->keeper.socket);
	os_close(h->cgroup.fd);
	free(h);
}
