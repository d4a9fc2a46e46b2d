/* SPDX-License-Identifier: ISC */
/* Functions of a hold, or of a set, that do not wait. Each of them may be called from a signal handler. */
#include "hold.h"
#include "keeper.h"
#include "set.h"

#include <errno.h>

/* ---- the process ---- */

int64_t hold_pid(const struct hold *h) {
	int error = held_check(h);

	return error < 0 ? error : h->pid;
}

int hold_fd(const struct hold *h) {
	int error = held_check(h);

	if (error < 0)
		return error;
	return h->pidfd < 0 ? -ENOSYS : h->pidfd;
}

/* ---- its keeper ---- */

int hold_containment(const struct hold *h) {
	const int error = held_check(h);

	return error < 0 ? error : h->containment;
}

int hold_tree_fd(const struct hold *h) {
	const int error = held_check(h);

	if (error < 0)
		return error;
	return has_keeper(h) ? h->keeper.pidfd : -ENODATA;
}

int hold_job_fd(const struct hold *h) {
	const int error = held_check(h);

	if (error < 0)
		return error;
	return has_keeper(h) ? h->keeper.socket : -ENODATA;
}

int hold_terminal_restore(struct hold *h, int when) {
	const int error = held_check(h);

	_Static_assert((int)HOLD_RESTORE_NEVER == OS_RESTORE_NEVER &&
			       (int)HOLD_RESTORE_AT_DEATH == OS_RESTORE_AT_DEATH &&
			       (int)HOLD_RESTORE_UNTIL_RELEASE == OS_RESTORE_UNTIL_RELEASE,
		       "told to the keeper as it is");
	if (error < 0)
		return error;
	if (when != HOLD_RESTORE_NEVER && when != HOLD_RESTORE_AT_DEATH && when != HOLD_RESTORE_UNTIL_RELEASE)
		return -EINVAL;
	return has_keeper(h) ? os_keeper_restore(&h->keeper, (enum os_restore)when) : -ENODATA;
}

int hold_terminal_restore_text(struct hold *h, const char *text, size_t length) {
	const int error = held_check(h);

	_Static_assert((int)HOLD_RESTORE_TEXT_MAX == OS_SCREEN_TEXT, "told to the keeper as it is");
	if (error < 0)
		return error;
	if (length > HOLD_RESTORE_TEXT_MAX || (length && !text))
		return -EINVAL;
	return has_keeper(h) ? os_keeper_set_screen(&h->keeper, text, length) : -ENODATA;
}

int64_t hold_tree_memory_peak(const struct hold *h) {
	const int error = held_check(h);

	if (error < 0)
		return error;
	return !atomic_load(&h->is_empty) || h->use.memory_peak_kib < 0 ? -ENODATA : h->use.memory_peak_kib;
}

/* ---- a set ---- */

int hold_waitset_fd(const struct hold_waitset *set) {
	int error = set_check(set);

	return error < 0 ? error : set->fd;
}

int hold_job_signal(const struct hold *h) {
	const int error = held_check(h);

	if (error < 0)
		return error;
	return has_keeper(h) ? atomic_load(&h->stop_signal) : -ENODATA;
}
