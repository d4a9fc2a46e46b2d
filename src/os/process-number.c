/* SPDX-License-Identifier: ISC */
/* What a process may be asked for or given by its number alone. POSIX tells little about it, and lists no children. */
#include "calls.h"
#include "os.h"

int os_pidfd_open(int pid, unsigned flags) {
	(void)pid, (void)flags;
	return -ENOSYS;
}

int os_pidfd_duplicate(int pidfd) {
	(void)pidfd;
	return -ENOSYS;
}

int os_pidfd_pid(int pidfd) {
	return os_is_open(pidfd) ? -ENOSYS : -EBADF;
}

int os_identity(int pidfd, int pid, bool use_inode, struct os_identity *ret) {
	(void)pidfd, (void)pid, (void)use_inode, (void)ret;
	return -ENOSYS;
}

int os_describe(int pidfd, int pid, struct os_description *ret) {
	(void)pidfd, (void)pid, (void)ret;
	return -ENOSYS;
}

int os_thread_count(void) {
	return 0;
}

bool os_has_executed(int pid) {
	(void)pid;
	return false;
}

/* Of a child that is not reaped, so the number is its own. */
int os_renice(int pidfd, int pid, int increment, int *ret_niceness, int *ret_autogroup) {
	const int error = call_set_niceness(pid, niceness_with(call_niceness(pid), increment));

	(void)pidfd;
	*ret_autogroup = INT32_MIN;
	*ret_niceness = call_niceness(pid);
	return error;
}

int os_each_ended_child(int (*visit)(void *context, int pid, int pidfd), void *context) {
	(void)visit, (void)context;
	return -ENOSYS;
}

bool os_reap_child(int pid, int pidfd) {
	(void)pid, (void)pidfd;
	return false;
}
