/* SPDX-License-Identifier: ISC */
/*
 * A process without fork: clone with CLONE_VM and CLONE_VFORK, so that no memory is copied and this thread waits
 * until the child has executed its program or has failed. The child is in child.c; it writes its results to memory.
 *
 * Some systems take the flags and fork all the same (valgrind, qemu-user): there the child writes to a copy, and
 * a failed exec would look like success. So there is a pipe too, close-on-exec, with a message before exec: its end
 * without that message means that the child was killed. Once a child has been seen to write into our memory, the pipe
 * is not made again in this process.
 *
 * A child that changes its ids does get a copy of the memory (CLONE_VFORK alone): on shared memory the kernel would
 * clear the parent's "dumpable" flag, and with it its core dumps, /proc and debuggers. It reports through the pipe.
 *
 * A start with a deadline, or that may be given up, does not use CLONE_VFORK; this thread waits for the end of the pipe
 * instead. Until then it stays in this frame, where the child's stack is, with all signals blocked: so it runs nothing
 * else, as in vfork, except the caller's handlers before it asks whether to give up.
 *
 * The table of descriptors is shared as well, and cut (table-cut.c): once memory has been seen to be shared, and only
 * without a pipe. A pipe would have to lie below the cut, and its end could not be closed before the child cuts.
 */
#include "os/calls.h"
#include "child.h"
#include "child-status.h"
#include "clone-ways.h"
#include "os/os.h"
#include "table-cut.h"
#include "os/wait-child.h"
#include "base/clock.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { LOWEST_PIDFD = 3 };

static _Atomic bool memory_is_shared;

static bool copies_memory(const struct os_plan *plan) {
	return plan->changes_ids || (plan->is_watched && !CALLS_ARE_BARE);
}

/* Where memory shows nothing, or not soon enough. Then the table is not shared either: see above. */
static bool needs_pipe(const struct os_plan *plan) {
	return plan->changes_ids || plan->is_watched || !atomic_load_explicit(&memory_is_shared, memory_order_relaxed);
}

static struct clone_request request_of(struct os_handoff *handoff, char *stack, struct os_child *ret) {
	return (struct clone_request){
		.run = os_child,
		.argument = handoff,
		.stack = stack,
		.stack_size = CLONE_STACK_SIZE,
		.flags = (handoff->plan->is_watched ? 0 : CLONE_VFORK) | (handoff->table.cut >= 0 ? CLONE_FILES : 0),
		.exit_signal = SIGCHLD,
		.may_fork = handoff->status_fd >= 0,
		.ret_pid = &ret->pid,
		.ret_handlers_cleared = &handoff->handlers_cleared,
	};
}

/* Returns the signal that ended it, or 0. */
static int reap_child(int pid, int pidfd) {
	siginfo_t info;

	return wait_child(pidfd, pid, WEXITED, &info, NULL) == 0 && info.si_code != CLD_EXITED ? info.si_status : 0;
}

/* For a child that runs and is given up. */
static int kill_and_reap(int pid, int pidfd) {
	if (pidfd < 0 || call_pidfd_send_signal(pidfd, SIGKILL, 0) < 0)
		call_kill(pid, SIGKILL); /* it is ours to reap: the number is its own until then */
	return reap_child(pid, pidfd);
}

/* With a pipe: reads what comes from the child. */
static void receive_status(struct os_handoff *handoff, int pid, int pidfd, int *status) {
	const int64_t deadline = handoff->plan->deadline ? handoff->plan->deadline : INT64_MAX;

	os_close(status[1]);
	status[1] = -1;
	if (status_receive(handoff, pid, pidfd, status[0], deadline) == 0)
		return;
	kill_and_reap(pid, pidfd); /* then it does not run on our stack any more */
	handoff->is_late = true;
}

/* Ends and reaps a child whose start has failed. Returns the error of the start. */
static int give_up_child(const struct os_handoff *handoff, int pid, int pidfd, int error, int *ret_failed) {
	int signal;

	if (handoff->is_late)
		return error;
	/* A child that has reported no error is most likely dead, but not certainly. */
	signal = handoff->error < 0 ? reap_child(pid, pidfd) : kill_and_reap(pid, pidfd);
	if (error == -ECHILD && signal == SIGSYS && handoff->table.cut >= 0 && handoff->failed <= OS_FAILED_CUT) {
		*ret_failed = handoff->failed; /* a filter that kills for the call: a refusal like any other */
		return -EPERM;
	}
	return error;
}

/*
 * Opens a descriptor of the child where clone gave none; if that fails, the child is held by number. The program runs
 * by now, so nothing here fails the start: a descriptor that cannot be moved stays below 3.
 */
