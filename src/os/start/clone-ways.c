/* SPDX-License-Identifier: ISC */
/*
 * Tries the ways to make a child, best first, until the kernel knows one and no filter forbids it, and stores which one
 * that is. clone3 and clone give a descriptor of the child from its first instant; then clone and fork give none.
 */
#include "clone-ways.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum way { BY_CLONE3, BY_CLONE_PIDFD, BY_CLONE, BY_FORK, WAYS };

#define CLEAR_SIGHAND (UINT64_C(1) << 32) /* CLONE_CLEAR_SIGHAND, Linux 5.5 */
#define INTO_CGROUP (UINT64_C(1) << 33)   /* CLONE_INTO_CGROUP, Linux 5.7 */
#define PIDFD 0x1000                      /* CLONE_PIDFD, Linux 5.2 */

static _Atomic int known_way = BY_CLONE3;

static long clone_by(enum way way, const struct clone_request *request, int *pidfd) {
	char *const stack = request->stack, *const top = stack ? stack + request->stack_size : NULL;
	unsigned long flags = request->flags | (stack ? CLONE_VM : 0);
	struct os_clone_args args = {
		.flags = flags | PIDFD | CLEAR_SIGHAND | (request->cgroup ? INTO_CGROUP : 0) |
			 (request->ret_pid ? CLONE_PARENT_SETTID : 0),
		.pidfd = (uintptr_t)pidfd,
		.parent_tid = (uintptr_t)request->ret_pid,
		.exit_signal = (unsigned)request->exit_signal,
		.stack = (uintptr_t)stack,
		.stack_size = stack ? request->stack_size : 0,
		.cgroup = (unsigned)request->cgroup,
	};

	*pidfd = -1; /* a kernel before 5.2 ignores the flag and does not write this */
	if (request->ret_pid)
		*request->ret_pid = way == BY_CLONE3 ? 0 : -1;
	if (request->ret_handlers_cleared)
		*request->ret_handlers_cleared = way == BY_CLONE3;
	flags |= (unsigned)request->exit_signal;
	switch (way) {
	case BY_CLONE3:
		return os_clone3(&args, sizeof args, request->run, request->argument);
	case BY_CLONE_PIDFD:
		return os_clone(flags | PIDFD, top, pidfd, request->run, request->argument);
	case BY_CLONE:
		return os_clone(flags, top, NULL, request->run, request->argument);
	default:
		return os_clone((unsigned)request->exit_signal, NULL, NULL, request->run, request->argument);
	}
}

bool clone_is_refusal(long error) {
	return error == -ENOSYS || error == -EPERM || error == -EINVAL || error == -E2BIG;
}

long clone_child(const struct clone_request *request, int *ret_pidfd) {
	const enum way first = (enum way)atomic_load_explicit(&known_way, memory_order_relaxed);
	const enum way last = request->cgroup ? BY_CLONE3 : request->flags & CLONE_FILES ? first : BY_FORK;
	enum way way;
	long pid = -ENOSYS;

	for (way = request->cgroup ? BY_CLONE3 : first; way <= last; way++) {
		if (way == BY_FORK && !request->may_fork)
			return CLONE_WOULD_FORK;
		pid = clone_by(way, request, ret_pidfd);
		if (pid >= 0 || !clone_is_refusal(pid))
			break;
	}
	if (pid >= 0 && way != first)
		atomic_store_explicit(&known_way, (int)way, memory_order_relaxed);
	if (pid < 0)
		*ret_pidfd = -1; /* the kernel may have written a number, and closed the descriptor when it failed */
	return pid;
}

OS_IN_CHILD static void exit_at_once(void *argument) {
	(void)argument;
	call_exit(0);
}

/*
 * Runs a probe in a child that is hidden from the host: the child sends no SIGCHLD, and no wait without __WALL finds
 * it. Returns the way that worked, or an error; *ret_first is the error of the best way. The child is reaped.
 */
