/* SPDX-License-Identifier: ISC */
/* Signals by number with a value, and the real-time signals. No process has a descriptor here. */
#include "calls.h"
#include "os.h"

int os_signal_pidfd(int pidfd, int signal) {
	(void)pidfd, (void)signal;
	return -ENOSYS;
}

int os_signal_pidfd_value(int pidfd, int signal, int32_t value) {
	(void)pidfd, (void)signal, (void)value;
	return -ENOSYS;
}

int os_signal_pidfd_group(int pidfd, int signal) {
	(void)pidfd, (void)signal;
	return -ENOSYS;
}

bool os_is_reaped(int pidfd) {
	(void)pidfd;
	return false;
}

int os_kill_value(int pid, int signal, int32_t value) {
	return system_queue_signal(pid, signal, value);
}

int os_real_time_offset(int signal) {
	const int first = system_first_real_time();

	return first && signal >= first && signal <= os_last_signal ? signal - first : -1;
}
