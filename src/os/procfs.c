/* SPDX-License-Identifier: ISC */
#include "procfs.h"
#include "calls.h"
#include "directory.h"
#include "base/decimal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PF_FORKNOEXEC = 0x40 }; /* one of the kernel's process flags */

long procfs_read(const char *path, char *text, size_t size) {
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

int procfs_each_line(const char *path, procfs_line_visitor *visit, void *context) {
	char text[1024], line[4096];
	int fd = call_openat(path, O_RDONLY | O_CLOEXEC, 0), result = 0;
	size_t length = 0;
	long size = 0;

	if (fd < 0)
		return fd;
	while (result == 0 && (size = call_read(fd, text, sizeof text)) != 0) {
		if (size < 0 && size != -EINTR)
			break;
		for (long i = 0; i < size && result == 0; i++) {
			if (text[i] != '\n') {
				if (length < sizeof line - 1)
					line[length++] = text[i];
				continue;
			}
			line[length] = 0;
			length = 0;
			result = visit(context, line);
		}
	}
	call_close(fd);
	return result == 0 && size < 0 ? (int)size : result;
}

/* "NSpid:" and our pid in each namespace, from that of this /proc to our own. */
static int has_one_namespace(void *context, char *line) {
	const char *name = "NSpid:\t";

	(void)context;
	for (; *name && *line == *name; name++)
		line++;
	if (*name)
		return 0;
	return strchr(line, '\t') ? -ENOSYS : 1;
}

/*
 * That our pid is the same there and here is no proof: it may be equal by chance. The status file proves it; but that
 * is long, so it is read once in a process.
 */
static int check_namespace(int us) {
	static _Atomic int checked; /* the process for which this /proc was found right */
	int result;

	if (atomic_load_explicit(&checked, memory_order_relaxed) == us)
		return 0;
	result = procfs_each_line("/proc/self/status", has_one_namespace, NULL);
	if (result < 0)
		return result == -ENOENT ? -ENOSYS : result;
	atomic_store_explicit(&checked, us, memory_order_relaxed); /* also before Linux 4.1, which has no NSpid */
	return 0;
}

int procfs_check(void) {
	const int us = call_getpid();
	char text[64];
	long length = OS_CALL(SYS_readlinkat, AT_FDCWD, "/proc/self", text, sizeof text - 1, 0);

	if (length < 0 && length != -ENOENT) /* a filter may refuse it */
		length = procfs_read("/proc/self/stat", text, sizeof text);
	if (length < 0)
		return length == -ENOENT ? -ENOSYS : (int)length;
	text[length] = 0;
	return atoi(text) == us ? check_namespace(us) : -ENOSYS;
}

void procfs_path(char path[PROCFS_PATH], const char *directory, long number, const char *name) {
	/* PROCFS_PATH is room for all there is. */
	strcpy(decimal_write(stpcpy(stpcpy(path, "/proc/"), directory), (uint64_t)number), name);
}

long procfs_read_of(int pid, const char *name, char *text, size_t size) {
	char path[PROCFS_PATH];
	long result = procfs_check();

	if (result < 0)
		return result == -ENOSYS ? -ESRCH : result;
	procfs_path(path, "", pid, name);
	result = procfs_read(path, text, size);
	return result == -ENOENT ? -ESRCH : result;
}

bool procfs_has_one_thread(int pid) {
	enum { OF_A_DIRECTORY = 2 }; /* links of an empty directory: its name and "."; each directory in it adds one */
	char path[PROCFS_PATH];
	struct os_statx found = { .links = 0 };

	procfs_path(path, "", pid, "/task");
	return OS_CALL(SYS_statx, AT_FDCWD, path, 0, OS_STATX_LINKS, &found) == 0 && found.links == OF_A_DIRECTORY + 1;
}

int procfs_each_thread(int pid, procfs_thread_visitor *visit, void *context) {
	const struct directory_entry *entry;
	struct directory threads;
	char path[PROCFS_PATH];
	int result = procfs_check(), thread;

	if (result < 0)
		return result == -ENOSYS ? -ENOENT : result;
	procfs_path(path, "", pid, "/task");
	directory_begin(&threads, call_openat(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
	if (threads.fd < 0)
		return threads.fd;
	while (result >= 0 && (entry = directory_next(&threads))) {
		thread = atoi(entry->name);
		if (thread > 0)
			result = visit(context, thread);
	}
	call_close(threads.fd);
	return result >= 0 && threads.size < 0 ? (int)threads.size : result;
}

/*
 * Field 2, the name, may have spaces and parentheses in it, so fields are counted from the last parenthesis. Each call
 * goes on from field *number to the field `wanted`.
 */
static int64_t field_after(const char **at, int *number, int wanted) {
	for (; *at && *number < wanted; ++*number)
		*at = strchr(*at + 1, ' ');
	return *at ? strtoll(*at + 1, NULL, 10) : 0;
}

int procfs_stat(int pid, struct procfs_stat *ret) {
	char text[1024];
	const char *at;
	int number = 2;
	long result = procfs_read_of(pid, "/stat", text, sizeof text);

	if (result < 0)
		return (int)result;
	at = strrchr(text, ')');
	if (!at || !at[1])
		return -EIO;
	ret->state = at[2];
	ret->parent = (int)field_after(&at, &number, 4);
	ret->group = (int)field_after(&at, &number, 5);
	ret->session = (int)field_after(&at, &number, 6);
	ret->has_executed = !(field_after(&at, &number, 9) & PF_FORKNOEXEC);
	ret->niceness = (int)field_after(&at, &number, 19);
	ret->threads = (int)field_after(&at, &number, 20);
	ret->start_time = (uint64_t)field_after(&at, &number, 22);
	ret->has_memory = field_after(&at, &number, 23) != 0;
	return at ? 0 : -EIO;
}
