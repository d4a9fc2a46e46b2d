/* SPDX-License-Identifier: ISC */
/* The children of this process that have ended, and reaping one of them. */
#include "calls.h"
#include "info-pidfd.h"
#include "os.h"
#include "procfs.h"
#include "wait-pidfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

/* A child's number is its own until it is reaped, which another thread may do: so it is held, and looked at then. */
bool os_reap_child(int pid) {
	const int pidfd = call_pidfd_open(pid, 0);
	siginfo_t info;
	bool reaped;

	if (pidfd < 0)
		return false;
	reaped = wait_child(pidfd, pid, WEXITED | WNOHANG | __WALL, &info, NULL) == 0 && info.si_pid == pid;
	call_close(pidfd);
	return reaped;
}

struct children {
	int (*visit)(void *context, int pid);
	void *context;
};

static int visit_ended(const struct children *children, int pid) {
	struct procfs_stat stat;

	if (procfs_stat(pid, &stat) < 0 || stat.state != 'Z' || stat.parent != call_getpid())
		return 0;
	return children->visit(children->context, pid);
}

/* A list that is read while children are taken out of it skips others: so it is read to its end first, in pieces. */
static int visit_list(const struct children *children, int fd) {
	char text[4096];
	int pid = 0, result = 0;
	long length = 0;

	while (result == 0 && (length = call_read(fd, text, sizeof text)) > 0) {
		for (long i = 0; i < length && result == 0; i++) {
			if (text[i] >= '0' && text[i] <= '9') {
				pid = 10 * pid + text[i] - '0';
				continue;
			}
			result = pid > 0 ? visit_ended(children, pid) : 0;
			pid = 0;
		}
	}
	return result == 0 && length < 0 ? (int)length : result;
}

static int visit_thread(void *context, int thread) {
	char path[PROCFS_PATH];
	int fd, result;

	procfs_path(path, "self/task/", thread, "/children");
	fd = call_openat(path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd == -ENOENT || fd == -ESRCH ? 0 : fd;
	result = visit_list(context, fd);
	call_close(fd);
	return result;
}

int os_each_ended_child(int (*visit)(void *context, int pid), void *context) {
	struct children children = { visit, context };
	const int error = procfs_each_thread(call_getpid(), visit_thread, &children);

	return error == -ENOENT ? -ENOSYS : error;
}
