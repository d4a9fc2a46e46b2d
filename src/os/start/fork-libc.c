/* SPDX-License-Identifier: ISC */
/* fork on a terminal, with the C library's at-fork handlers, for hold_forkpty: the only fork of the library. */
#include "os/calls.h"
#include "os/os.h"
#include "base/clock.h"
#include "base/waits.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* In the child: sets up its terminal, and reports the error or 0 to the parent. On an error the child ends here. */
static void set_up_child(const struct os_terminal *terminal, int status_fd) {
	int error = os_terminal_login(terminal);

	call_write(status_fd, &error, sizeof error);
	if (error < 0)
		_exit(127);
	if (terminal->subordinate > 2)
		os_close(terminal->subordinate);
	os_close(terminal->master);
	os_close(status_fd);
}

/*
 * Returns what the child reported; -ECHILD: it was killed before it could. The end of the pipe alone does not show
 * that: a child that another thread forked meanwhile may keep the pipe open. So the child's end is waited for too.
 */
static int receive_from_child(int pid, int status_fd) {
	int error = -ECHILD, result;
	long size;

	do
		result = os_wait_readable(status_fd, clock_after_ms(LOOK_MS));
	while (result == 1 && os_wait_end(-1, pid, CLOCK_PAST) != 0);
	if (result == 1) /* the child has ended: its message is there now, or never will be */
		call_fcntl(status_fd, F_SETFL, O_NONBLOCK);
	do
		size = call_read(status_fd, &error, sizeof error);
	while (size == -EINTR);
	if (size != (long)sizeof error)
		error = -ECHILD;
	return error;
}

static void reap_forked(int pid) {
	struct os_exit unused;

	os_wait_end(-1, pid, INT64_MAX);
	os_collect(-1, pid, true, &unused);
}

int os_fork_on_terminal(struct os_terminal *terminal) {
	int status[2], error, pid, saved_errno = errno;

	error = os_pipe(status);
	if (error < 0)
		return error;
	pid = fork();
	if (pid < 0)
		pid = -errno;
	errno = saved_errno;
	if (pid == 0) {
		os_close(status[0]);
		set_up_child(terminal, status[1]);
		return 0;
	}
	os_close(status[1]);
	if (pid > 0) {
		error = receive_from_child(pid, status[0]);
		if (error < 0) {
			reap_forked(pid);
			pid = error;
		}
	}
	os_close(status[0]);
	return pid;
}
