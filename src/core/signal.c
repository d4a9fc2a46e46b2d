/* SPDX-License-Identifier: ISC */
/*
 * Signals to a held process, from a signal handler too.
 *
 * Through a process descriptor a signal cannot reach another process. Where the kernel does not support that, a child
 * of ours is signalled by number, which is its own until it is reaped. Only hold_wait reaps it, and first waits until
 * no sender is counted here (wait.c). There is no lock: a handler may interrupt either side.
 */
#include "audit.h"
#include "hold.h"

#include <errno.h>

/* A signal, and its value if it has one. */
struct parcel {
	int signal;
	bool has_value;
	int32_t value;
};

static int send_by_number(struct hold *h, int target, const struct parcel *parcel) {
	int result = HOLD_GONE;

	atomic_fetch_add(&h->senders, 1);
	if (atomic_load(&h->state) == HELD_ALIVE)
		result = parcel->has_value ? os_kill_value(target, parcel->signal, parcel->value)
					   : os_kill(target, parcel->signal);
	atomic_fetch_sub(&h->senders, 1);
	return result == -ESRCH ? HOLD_GONE : result;
}

static int send_by_descriptor(const struct hold *h, const struct parcel *parcel) {
	if (h->pidfd < 0)
		return -ENOSYS;
	return parcel->has_value ? os_signal_pidfd_value(h->pidfd, parcel->signal, parcel->value)
				 : os_signal_pidfd(h->pidfd, parcel->signal);
}

static int deliver(struct hold *h, const struct parcel *parcel) {
	int result;

	/* While another thread reaps it the status is known an instant before the kernel frees the number. */
	if (!h->adopted && atomic_load(&h->state) == HELD_ENDED)
		return HOLD_GONE;
	result = send_by_descriptor(h, parcel);
	if (result == -ESRCH)
		return HOLD_GONE;
	/* -EPERM may be that of a filter that does not know the call; if it is the kernel's, kill(2) returns it too. */
	if ((result == -ENOSYS || result == -EPERM) && h->is_child)
		return send_by_number(h, h->pid, parcel);
	return result;
}

int held_send(struct hold *h, int signal) {
	return deliver(h, &(struct parcel){ .signal = signal });
}

static int send_audited(struct hold *h, const struct parcel *parcel) {
	int error = held_check(h);

	if (error < 0)
		return error;
	if (parcel->signal < 0)
		return -EINVAL;
	error = audit(AUDIT_SIGNAL, h->pid, parcel->signal);
	return error < 0 ? error : deliver(h, parcel);
}

int hold_signal(struct hold *h, int signal) {
	return send_audited(h, &(struct parcel){ .signal = signal });
}

int hold_signal_value(struct hold *h, int signal, int32_t value) {
	return send_audited(h, &(struct parcel){ .signal = signal, .has_value = true, .value = value });
}

static int send_to_group_by_number(struct hold *h, int signal) {
	int result;

	if (!h->is_child || atomic_load(&h->state) != HELD_ALIVE)
		return -ENOSYS;
	if (os_group_of(h->pid) != h->pid) /* not reaped yet, so this is the group of our child */
		return -ESRCH;
	result = send_by_number(h, -h->pid, &(struct parcel){ .signal = signal });
	return result == HOLD_GONE ? -ENOSYS : result;
}

int hold_group_signal(struct hold *h, int signal) {
	int result = held_check(h);

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
