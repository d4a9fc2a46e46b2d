/* SPDX-License-Identifier: ISC */
#include "hold.h"
#include "structure.h"

#include <errno.h>
#include <string.h>

static int gone_or(int error) {
	return error == -ESRCH ? HOLD_GONE : error;
}

/* For a hold without a descriptor: the number is the process's own until hold_wait has reaped it. */
static bool is_reaped(const struct hold *h) {
	return h->pidfd < 0 && atomic_load(&h->state) != HELD_ALIVE;
}

int hold_describe(const struct hold *h, struct hold_description *ret) {
	struct hold_description known = { .size = sizeof known };
	struct os_description found;
	int saved_errno = errno, error = held_check(h);

	if (error == 0)
		error = ret ? structure_check(ret, sizeof known) : -EINVAL;
	if (error < 0)
		return error;
	error = is_reaped(h) ? -ESRCH : os_describe(h->pidfd, h->pid, &found);
	errno = saved_errno;
	if (error < 0)
		return gone_or(error);
	known.pid = h->pid;
	known.parent = found.parent;
	known.group = found.group;
	known.session = found.session;
	known.user = found.user;
	known.niceness = found.niceness;
	known.threads = found.threads;
	known.state = found.state;
	_Static_assert(sizeof known.command == sizeof found.command, "one command, one length");
	memcpy(known.command, found.command, sizeof known.command);
	structure_give(ret, &known, sizeof known);
	return 0;
}

int hold_renice(const struct hold *h, int increment, int *ret_niceness, int *ret_autogroup) {
	int saved_errno = errno, error = held_check(h), niceness = 0, autogroup;

	if (error < 0)
		return error;
	error = is_reaped(h) ? -ESRCH : os_renice(h->pidfd, h->pid, increment, &niceness, &autogroup);
	errno = saved_errno;
	if (error < 0)
		return gone_or(error);
	if (ret_niceness)
		*ret_niceness = niceness;
	if (ret_autogroup)
		*ret_autogroup = autogroup;
	return 0;
}
