/* SPDX-License-Identifier: ISC */
/*
 * A process without fork: clone with CLONE_VM and CLONE_VFORK, so that no memory is copied and this thread waits
 * until the child has executed its program or has failed. The child is in child.c; what it tells comes back in memory.
 *
 * Some systems take the flags and fork all the same (valgrind, qemu-user): there the child writes to a copy, and
 * a failed exec would look like success. So there is a pipe too, close-on-exec, with a mark before exec: its end
 * without the mark means that the child was killed. Once a child has been seen to write into our memory, the pipe
 * is not made again in this process.
 *
 * A child that changes its ids does get a copy of the memory (CLONE_VFORK alone): on shared memory the kernel would
 * take the parent's "dumpable" flag, and with it its core dumps, /proc and debuggers. It tells by the pipe.
 *
 * Nor is the table of descriptors copied, which costs more than all the rest in a program that has many: the child
 * shares it and cuts it off above what it needs (child.c). That is tried once memory has been seen to be shared.
 *
 * Which of the ways the kernel knows, and a filter allows, is found out by trying, best first, and remembered.
 */
#include "calls.h"
#include "child.h"
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum way { BY_CLONE3, BY_CLONE_PIDFD, BY_CLONE, BY_FORK, WAYS };

#define CLEAR_SIGHAND (UINT64_C(1) << 32) /* CLONE_CLEAR_SIGHAND, Linux 5.5 */
#define PIDFD 0x1000                      /* CLONE_PIDFD, Linux 5.2 */

/* Of the child; it calls no further than ten frames, the largest with 1 KiB of directory entries. */
enum { STACK_SIZE = 16384 };

/* Memory was shared until now, and no way that shares it is left: a filter was put up meanwhile. */
enum { NEEDS_PIPE = -ERESTART };

static _Atomic int known_way = BY_CLONE3;
static _Atomic bool memory_is_shared, cut_is_refused;

/* A child that calls run(argument), on `stack` if it is to share our memory. flags: what else is shared. */
static long clone_by(enum way way, void (*run)(void *), void *argument, char *stack, int *pidfd, int exit_signal,
		     unsigned long flags) {
	char *const top = stack ? stack + STACK_SIZE : NULL;
	struct os_clone_args args = {
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = (unsigned)exit_signal,
		.stack = (uintptr_t)stack,
		.stack_size = stack ? STACK_SIZE : 0,
	};

	flags |= stack ? CLONE_VM | CLONE_VFORK : CLONE_VFORK;
	args.flags = flags | PIDFD | CLEAR_SIGHAND;
	flags |= (unsigned)exit_signal;
	switch (way) {
	case BY_CLONE3:
		return os_clone3(&args, sizeof args, run, argument);
	case BY_CLONE_PIDFD:
		return os_clone(flags | PIDFD, top, pidfd, run, argument);
	case BY_CLONE:
		return os_clone(flags, top, NULL, run, argument);
	default:
		return os_clone((unsigned)exit_signal, NULL, NULL, run, argument);
	}
}

/* Whether an error says that the way does not exist here, rather than that no process can be had now. */
static bool is_refusal(long error) {
	return error == -ENOSYS || error == -EPERM || error == -EINVAL || error == -E2BIG;
}

static long clone_by_known_way(struct os_launch *launch, char *stack, int *pidfd) {
	enum way first = (enum way)atomic_load_explicit(&known_way, memory_order_relaxed), way;
	long pid = -ENOSYS;

	for (way = first; way < WAYS; way++) {
		if (way == BY_FORK && launch->status_fd < 0)
			return NEEDS_PIPE;
		*pidfd = -1; /* a kernel before 5.2 ignores the flag and leaves this */
		launch->handlers_cleared = way == BY_CLONE3;
		pid = clone_by(way, os_child, launch, stack, pidfd, SIGCHLD, 0);
		if (pid >= 0 || !is_refusal(pid))
			break;
	}
	if (pid >= 0 && way != first)
		atomic_store_explicit(&known_way, (int)way, memory_order_relaxed);
	return pid;
}

