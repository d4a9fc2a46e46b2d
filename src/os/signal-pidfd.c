/* SPDX-License-Identifier: ISC */
/* Signals through process descriptors: to the process that the descriptor was made for, or to nobody. */
#include "calls.h"
#include "os.h"

#include <errno.h>

enum { SIGNAL_PROCESS_GROUP = 4 }; /* PIDFD_SIGNAL_PROCESS_GROUP, Linux 6.9 */

int os_signal_pidfd(int pidfd, int signal) {
	return call_pidfd_send_signal(pidfd, signal, 0);
}

int os_signal_pidfd_group(int pidfd, int signal) {
	int result = call_pidfd_send_signal(pidfd, signal, SIGNAL_PROCESS_GROUP);

	/* An older kernel says -EINVAL for the flag, every kernel for the signal: signal 0 tells which it was. */
	if (result == -EINVAL && call_pidfd_send_signal(pidfd, 0, SIGNAL_PROCESS_GROUP) == -EINVAL)
		return -ENOSYS;
	return result;
}

bool os_is_reaped(int pidfd) {
	return pidfd >= 0 && call_pidfd_send_signal(pidfd, 0, 0) == -ESRCH;
}
