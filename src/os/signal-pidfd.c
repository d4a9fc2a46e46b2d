/* SPDX-License-Identifier: ISC */
/* Signals through process descriptors: to the process that the descriptor was made for, or to none. */
#include "calls.h"
#include "os.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

enum { SIGNAL_PROCESS_GROUP = 4 }; /* PIDFD_SIGNAL_PROCESS_GROUP, Linux 6.9 */

int os_signal_pidfd(int pidfd, int signal) {
	return call_pidfd_send_signal(pidfd, signal, 0);
}

static siginfo_t info_of(int signal, int32_t value) {
	siginfo_t info;

	memset(&info, 0, sizeof info);
	info.si_signo = signal;
	info.si_code = SI_QUEUE;
	info.si_pid = call_getpid();
	info.si_uid = call_getuid();
	info.si_value.sival_int = value;
	return info;
}

int os_signal_pidfd_value(int pidfd, int signal, int32_t value) {
	const siginfo_t info = info_of(signal, value);

	return call_pidfd_send_siginfo(pidfd, signal, &info);
}

int os_kill_value(int pid, int signal, int32_t value) {
	const siginfo_t info = info_of(signal, value);

	return call_rt_sigqueueinfo(pid, signal, &info);
}

int os_signal_pidfd_group(int pidfd, int signal) {
	int result = call_pidfd_send_signal(pidfd, signal, SIGNAL_PROCESS_GROUP);

	/* -EINVAL: an older kernel refuses the flag, or any kernel the signal. Signal 0 shows which it was. */
	if (result == -EINVAL && call_pidfd_send_signal(pidfd, 0, SIGNAL_PROCESS_GROUP) == -EINVAL)
		return -ENOSYS;
	return result;
}

bool os_is_reaped(int pidfd) {
	return pidfd >= 0 && call_pidfd_send_signal(pidfd, 0, 0) == -ESRCH;
}