/* With a shared table, by the way that is known to work; refused, it is not asked for again. */
static long clone_with_table(struct os_launch *launch, char *stack, int *pidfd) {
	const enum way way = (enum way)atomic_load_explicit(&known_way, memory_order_relaxed);
	long pid = -ENOSYS;

	*pidfd = -1;
	launch->handlers_cleared = way == BY_CLONE3;
	if (way != BY_FORK)
		pid = clone_by(way, os_child, launch, stack, pidfd, SIGCHLD, CLONE_FILES);
	if (is_refusal(pid))
		atomic_store_explicit(&cut_is_refused, true, memory_order_relaxed);
	return pid;
}

static void reap(int pid) {
	siginfo_t info;

	while (call_waitid(P_PID, pid, &info, WEXITED, NULL) == -EINTR)
		;
}

/* For a child that runs and cannot be held. Looks first: where SIGCHLD is ignored its number is not ours for long. */
static void kill_and_reap(int pid) {
	siginfo_t info = { .si_pid = 0 };

	if (call_waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT, NULL) == 0)
		call_kill(pid, SIGKILL);
	reap(pid);
}

/* What the child wrote into the pipe, for a child that could not write into our memory. */
static void receive(struct os_launch *launch, int fd) {
	struct os_message message;
	long size;

	for (;;) {
		size = call_read(fd, &message, sizeof message);
		if (size == -EINTR)
			continue;
		if (size != (long)sizeof message)
			return;
		launch->niceness = message.niceness;
		launch->autogroup = message.autogroup;
		if (message.what == OS_EXECUTING) {
			launch->executing = 1;
		} else {
			launch->failed = message.what;
			launch->error = message.error;
		}
	}
}

static int outcome(const struct os_launch *launch, int *ret_failed) {
	if (launch->error < 0) {
		*ret_failed = launch->failed;
		return launch->error;
	}
	*ret_failed = OS_FAILED_PROCESS;
	return launch->executing ? 0 : -ECHILD; /* it was killed on its way */
}

/* A descriptor of the child where clone gave none. The child cannot be a stranger: nobody else reaps it. */
static int find_pidfd(int pid, int *pidfd) {
	if (*pidfd < 0) {
		*pidfd = call_pidfd_open(pid, 0);
		/* None on this system, or a host that ignores SIGCHLD and a child that has ended: held by number. */
		if (*pidfd < 0)
			return *pidfd == -EMFILE || *pidfd == -ENFILE || *pidfd == -ENOMEM ? *pidfd : 0;
	}
	*pidfd = os_above_stdio(*pidfd);
	return *pidfd < 0 ? *pidfd : 0;
}

static int64_t own_max_rss_kib(void) {
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : INT64_MAX;
}

static int launch_child(struct os_launch *launch, int *status, struct os_child *ret, int *ret_failed) {
	char room[STACK_SIZE] __attribute__((aligned(16))); /* in this frame: CLONE_VFORK keeps us here meanwhile */
	char *const stack = launch->plan->changes_ids ? NULL : room;
	const uint64_t all = ~UINT64_C(0);
	uint64_t old;
	long pid;
	int pidfd, error;

	/* All 64: a handler of ours, libc's for setuid and cancellation too, must not run in the child. */
	error = call_sigprocmask(SIG_BLOCK, &all, &old);
	if (error < 0)
		return error;
	launch->mask = (launch->plan->keep_mask ? old : 0) | launch->plan->blocked;
	launch->parent_pid = call_getpid();
	pid = launch->cut < 0 ? -ENOSYS : clone_with_table(launch, stack, &pidfd);
	if (is_refusal(pid)) {
		launch->cut = -1;
		pid = clone_by_known_way(launch, stack, &pidfd);
	}
	call_sigprocmask(SIG_SETMASK, &old, NULL);
	if (pid < 0)
		return (int)pid;
	if (launch->memory_is_shared) {
		atomic_store_explicit(&memory_is_shared, true, memory_order_relaxed);
	} else if (status[0] >= 0) {
		os_close(status[1]);
		status[1] = -1;
		receive(launch, status[0]);
	}
	error = outcome(launch, ret_failed);
	if (error < 0) {
		if (launch->error < 0)
			reap((int)pid);
		else
			kill_and_reap((int)pid); /* it says nothing: that it is dead is only most likely */
		os_close(pidfd);
		return error;
	}
	error = find_pidfd((int)pid, &pidfd);
	if (error < 0) {
		kill_and_reap((int)pid);
		return error;
	}
	ret->pid = (int)pid;
	ret->pidfd = pidfd < 0 ? -1 : pidfd;
	ret->niceness = launch->niceness;
	ret->autogroup = launch->autogroup;
	ret->starter_max_rss_kib = own_max_rss_kib();
	return 0;
}

