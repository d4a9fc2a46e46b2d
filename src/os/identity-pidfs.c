/* SPDX-License-Identifier: ISC */
/*
 * What tells one process from all others. Since Linux 6.9 a process descriptor's inode does, which is never used
 * again before the machine stops; before, all process descriptors share one inode, and the boot's id with the
 * process's start time has to do.
 */
#include "calls.h"
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

enum { PIDFS_MAGIC = 0x50494446, START_TIME_FIELD = 22 };

int os_pidfd_open(int pid, unsigned flags) {
	return call_pidfd_open(pid, flags);
}

int os_pidfd_duplicate(int pidfd) {
	return call_fcntl(pidfd, F_DUPFD_CLOEXEC, 3);
}

static long read_file(const char *path, char *text, size_t size) {
	int fd = call_openat(path, O_RDONLY | O_CLOEXEC, 0);
	size_t length = 0;
	long n = 0;

	if (fd < 0)
		return fd;
	while (length < size - 1 && (n = call_read(fd, text + length, size - 1 - length)) != 0) {
		if (n == -EINTR)
			continue;
		if (n < 0)
			break;
		length += (size_t)n;
	}
	call_close(fd);
	text[length] = 0;
	return n < 0 ? n : (long)length;
}

/* "/proc/", the directory (a pid or "self/fdinfo"), "/", the name. */
static void proc_path(char *path, const char *directory, long number, const char *name) {
	char digits[24];
	size_t count = 0;

	path = stpcpy(stpcpy(path, "/proc/"), directory);
	do
		digits[count++] = (char)('0' + number % 10);
	while (number /= 10);
	while (count)
		*path++ = digits[--count];
	strcpy(path, name);
}

/* The "Pid:" line of the descriptor's fdinfo: every process descriptor has one, and only those. */
int os_pidfd_pid(int pidfd) {
	char path[64], text[512];
	const char *line;
	long result, pid;

	proc_path(path, "self/fdinfo/", pidfd < 0 ? 0 : pidfd, "");
	result = pidfd < 0 ? -EBADF : read_file(path, text, sizeof text);
	if (result < 0)
		return result == -ENOENT ? -EBADF : (int)result;
	line = strstr(text, "\nPid:");
	if (!line)
		return -EBADF;
	pid = strtol(line + sizeof "\nPid:" - 1, NULL, 10);
	return pid > 0 ? (int)pid : -ESRCH;
}

/* Field 22 of /proc/PID/stat; the name, field 2, may hold spaces and parentheses, so fields count from its end. */
static int read_start_time(int pid, uint64_t *ret) {
	char path[64], text[1024];
	const char *field;
	long result;

	proc_path(path, "", pid, "/stat");
	result = read_file(path, text, sizeof text);
	if (result < 0)
		return result == -ENOENT ? -ESRCH : (int)result;
	field = strrchr(text, ')');
	for (int number = 2; field && number < START_TIME_FIELD; number++)
		field = strchr(field + 1, ' ');
	if (!field)
		return -EIO;
	*ret = strtoull(field + 1, NULL, 10);
	return 0;
}

static int read_inode(int pidfd, uint64_t *ret) {
	struct statfs system;
	struct stat file;
	int kept = errno, result = -EOPNOTSUPP;

	if (fstatfs(pidfd, &system) == 0 && (unsigned long)system.f_type == PIDFS_MAGIC && fstat(pidfd, &file) == 0 &&
	    sizeof file.st_ino >= 8) { /* the inode of a 32-bit program is half of it */
		*ret = file.st_ino;
		result = 0;
	}
	errno = kept;
	return result;
}

int os_identity(int pidfd, int pid, bool use_inode, struct os_identity *ret) {
	char boot_id[sizeof ret->boot_id];
	long length;
	int error;

	memset(ret, 0, sizeof *ret);
	if (use_inode && pidfd >= 0 && read_inode(pidfd, &ret->inode) == 0)
		return 0;
	length = read_file("/proc/sys/kernel/random/boot_id", boot_id, sizeof boot_id);
	if (length < 0)
		return length == -ENOENT ? -ENOSYS : (int)length;
	boot_id[strcspn(boot_id, "\n")] = 0;
	strcpy(ret->boot_id, boot_id);
	error = read_start_time(pid, &ret->start_time);
	if (error < 0)
		return error;
	/* Read by number: it was the process's own if the process is not reaped now. */
	error = pidfd >= 0 ? call_pidfd_send_signal(pidfd, 0, 0) : 0;
	return error == -ESRCH ? -ESRCH : 0;
}
