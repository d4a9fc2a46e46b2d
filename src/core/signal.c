/* SPDX-License-Identifier: ISC */
/*
 * What may be called from a signal handler: signals to a held process, its pid and descriptor.
 *
 * Through a process descriptor a signal cannot go astray. Where the kernel takes none there, a child of ours is
 * signalled by number, which is its own until it is reaped; and it is reaped by hold_wait alone, which first waits
 * until no sender is counted here (wait.c). No lock: a handler may interrupt either side.
 */
#include "audit.h"
#include "hold.h"

#include <errno.h>

static int send_by_number(const struct hold *shared, int target, int signal) {
	struct hold *h = (struct hold *)shared; /* what is counted is not what the caller holds constant */
	int result = HOLD_GONE;

	atomic_fetch_add(&h->senders, 1);
	if (atomic_load(&h->state) == HELD_ALIVE)
		result = os_kill(target, signal);
	atomic_fetch_sub(&h->senders, 1);
	return result == -ESRCH ? HOLD_GONE : result;
}

int hold_send(const struct hold *h, int signal) {
	int result;

	/* Where another thread reaps it the status is told an instant before the kernel lets go of the number. */
	if (!h->adopted && atomic_load(&h->state) == HELD_ENDED)
		return HOLD_GONE;
	result = h->pidfd < 0 ? -ENOSYS : os_signal_pidfd(h->pidfd, signal);
	if (result == -ESRCH)
		return HOLD_GONE;
	/* A filter may forbid what it does not know: by number the kernel answers -EPERM again if it is its own. */
	if ((result == -ENOSYS || result == -EPERM) && h->is_child)
		return send_by_number(h, h->pid, signal);
	return result;
}

int hold_signal(const struct hold *h, int signal) {
	int error = hold_check(h);

	if (error < 0)
		return error;
	if (signal < 0)
		return -EINVAL;
	error = audit(AUDIT_SIGNAL, h->pid, signal);
	return error < 0 ? error : hold_send(h, signal);
}

static int send_to_group_by_number(const struct hold *h, int signal) {
	int result;

	if (!h->is_child || atomic_load(&h->state) != HELD_ALIVE)
		return -ENOSYS;
	if (os_group_of(h->pid) != h->pid) /* not reaped yet: its group is asked for, not a stranger's */
		return -ESRCH;
	result = send_by_number(h, -h->pid, signal);
	return result == HOLD_GONE ? -ENOSYS : result;
}

int hold_group_signal(const struct hold *h, int signal) {
	int result = hold_check(h);

	if (result < 0)
		return result;
	if (signal < 0)
		return -EINVAL;
	result = audit(AUDIT_SIGNAL, -(int64_t)h->pid, signal);
	if (result < 0)
		return result;
	result = h->pidfd < 0 ? -ENOSYS : os_signal_pidfd_group(h->pidfd, signal);
	if (result == -ENOSYS || (result == -EPERM && h->is_child))
		return send_to_group_by_number(h, signal);
	return result;
}

int64_t hold_pid(const struct hold *h) {
	int error = hold_check(h);

	return error < 0 ? error : h->pid;
}

int hold_fd(const struct hold *h) {
	int error = hold_check(h);

	if (error < 0)
		return error;
	return h->pidfd < 0 ? -ENOSYS : h->pidfd;
}

int hold_table(const struct hold *h) {
	const int error = hold_check(h);

	_Static_assert((int)HOLD_TABLE_CUT == OS_TABLE_CUT && (int)HOLD_TABLE_FETCHED == OS_TABLE_FETCHED &&
			       (int)HOLD_TABLE_COPIED == OS_TABLE_COPIED,
		       "os_spawn's answer is handed out as it is");
	if (error < 0)
		return error;
	return h->table ? (int)h->table : -ENODATA;
}

int hold_niceness(const struct hold *h, int *ret_niceness, int *ret_autogroup) {
	int error = hold_check(h);

	if (error < 0)
		return error;
	if (h->adopted)
		return -ENODATA;
	if (ret_niceness)
		*ret_niceness = h->niceness;
	if (ret_autogroup)
		*ret_autogroup = h->autogroup;
	return 0;
}