static int launch_by_plan(const struct os_plan *plan, int cut, struct os_child *ret, int *ret_failed) {
	struct os_launch launch = { .plan = plan, .status_fd = -1, .cut = cut, .autogroup = INT32_MIN };
	int status[2] = { -1, -1 };
	int error;

	*ret_failed = OS_FAILED_PROCESS;
	if (plan->changes_ids || !atomic_load_explicit(&memory_is_shared, memory_order_relaxed)) {
		error = os_pipe(status);
		if (error < 0)
			return error;
		launch.status_fd = status[1];
	}
	error = launch_child(&launch, status, ret, ret_failed);
	os_close(status[0]);
	os_close(status[1]);
	return error;
}

static bool may_cut(const struct os_plan *plan) {
	/* A pipe would have to lie below the cut; a child that changes ids costs more than a table anyway. */
	return plan->cut >= 0 && !plan->changes_ids && atomic_load_explicit(&memory_is_shared, memory_order_relaxed) &&
	       !atomic_load_explicit(&cut_is_refused, memory_order_relaxed);
}

int os_spawn(const struct os_plan *plan, struct os_child *ret, int *ret_failed) {
	int error;

	if (may_cut(plan)) {
		error = launch_by_plan(plan, plan->cut, ret, ret_failed);
		if (error != NEEDS_PIPE && *ret_failed != OS_FAILED_CUT)
			return error;
		/* The table was not touched: a copy will do, now or for ever. */
		if (is_refusal(error))
			atomic_store_explicit(&cut_is_refused, true, memory_order_relaxed);
	}
	error = launch_by_plan(plan, -1, ret, ret_failed);
	if (error == NEEDS_PIPE) {
		atomic_store_explicit(&memory_is_shared, false, memory_order_relaxed);
		error = launch_by_plan(plan, -1, ret, ret_failed);
	}
	return error;
}

OS_IN_CHILD static void exit_at_once(void *argument) {
	(void)argument;
	call_exit(0);
}

/*
 * A child that only exits, hidden from the host: it sends no SIGCHLD, and no wait without __WALL finds it. Returns
 * the way that worked, or an error; *ret_first is the error of the best one. The child is reaped.
 */
static int try_ways(int *ret_first, int *ret_pidfd) {
	char stack[STACK_SIZE] __attribute__((aligned(16)));
	const uint64_t all = ~UINT64_C(0);
	uint64_t old;
	siginfo_t info;
	long pid = -ENOSYS;
	int way;

	*ret_first = 0;
	call_sigprocmask(SIG_BLOCK, &all, &old);
	for (way = BY_CLONE3; way < WAYS; way++) {
		*ret_pidfd = -1;
		pid = clone_by((enum way)way, exit_at_once, NULL, stack, ret_pidfd, 0, 0);
		if (way == BY_CLONE3 && pid < 0)
			*ret_first = (int)pid;
		if (pid >= 0)
			break;
	}
	call_sigprocmask(SIG_SETMASK, &old, NULL);
	if (pid < 0)
		return (int)pid;
	while (call_waitid(P_PID, (int)pid, &info, WEXITED | __WALL, NULL) == -EINTR)
		;
	return way;
}

int os_probe_start(const char **ret_mechanism) {
	static const char *const names[] = { "clone3", "clone", "clone", "fork" };
	int error, pidfd, way = try_ways(&error, &pidfd);

	os_close(pidfd);
	*ret_mechanism = way < 0 ? "none" : names[way];
	return error;
}

int os_probe_descriptor(const char **ret_mechanism) {
	int error, pidfd, way = try_ways(&error, &pidfd), later = call_pidfd_open(call_getpid(), 0);

	*ret_mechanism = pidfd >= 0 ? "CLONE_PIDFD" : later >= 0 ? "pidfd_open" : "number";
	os_close(later);
	if (way < 0 || pidfd < 0)
		return way < 0 ? way : -EINVAL;
	os_close(pidfd);
	return 0;
}

int os_probe_status(const char **ret_mechanism) {
	int error, pidfd;
	struct os_exit end;

	try_ways(&error, &pidfd);
	error = os_exit_of_reaped(pidfd, &end);
	os_close(pidfd);
	*ret_mechanism = error ? "waitid" : "PIDFD_INFO_EXIT";
	return error;
}
