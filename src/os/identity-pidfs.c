/* SPDX-License-Identifier: ISC */
/*
 * What distinguishes one process from all others. Since Linux 6.9 it is the inode of its descriptor, which is never
 * used again before the machine stops. Before that all process descriptors share one inode, and the boot id with the
 * process's start time is used.
 */
#include "calls.h"
#include "info-pidfd.h"
#include "os.h"
#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

int os_pidfd_open(int pid, unsigned flags) {
	return call_pidfd_open(pid, flags);
}

int os_pidfd_duplicate(int pidfd) {
	return call_fcntl(pidfd, F_DUPFD_CLOEXEC, 3);
}

/* The "Pid:" line of the descriptor's fdinfo: every process descriptor has one, and only those. */
int os_pidfd_pid(int pidfd) {
	char path[PROCFS_PATH], text[512];
	const char *line;
	long result, pid;

	if (pidfd < 0 || !os_is_open(pidfd))
		return -EBADF;
	result = procfs_check(); /* fdinfo has the pid in the namespace of that /proc */
	if (result < 0)
		return result == -ENOSYS ? info_pid(pidfd) : (int)result;
	procfs_path(path, "self/fdinfo/", pidfd, "");
	result = procfs_read(path, text, sizeof text);
	if (result < 0)
		return result == -ENOENT ? -ENOSYS : (int)result;
	line = strstr(text, "\nPid:");
	if (!line)
		return -EBADF;
	pid = strtol(line + sizeof "\nPid:" - 1, NULL, 10);
	return pid > 0 ? (int)pid : -ESRCH;
}

int os_identity(int pidfd, int pid, bool use_inode, struct os_identity *ret) {
	char boot_id[sizeof ret->boot_id];
	struct procfs_stat stat;
	long length;
	int error;

	memset(ret, 0, sizeof *ret);
	ret->inode = use_inode ? info_inode(pidfd) : 0;
	if (ret->inode)
		return 0;
	length = procfs_read("/proc/sys/kernel/random/boot_id", boot_id, sizeof boot_id);
	if (length < 0)
		return length == -ENOENT ? -ENOSYS : (int)length;
	boot_id[strcspn(boot_id, "\n")] = 0;
	strcpy(ret->boot_id, boot_id);
	error = procfs_stat(pid, &stat);
	if (error < 0)
		return error;
	ret->start_time = stat.start_time;
	/* It was read by number: the number was still the process's own if the process is not reaped now. */
	return os_is_reaped(pidfd) ? -ESRCH : 0;
}
