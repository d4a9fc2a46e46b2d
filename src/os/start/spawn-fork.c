/* SPDX-License-Identifier: ISC */
/*
 * A process by fork(2), which reports through a pipe: the pipe is close-on-exec, so that its end after a message that
 * says "exec is next" shows that the program was executed. posix_spawn(3) is not used: it does not tell which of its
 * actions has failed, and cannot close the descriptors of which only the kernel knows.
 *
 * A process that another thread forks meanwhile may keep the pipe open. The start then lasts until that process, or the
 * one that was started, has ended or has executed a program.
 */
#include "child-fork.h"
#include "child-status.h"
#include "base/clock.h"

#include <sys/resource.h>

/* What the child may add to its copy of our memory before exec, with room to spare. */
enum { CHILD_KIB = 4096 };

static int64_t forked_rss_kib(void) {
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) == 0 ? system_rss_kib(usage.ru_maxrss) + CHILD_KIB : INT64_MAX;
}

static int fork_now(void) {
	CALL_BY_LIBC(int, fork());
}

static void end_and_reap(int pid) {
	struct os_exit unused;

	call_kill(pid, SIGKILL);
	os_wait_end(-1, pid, INT64_MAX);
	os_collect(-1, pid, true, &unused);
}

/* A handler of ours must not run in the child: so all signals are blocked at the fork. */
static int fork_blocked(struct os_handoff *handoff) {
	const uint64_t all = ~UINT64_C(0);
	int pid, error = call_sigprocmask(SIG_BLOCK, &all, &handoff->callers_mask);

	if (error < 0)
		return error;
	handoff->mask = (handoff->plan->keep_mask ? handoff->callers_mask : 0) | handoff->plan->blocked;
	pid = fork_now();
	if (pid == 0)
		fork_child_run(handoff);
	call_sigprocmask(SIG_SETMASK, &handoff->callers_mask, NULL);
	return pid;
}

static int receive_outcome(struct os_handoff *handoff, int pid, int status_fd, int *ret_failed) {
	const int64_t deadline = handoff->plan->deadline ? handoff->plan->deadline : INT64_MAX;
	int error;

	if (status_receive(handoff, pid, -1, status_fd, deadline) == 1)
		handoff->is_late = true;
	error = status_outcome(handoff, ret_failed);
	if (error < 0)
		end_and_reap(pid);
	return error;
}

static int start_child(struct os_handoff *handoff, int status[2], struct os_child *ret, int *ret_failed) {
	int error;

	handoff->status_fd = status[1];
	ret->pid = fork_blocked(handoff);
	os_close(status[1]);
	status[1] = -1;
	if (ret->pid < 0)
		return ret->pid;
	error = receive_outcome(handoff, ret->pid, status[0], ret_failed);
	if (error < 0)
		return error;
	ret->pidfd = -1;
	ret->niceness = handoff->niceness;
	ret->autogroup = INT32_MIN;
	ret->table = OS_TABLE_COPIED;
	ret->parent_max_rss_kib = forked_rss_kib();
	return 0;
}

int os_spawn(const struct os_plan *plan, struct os_child *ret, int *ret_failed) {
	struct os_handoff handoff = {
		.plan = plan, .failed = OS_FAILED_PROCESS, .autogroup = INT32_MIN, .table = TABLE_COPY, .join = -1
	};
	int status[2], error;

	*ret_failed = OS_FAILED_PROCESS;
	if (plan->deadline && plan->deadline <= clock_now())
		return -ETIMEDOUT;
	error = os_pipe(status);
	if (error < 0)
		return error;
	error = start_child(&handoff, status, ret, ret_failed);
	os_close(status[0]);
	os_close(status[1]);
	return error;
}

const char *os_action_need(enum os_action action) {
	switch (action) {
	case OS_OOM_SCORE:
	case OS_IO_PRIORITY:
	case OS_NO_NEW_PRIVS:
	case OS_PARENT_DEATH_SIGNAL:
		return "Linux, not -Dplatform=posix";
	default:
		return NULL;
	}
}

/* ---- reserve-low.c: a child of a fork has the whole table in any case ---- */

int os_reserve(void) {
	return -ENOSYS;
}

int os_lower(int fd) {
	return fd;
}

void os_close_lowered(int fd) {
	os_close(fd);
}