static int try_ways(void (*run)(void *), void *argument, unsigned long flags, int *ret_first, int *ret_pidfd) {
	char stack[CLONE_STACK_SIZE] __attribute__((aligned(16)));
	const struct clone_request request = {
		.run = run,
		.argument = argument,
		.stack = stack,
		.stack_size = sizeof stack,
		.flags = CLONE_VFORK | flags,
	};
	const uint64_t all = ~UINT64_C(0);
	uint64_t old;
	siginfo_t info;
	long pid = -ENOSYS;
	int way;

	*ret_first = call_sigprocmask(SIG_BLOCK, &all, &old);
	*ret_pidfd = -1;
	if (*ret_first < 0)
		return *ret_first;
	for (way = BY_CLONE3; way < WAYS; way++) {
		pid = clone_by((enum way)way, &request, ret_pidfd);
		if (way == BY_CLONE3 && pid < 0)
			*ret_first = (int)pid;
		if (pid >= 0)
			break;
	}
	call_sigprocmask(SIG_SETMASK, &old, NULL);
	if (pid < 0) {
		*ret_pidfd = -1;
		return (int)pid;
	}
	while (call_waitid(P_PID, (int)pid, &info, WEXITED | __WALL, NULL) == -EINTR)
		;
	return way;
}

int os_probe_start(const char **ret_mechanism, const char **ret_need) {
	static const char *const names[] = { "clone3", "clone", "clone", "fork" };
	int error, pidfd, way = try_ways(exit_at_once, NULL, 0, &error, &pidfd);

	*ret_need = "clone3 with CLONE_CLEAR_SIGHAND: Linux 5.5";
	os_close(pidfd);
	*ret_mechanism = way < 0 ? "none" : names[way];
	return error;
}

int os_probe_descriptor(const char **ret_mechanism, const char **ret_need) {
	int error, pidfd, way = try_ways(exit_at_once, NULL, 0, &error, &pidfd),
			  later = call_pidfd_open(call_getpid(), 0);

	*ret_need = "CLONE_PIDFD: Linux 5.2";
	*ret_mechanism = pidfd >= 0 ? "CLONE_PIDFD" : later >= 0 ? "pidfd_open" : "number";
	os_close(later);
	if (way < 0 || pidfd < 0)
		return way < 0 ? way : -EINVAL;
	os_close(pidfd);
	return 0;
}

int os_probe_status(const char **ret_mechanism, const char **ret_need) {
	int error, pidfd;
	struct os_exit ended;

	*ret_need = "PIDFD_INFO_EXIT: Linux 6.15";
	try_ways(exit_at_once, NULL, 0, &error, &pidfd);
	error = os_exit_of_reaped(pidfd, &ended);
	os_close(pidfd);
	*ret_mechanism = error ? "waitid" : "PIDFD_INFO_EXIT";
	return error;
}

struct table_probe {
	int parent, pidfd;       /* pidfd: the parent's descriptor of itself */
	volatile int cut, getfd; /* written by the child */
};

OS_IN_CHILD static void probe_table(void *argument) {
	struct table_probe *probe = argument;
	int fd;

	probe->cut = call_close_range(3, ~0u, CALL_CLOSE_RANGE_UNSHARE);
	if (probe->cut < 0) /* the table is still the parent's */
		call_exit(0);
	fd = call_pidfd_open(probe->parent, 0);
	probe->getfd = fd < 0 ? fd : probe->pidfd < 0 ? probe->pidfd : call_pidfd_getfd(fd, probe->pidfd);
	call_exit(0);
}

static int probe_socket(void) {
	int pair[2], error = call_socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, pair);

	if (error < 0)
		return error;
	call_close(pair[0]);
	call_close(pair[1]);
	return 0;
}

/* In a child, since the flag gives the calling thread a table that it no longer shares with other threads. */
int os_probe_table(const char **ret_mechanism, const char **ret_need) {
	/* These errors stay where memory is not shared: there the table is copied. */
	struct table_probe probe = { .parent = call_getpid(), .cut = -EOPNOTSUPP, .getfd = -EOPNOTSUPP };
	int error, pidfd, way;

	*ret_need = "close_range with CLOSE_RANGE_UNSHARE, Linux 5.9, and pidfd_getfd or sockets";
	probe.pidfd = call_pidfd_open(probe.parent, 0);
	way = try_ways(probe_table, &probe, CLONE_FILES, &error, &pidfd);
	os_close(pidfd);
	os_close(probe.pidfd);
	*ret_mechanism = "a copy";
	if (way < 0 || probe.cut < 0)
		return way < 0 ? way : probe.cut;
	error = probe.getfd < 0 ? probe_socket() : 0;
	*ret_mechanism = error < 0 ? "cut" : probe.getfd >= 0 ? "cut, pidfd_getfd" : "cut, SCM_RIGHTS";
	return error;
}