static int find_pidfd(int pid, int pidfd) {
	siginfo_t info;
	int higher;

	if (pidfd < 0) {
		pidfd = call_pidfd_open(pid, 0);
		if (pidfd < 0)
			return -1;
		if (call_waitid(WAIT_PIDFD, pidfd, &info, WEXITED | WNOHANG | WNOWAIT, NULL) == -ECHILD) {
			call_close(pidfd); /* the host ignores SIGCHLD: the child was reaped, the number is another's */
			return -1;
		}
	}
	higher = pidfd < LOWEST_PIDFD ? call_fcntl(pidfd, F_DUPFD_CLOEXEC, LOWEST_PIDFD) : -1;
	if (higher < 0)
		return pidfd;
	call_close(pidfd);
	return higher;
}

static int64_t own_max_rss_kib(void) {
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : INT64_MAX;
}

static int make_child(struct os_handoff *handoff, int *status, struct os_child *ret, int *ret_failed) {
	char room[CLONE_STACK_SIZE] __attribute__((aligned(16))); /* the child's stack: this frame outlives its use */
	const struct clone_request request = request_of(handoff, copies_memory(handoff->plan) ? NULL : room, ret);
	const uint64_t all = ~UINT64_C(0);
	uint64_t old;
	long pid;
	int error;

	/* All 64: a handler of ours, libc's for setuid and cancellation too, must not run in the child. */
	error = call_sigprocmask(SIG_BLOCK, &all, &old);
	if (error < 0)
		return error;
	handoff->callers_mask = old;
	handoff->mask = (handoff->plan->keep_mask ? old : 0) | handoff->plan->blocked;
	handoff->parent_pid = call_getpid();
	handoff->parent_thread = handoff->table.way == OS_TABLE_FETCHED ? call_gettid() : 0;
	pid = clone_child(&request, &ret->pidfd);
	if (pid >= 0 && status[0] >= 0 && (handoff->plan->is_watched || !handoff->memory_is_shared))
		receive_status(handoff, (int)pid, ret->pidfd, status);
	call_sigprocmask(SIG_SETMASK, &old, NULL);
	if (pid < 0) {
		if (handoff->table.cut >= 0 && (clone_is_refusal(pid) || pid == CLONE_WOULD_FORK))
			*ret_failed = OS_FAILED_CUT;
		return (int)pid;
	}
	if (handoff->memory_is_shared)
		atomic_store_explicit(&memory_is_shared, true, memory_order_relaxed);
	error = status_outcome(handoff, ret_failed);
	if (error < 0) {
		error = give_up_child(handoff, (int)pid, ret->pidfd, error, ret_failed);
		os_close(ret->pidfd);
		ret->pidfd = -1;
		return error;
	}
	ret->pid = (int)pid;
	ret->pidfd = find_pidfd((int)pid, ret->pidfd);
	ret->niceness = handoff->niceness;
	ret->autogroup = handoff->autogroup;
	ret->table = handoff->table.way;
	ret->parent_max_rss_kib = own_max_rss_kib();
	return 0;
}

const char *os_action_need(enum os_action action) {
	(void)action; /* all are in every Linux */
	return NULL;
}

static int spawn_once(const struct os_plan *plan, struct child_table table, struct os_child *ret, int *ret_failed) {
	struct os_handoff handoff = { .plan = plan, .status_fd = -1, .table = table, .autogroup = INT32_MIN };
	int status[2] = { -1, -1 }, error;

	*ret_failed = handoff.failed = OS_FAILED_PROCESS;
	if (needs_pipe(plan)) {
		error = os_pipe(status);
		if (error < 0)
			return error;
		handoff.status_fd = status[1];
	}
	error = make_child(&handoff, status, ret, ret_failed);
	os_close(status[0]);
	os_close(status[1]);
	return error;
}

/*
 * Whether another try may work, with what was learnt from one that has done nothing to the parent's table.
 * *may_cut: the next one may cut a table, too.
 */
static bool may_try_again(const struct os_plan *plan, const struct child_table *table, int failed, int error,
			  bool *may_cut) {
	if (failed == OS_FAILED_CUT || failed == OS_FAILED_FETCH) {
		*may_cut = table_learn(plan, table, failed, error);
		return true;
	}
	if (error != CLONE_WOULD_FORK)
		return false;
	atomic_store_explicit(&memory_is_shared, false, memory_order_relaxed); /* so the next one has a pipe */
	return true;
}

int os_spawn(const struct os_plan *plan, struct os_child *ret, int *ret_failed) {
	struct child_table table;
	bool may_cut = true;
	int error;

	do {
		table = may_cut && !needs_pipe(plan) ? table_prepare(plan) : TABLE_COPY;
		error = spawn_once(plan, table, ret, ret_failed);
		table_done(&table);
	} while (may_try_again(plan, &table, *ret_failed, error, &may_cut));
	return error;
}
