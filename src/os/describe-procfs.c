/* SPDX-License-Identifier: ISC */
/* What /proc shows of a process, and the niceness of all its threads, which are listed there. */
#include "calls.h"
#include "os.h"
#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A process that is not listed has been reaped, or else there is no /proc. */
static int why_not_listed(int pidfd, int error) {
	if (error != -ESRCH && error != -ENOENT)
		return error;
	return os_is_reaped(pidfd) ? -ESRCH : -ENOSYS;
}

enum { EXEC_PATIENCE_MS = 20 };

/*
 * /proc/PID/cmdline. After execve the parent may continue before the new program's arguments are visible there. So if a
 * process has memory and no arguments yet, the file is read again for a moment.
 */
static long read_arguments(int pid, bool has_memory, char *command, size_t size) {
	long length = 0;

	for (int i = 0; i < EXEC_PATIENCE_MS; i++) {
		length = procfs_read_of(pid, "/cmdline", command, size);
		if (length != 0 || !has_memory)
			break;
		call_ppoll(NULL, 0, &(struct os_timespec){ 0, 1000000 });
	}
	return length;
}

/* The argument vector with spaces between; the name in brackets if there is none: kernel threads, zombies. */
static void read_command(int pid, bool has_memory, char *command, size_t size) {
	long length = read_arguments(pid, has_memory, command, size);

	if (length > 0) {
		while (length > 0 && !command[length - 1])
			length--;
		for (long i = 0; i < length; i++) {
			if (!command[i])
				command[i] = ' ';
		}
		return;
	}
	command[0] = '[';
	length = procfs_read_of(pid, "/comm", command + 1, size - 2);
	length = length < 0 ? 0 : (long)strcspn(command + 1, "\n");
	strcpy(command + 1 + length, "]");
}

/* The process's user. The files of an undumpable process belong to root, so its status is read. */
static int read_user(int pid, uint32_t *ret) {
	static const char uid[] = "\nUid:\t";
	char text[2048];
	const char *line;
	long result = procfs_read_of(pid, "/status", text, sizeof text);

	if (result < 0)
		return (int)result;
	line = strstr(text, uid);
	line = line ? strchr(line + sizeof uid - 1, '\t') : NULL; /* behind the real one is the effective one */
	if (!line)
		return -EIO;
	*ret = (uint32_t)strtoul(line + 1, NULL, 10);
	return 0;
}

int os_describe(int pidfd, int pid, struct os_description *ret) {
	struct procfs_stat stat;
	int error = procfs_stat(pid, &stat);

	if (error == 0)
		error = read_user(pid, &ret->user);
	if (error < 0)
		return why_not_listed(pidfd, error);
	read_command(pid, stat.has_memory, ret->command, sizeof ret->command);
	ret->parent = stat.parent;
	ret->group = stat.group;
	ret->session = stat.session;
	ret->niceness = stat.niceness;
	ret->threads = stat.threads;
	ret->state = stat.state;
	/* All was read by number: the number was still the process's own if the process is not reaped now. */
	return os_is_reaped(pidfd) ? -ESRCH : 0;
}

int os_thread_count(void) {
	struct procfs_stat stat;

	return procfs_stat(call_getpid(), &stat) == 0 ? stat.threads : 0;
}

bool os_has_executed(int pid) {
	struct procfs_stat stat;

	return procfs_stat(pid, &stat) == 0 && stat.has_executed;
}

struct addition {
	int pid, increment, niceness; /* niceness: the new one of the first thread */
};

static int add_to_thread(void *context, int thread) {
	struct addition *addition = context;
	const int niceness = niceness_with(call_niceness(thread), addition->increment);
	const int error = call_set_niceness(thread, niceness);

	if (error == -ESRCH) /* ended meanwhile */
		return 0;
	if (thread == addition->pid)
		addition->niceness = niceness;
	return error;
}

/*
 * The threads are listed as they are changed: a thread that is made meanwhile inherits from a changed one, or is still
 * to be listed.
 */
static int add_to_threads(int pid, int increment, int *ret_niceness) {
	struct addition addition = { pid, increment, *ret_niceness };
	const int error = procfs_each_thread(pid, add_to_thread, &addition);

	*ret_niceness = addition.niceness;
	return error;
}

static int read_autogroup(const char *path) {
	char text[128];
	const char *nice;

	if (procfs_read(path, text, sizeof text) < 0)
		return INT32_MIN;
	nice = strstr(text, "nice ");
	return nice ? atoi(nice + 5) : INT32_MIN;
}

/* An autogroup is a whole session's, so only a leader changes it. The value read afterwards shows a refusal. */
static int add_to_autogroup(int pid, int increment) {
	char path[PROCFS_PATH], text[16];
	int niceness, fd, length;

	procfs_path(path, "", pid, "/autogroup");
	niceness = read_autogroup(path);
	fd = niceness == INT32_MIN ? -1 : call_openat(path, O_WRONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return niceness;
	length = snprintf(text, sizeof text, "%d", niceness_with(niceness, increment));
	call_write(fd, text, (size_t)length);
	call_close(fd);
	return read_autogroup(path);
}

int os_renice(int pidfd, int pid, int increment, int *ret_niceness, int *ret_autogroup) {
	struct procfs_stat stat;
	int error;

	error = os_is_reaped(pidfd) ? -ESRCH : add_to_threads(pid, increment, ret_niceness);
	*ret_autogroup = INT32_MIN;
	if (error == 0 && os_is_reaped(pidfd)) /* another process may have its number now */
		error = -ESRCH;
	if (error < 0)
		return why_not_listed(pidfd, error);
	if (procfs_stat(pid, &stat) == 0 && stat.session == pid)
		*ret_autogroup = add_to_autogroup(pid, increment);
	return 0;
}
