/* SPDX-License-Identifier: ISC */
/* The system's own signals by number, for programs that have nothing better. It exists on every platform. */
#include "audit.h"

#include "os/os.h"

#include <pidhold.h>

#include <errno.h>
#include <limits.h>

int hold_kill(int64_t pid, int64_t signal) {
	int error;

	if (pid < INT_MIN || pid > INT_MAX || signal < INT_MIN || signal > INT_MAX)
		return -EINVAL;
	error = audit(AUDIT_OS_KILL, pid, signal);
	return error < 0 ? error : os_kill((int)pid, (int)signal);
}
