/* SPDX-License-Identifier: ISC */
/* The children of this process that have ended, and reaping one of them. */
#include "calls.h"
#include "os.h"
#include "procfs.h"
#include "wait-child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>

/* A list that is read while children are reaped skips others: so it is read to its end before any is reaped. */
struct children {
	int *pids;
	size_t count, room;
};

static int note_child(struct children *children, int pid) {
	if (children->count == children->room) {
		const size_t room = children->room ? children->room * 2 : 64;
		int *grown = realloc(children->pids, room * sizeof *grown);

		if (!grown)
			return -ENOMEM;
		children->pids = grown;
		children->room = room;
	}
	children->pids[children->count++] = pid;
	return 0;
}

static int read_children(struct children *children, int fd) {
	char text[4096];
	int pid = 0, result = 0;
	long length = 0;

	while (result == 0 && (length = call_read(fd, text, sizeof text)) > 0) {
		for (long i = 0; i < length && result == 0; i++) {
			if (text[i] >= '0' && text[i] <= '9') {
				pid = 10 * pid + text[i] - '0';
				continue;
			}
			result = pid > 0 ? note_child(children, pid) : 0;
			pid = 0;
		}
	}
	return result == 0 && length < 0 ? (int)length : result;
}

static int read_thread(void *context, int thread) {
	char path[PROCFS_PATH];
	int fd, result;

	procfs_path(path, "self/task/", thread, "/children");
	fd = call_openat(path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd == -ENOENT || fd == -ESRCH ? 0 : fd;
	result = read_children(context, fd);
	call_close(fd);
	return result;
}

/* Another thread may reap the child at any time, and another process get its number: only the descriptor is certain. */
static bool is_ended_child(int pidfd, int pid) {
	siginfo_t info;

	return wait_child(pidfd, pid, WEXITED | WNOHANG | WNOWAIT | __WALL, &info, NULL) == 0 && info.si_pid == pid;
}

static int visit_if_ended(int pid, int (*visit)(void *context, int pid, int pidfd), void *context) {
	struct procfs_stat stat;
	int pidfd, result = 0;

	if (procfs_stat(pid, &stat) < 0 || stat.state != 'Z') /* most live: those are not opened */
		return 0;
	pidfd = call_pidfd_open(pid, 0);
	if (pidfd < 0) /* it is another process's number, or there is no descriptor for the look */
		return pidfd == -EMFILE || pidfd == -ENFILE ? pidfd : 0;
	if (is_ended_child(pidfd, pid))
		result = visit(context, pid, pidfd);
	call_close(pidfd);
	return result;
}

int os_each_ended_child(int (*visit)(void *context, int pid, int pidfd), void *context) {
	struct children children = { .pids = NULL };
	int error = procfs_each_thread(call_getpid(), read_thread, &children), result;

	/* one that cannot be looked at spares no other */
	for (size_t i = 0; i < children.count; i++) {
		result = visit_if_ended(children.pids[i], visit, context);
		error = error == 0 ? result : error;
	}
	free(children.pids);
	return error == -ENOENT ? -ENOSYS : error;
}

bool os_reap_child(int pid, int pidfd) {
	siginfo_t info;

	return wait_child(pidfd, pid, WEXITED | WNOHANG | __WALL, &info, NULL) == 0 && info.si_pid == pid;
}
