/* SPDX-License-Identifier: ISC */
#include "cgroup-v2.h"
#include "calls.h"
#include "directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

enum {
	DEPTH = 16,       /* of groups that a killed hold left below */
	MOVE_ROUNDS = 100 /* of emptying a group that new processes enter meanwhile */
};

static int open_in(int dirfd, const char *name, int flags) {
	return (int)OS_CALL(SYS_openat, dirfd, name, flags | O_CLOEXEC, 0, 0);
}

int cgroup_kill(int dirfd) {
	return call_write_file(dirfd, "cgroup.kill", "1", 1);
}

/*
 * Calls visit with each number, without its newline, until visit returns other than 0. The list has a 0 for a process
 * that is just ending: it is skipped. Returns how many numbers there were.
 */
static long each_process(int dirfd, int (*visit)(void *context, const char *number, size_t length), void *context) {
	char text[4096], number[16];
	const int fd = open_in(dirfd, "cgroup.procs", O_RDONLY);
	size_t length = 0;
	long size = 0, count = 0;
	int result = 0;

	if (fd < 0)
		return fd;
	while (result == 0 && (size = call_read(fd, text, sizeof text)) > 0) {
		for (long i = 0; i < size && result == 0; i++) {
			if (text[i] != '\n' && length < sizeof number) {
				number[length++] = text[i];
				continue;
			}
			if (length && number[0] != '0') {
				count++;
				result = visit ? visit(context, number, length) : 0;
			}
			length = 0;
		}
	}
	call_close(fd);
	return size < 0 ? size : count;
}

long cgroup_count(int dirfd) {
	return each_process(dirfd, NULL, NULL);
}

/* A process that is looked for in the list, and killed if it is there. */
struct sought {
	int dirfd, pid, found;
	int left; /* how many may still be killed this time */
};

/* 0, which is no process's pid, if the text is no number. */
static int pid_of(const char *number, size_t length) {
	int64_t pid = 0;

	for (size_t i = 0; i < length; i++) {
		if (number[i] < '0' || number[i] > '9' || pid > INT32_MAX / 10)
			return 0;
		pid = 10 * pid + (number[i] - '0');
	}
	return pid > INT32_MAX ? 0 : (int)pid;
}

static int look_for(void *context, const char *number, size_t length) {
	struct sought *sought = context;

	sought->found = pid_of(number, length) == sought->pid;
	return sought->found;
}

/* The process is opened first, and signalled only if the list still has it: so the number is not another process's. */
static int kill_one(void *context, const char *number, size_t length) {
	struct sought *all = context, sought = { .dirfd = all->dirfd, .pid = pid_of(number, length) };
	const int pidfd = call_pidfd_open(sought.pid, 0);

	if (pidfd >= 0) {
		each_process(sought.dirfd, look_for, &sought);
		if (sought.found)
			call_pidfd_send_signal(pidfd, SIGKILL, 0);
		call_close(pidfd);
	}
	return --all->left == 0;
}

void cgroup_kill_rest(int dirfd) {
	struct sought all = { .dirfd = dirfd, .left = 64 };

	each_process(dirfd, kill_one, &all);
}

static bool starts_with(const char *text, const char *beginning) {
	for (; *beginning; text++, beginning++) {
		if (*text != *beginning)
			return false;
	}
	return true;
}

int cgroup_is_empty(int dirfd) {
	char text[256];
	const int fd = open_in(dirfd, "cgroup.events", O_RDONLY);
	long size;

	if (fd < 0)
		return fd;
	size = call_read(fd, text, sizeof text - 1);
	call_close(fd);
	if (size < 0)
		return (int)size;
	text[size] = 0;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (starts_with(line, "populated "))
			return line[sizeof "populated " - 1] == '0';
	}
	return -EIO;
}

static int move_up(void *context, const char *number, size_t length) {
	call_write_file(*(int *)context, "../cgroup.procs", number, length);
	return 0;
}

void cgroup_let_go(int dirfd) {
	for (int round = 0; round < MOVE_ROUNDS && each_process(dirfd, move_up, &dirfd) > 0; round++)
		;
}

static void remove_below(int dirfd, int depth) {
	const struct directory_entry *entry;
	struct directory list;
	int below;

	directory_begin(&list, open_in(dirfd, ".", O_RDONLY | O_DIRECTORY)); /* with a read position of its own */
	while ((entry = directory_next(&list))) {
		if (entry->type != DT_DIR || entry->name[0] == '.' || depth == 0)
			continue;
		below = open_in(dirfd, entry->name, O_RDONLY | O_DIRECTORY);
		if (below >= 0) {
			remove_below(below, depth - 1);
			call_close(below);
		}
		OS_CALL(SYS_unlinkat, dirfd, entry->name, AT_REMOVEDIR, 0, 0);
	}
	if (list.fd >= 0)
		call_close(list.fd);
}

int cgroup_remove(int dirfd, const char *name) {
	static const char above[] = "../";
	char path[sizeof above + NAME_MAX];
	int result;

	if (strlen(name) > NAME_MAX)
		return -ENAMETOOLONG;
	strcpy(stpcpy(path, above), name);
	result = (int)OS_CALL(SYS_unlinkat, dirfd, path, AT_REMOVEDIR, 0, 0);
	if (result == -EBUSY) { /* there are groups below it, or processes in it */
		remove_below(dirfd, DEPTH);
		result = (int)OS_CALL(SYS_unlinkat, dirfd, path, AT_REMOVEDIR, 0, 0);
	}
	return result;
}
