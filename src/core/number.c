/* SPDX-License-Identifier: ISC */
/* The system's own functions on processes by their numbers, beside kill: killpg, pthread_kill, nice, pidfd_open. */
#include "audit.h"

#include "os/os.h"

#include <pidhold.h>

#include <errno.h>
#include <limits.h>

static bool fits(int64_t number) {
	return number >= INT_MIN && number <= INT_MAX;
}

int hold_killpg(int64_t pgid, int64_t signal) {
	int error;

	/* kill(2) cannot name group 1: its -1 means all processes. */
	if (!fits(pgid) || !fits(signal) || pgid < 0 || pgid == 1)
		return -EINVAL;
	error = audit(AUDIT_OS_KILLPG, pgid, signal);
	return error < 0 ? error : os_kill((int)-pgid, (int)signal);
}

int hold_pthread_kill(uintptr_t thread, int64_t signal) {
	int error;

	if (!fits(signal))
		return -EINVAL;
	error = audit(AUDIT_SIGNAL_PTHREAD_KILL, (int64_t)thread, signal);
	return error < 0 ? error : os_pthread_kill(thread, (int)signal);
}

int hold_nice(int increment, int *ret_niceness) {
	int niceness, error = os_nice(increment, &niceness);

	if (error == 0 && ret_niceness)
		*ret_niceness = niceness;
	return error;
}

int hold_pidfd_open(int64_t pid, unsigned flags) {
	return fits(pid) ? os_pidfd_open((int)pid, flags) : -EINVAL;
}
