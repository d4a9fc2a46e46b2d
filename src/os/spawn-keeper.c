/* SPDX-License-Identifier: ISC */
/*
 * A start with a keeper. We clone a starter, which shares our memory and our table of descriptors while this thread
 * waits for it; it becomes a subreaper and starts the process as we would have (spawn-clone.c), so that it is the
 * process's parent and its descriptor is in our table all the same. Then it takes a session and a table of its own and
 * executes the keeper (src/keeper). The process began before that: in our group and session, where job control sees it.
 *
 * Whatever kills the starter on its way leaves no process behind: the process asks for a death signal of its parent's,
 * and here it is killed by its descriptor. Its stack lies in the starter's, which is unmapped when both are off it.
 */
#include "calls.h"
#include "clone-ways.h"
#include "keeper-file.h"
#include "keeper.h"
#include "os.h"
#include "procfs.h"
#include "wait-pidfd.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	STACK_SIZE = 65536, /* of the starter, with that of the process that it makes */
	END_MS = 5000       /* that a keeper whose tree was killed may take */
};

/* In our memory; the starter fills in what is volatile, and child. */
struct kept_start {
	struct os_plan plan;
	const struct os_keeping *keeping;
	struct keeper_task task;
	int fds[KEEPER_FDS]; /* ours, by the number that it has in the keeper; -1: none */
	int image;
	int socket;               /* our end */
	unsigned long namespaces; /* CLONE_NEW...: those of which the starter is the first process */
	uint32_t user, group;     /* ours */
	int old_proc;             /* in the starter */
	struct os_child child;
	volatile int has_run, command_runs, failed, error;
};

/* ---- in the starter, and the keeper tried ---- */

/* Gives up the table that is shared, of which it keeps what lies below `cut`, and leaves the keeper's descriptors. */
OS_IN_CHILD static int take_own_table(const int *fds, int *image) {
	int moved[KEEPER_FDS], cut = *image, error = 0;

	for (int i = KEEPER_SOCKET; i < KEEPER_FDS; i++) {
		if (fds[i] > cut)
			cut = fds[i];
	}
	/* In whole words: see table-cut.c. */
	error = call_close_range((unsigned)(cut / 64 + 1) * 64, ~0u, 2 /* CLOSE_RANGE_UNSHARE */);
	for (int i = KEEPER_SOCKET; i < KEEPER_FDS && error >= 0; i++) {
		moved[i] = fds[i] < 0 ? -1 : call_fcntl(fds[i], F_DUPFD_CLOEXEC, KEEPER_FDS);
		error = fds[i] < 0 ? 0 : moved[i];
	}
	if (error >= 0)
		error = *image = call_fcntl(*image, F_DUPFD_CLOEXEC, KEEPER_FDS);
	if (error < 0)
		return error;
	call_close_range(0, KEEPER_FDS - 1, 0);
	for (int i = KEEPER_SOCKET; i < KEEPER_FDS; i++) {
		if (moved[i] >= 0 && call_dup3(moved[i], i, 0) < 0)
			return -EMFILE;
	}
	if (*image > KEEPER_FDS)
		call_close_range(KEEPER_FDS, (unsigned)*image - 1, 0);
	return call_close_range((unsigned)*image + 1, ~0u, 0);
}

OS_IN_CHILD static int execute_image(int image, const char *const *argv) {
	static const char *const none[] = { NULL };

	return (int)OS_CALL(SYS_execveat, image, "", argv, none, AT_EMPTY_PATH);
}

/* Ignored by our master, it would reap for us. The process may have to ignore it all the same. */
OS_IN_CHILD static void reset_sigchld(struct os_plan *plan) {
	const uint64_t bit = UINT64_C(1) << (SIGCHLD - 1);
	union os_sigaction none = OS_SIGACTION_DEFAULT, old = OS_SIGACTION_DEFAULT;

	if (call_sigaction(SIGCHLD, &none, &old) == 0 && old.in.handler == OS_IGNORED && plan->keep_ignored & bit)
		plan->ignored = bit;
}

/* ---- a PID namespace of its own ---- */

/* "ID ID 1": in the user namespace ids are what they are outside, and there are no others. */
OS_IN_CHILD static int write_map(const char *path, uint32_t id) {
	char text[32], digits[10];
	size_t count = 0, length = 0;

	do
		digits[count++] = (char)('0' + id % 10);
	while (id /= 10);
	for (int i = 0; i < 2; i++) {
		for (size_t digit = count; digit > 0;)
			text[length++] = digits[--digit];
		text[length++] = ' ';
	}
	text[length++] = '1';
	return call_write_file(AT_FDCWD, path, text, length);
}

OS_IN_CHILD static int map_ids(const struct kept_start *start) {
	int error;

	if (!(start->namespaces & CLONE_NEWUSER))
		return 0;
	error = call_write_file(AT_FDCWD, "/proc/self/setgroups", "deny", 4);
	if (error == 0)
		error = write_map("/proc/self/uid_map", start->user);
	return error < 0 ? error : write_map("/proc/self/gid_map", start->group);
}

/* A /proc that shows the namespace, and is seen in it alone. The one before tells what numbers mean outside. */
OS_IN_CHILD static int enter_namespace(struct kept_start *start) {
	int error;

	if (!start->namespaces)
		return 0;
	error = start->old_proc = call_openat("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (error >= 0)
		error = map_ids(start);
	if (error == 0)
		error = (int)OS_CALL(SYS_mount, NULL, "/proc", NULL, MS_REC | MS_SLAVE, NULL);
	if (error == 0)
		error = (int)OS_CALL(SYS_mount, "proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	return error;
}

/* The command's number as we have it, while it cannot have been reaped. */
OS_IN_CHILD static int find_outer_pid(const struct kept_start *start) {
	char path[PROCFS_PATH], text[512];
	const char *line;

	OS_CALL(SYS_fchdir, start->old_proc, 0, 0, 0, 0);
	call_close(start->old_proc);
	procfs_path(path, "self/fdinfo/", start->child.pidfd, "");
	if (procfs_read(path + sizeof "/proc/" - 1, text, sizeof text) < 0)
		return -ENOSYS;
	line = strstr(text, "\nPid:");
	return line ? (int)strtol(line + sizeof "\nPid:" - 1, NULL, 10) : -ENOSYS;
}

/* ---- */

OS_IN_CHILD static void send_task(const struct kept_start *start) {
	struct iovec part = { (void *)(uintptr_t)&start->task, sizeof start->task };
	const struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	call_sendmsg(start->socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL); /* it is empty: there is room */
}

OS_IN_CHILD static int become_keeper(struct kept_start *start) {
	static const char *const argv[] = { "hold-keeper", NULL };
	int error;

	call_setsid();
	start->task.command = start->child.pid;
	if (start->namespaces) {
		error = find_outer_pid(start);
		if (error < 0)
			return error;
		start->child.pid = error;
	}
	call_chdir("/");
	send_task(start);
	error = take_own_table(start->fds, &start->image);
	return error < 0 ? error : execute_image(start->image, argv);
}

/* The number of the first child in the list, 0 if there is none. */
OS_IN_CHILD static int first_child(void) {
	const int fd = call_openat("/proc/thread-self/children", O_RDONLY | O_CLOEXEC, 0);
	char text[16];
	const long size = fd < 0 ? 0 : call_read(fd, text, sizeof text);
	int pid = 0;

	for (long i = 0; i < size && text[i] >= '0' && text[i] <= '9'; i++)
		pid = 10 * pid + text[i] - '0';
	call_close(fd);
	return pid;
}

/* The keeper could not be executed: nobody may be left. Children's numbers are their own until they are reaped here. */
OS_IN_CHILD static void end_children(int pid) {
	siginfo_t info;

	do {
		call_kill(pid, SIGKILL);
		while (call_waitid(P_PID, pid, &info, WEXITED | __WALL, NULL) == -EINTR)
			;
		pid = first_child();
	} while (pid > 0);
}

OS_IN_CHILD static void run_starter(void *argument) {
	struct kept_start *start = argument;
	int failed = OS_FAILED_KEEPER, error;

	start->has_run = 1;
	reset_sigchld(&start->plan);
	error = call_prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (error == 0)
		error = enter_namespace(start);
	if (error == 0)
		error = os_spawn(&start->plan, &start->child, &failed);
	if (error == 0) {
		start->command_runs = 1;
		error = become_keeper(start);
		end_children(start->task.command);
		failed = OS_FAILED_KEEPER_LATE;
	}
	start->failed = failed;
	start->error = error;
	call_exit(127);
}

/* ---- the trial ---- */

struct trial {
	int fds[KEEPER_FDS], image;
	volatile int has_run, error;
};

OS_IN_CHILD static void run_trial(void *argument) {
	static const char *const argv[] = { "hold-keeper", "trial", NULL };
	struct trial *trial = argument;

	trial->has_run = 1;
	trial->error = take_own_table(trial->fds, &trial->image);
	if (trial->error == 0)
		trial->error = execute_image(trial->image, argv);
	call_exit(127);
}

/* Whether it exited with 0; where the caller ignores SIGCHLD nobody can tell. */
static bool reap(int pid, int pidfd) {
	siginfo_t info;
	const int result = wait_child(pidfd, pid, WEXITED | __WALL, &info, NULL);

	return result == -ECHILD || (result == 0 && info.si_code == CLD_EXITED && info.si_status == 0);
}

static char *map_stack(void) {
	const long result = os_syscall(SYS_mmap, 0, STACK_SIZE, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	return result < 0 && result > -4096 ? NULL : (char *)result;
}

static void unmap_stack(char *stack) {
	OS_CALL(SYS_munmap, stack, STACK_SIZE, 0, 0, 0);
}

/* Waits until the child has executed a program or has ended. */
static long clone_on(char *stack, void (*run)(void *), void *argument, int exit_signal, unsigned long flags,
		     int *ret_pidfd) {
	const struct clone_request request = {
		.run = run,
		.argument = argument,
		.stack = stack,
		.stack_size = STACK_SIZE,
		.flags = CLONE_VFORK | flags,
		.exit_signal = exit_signal,
	};

	return clone_child(&request, ret_pidfd);
}

/* What it takes besides: a list of children in /proc, a descriptor of our own, sockets. */
static int try_needs(void) {
	int list = call_openat("/proc/thread-self/children", O_RDONLY | O_CLOEXEC, 0), ends[2], pidfd, error;

	if (list < 0)
		return list == -ENOENT ? -ENOSYS : list;
	call_close(list);
	pidfd = call_pidfd_open(call_getpid(), 0);
	if (pidfd < 0)
		return pidfd;
	call_close(pidfd);
	error = call_socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, ends);
	if (error < 0)
		return error;
	call_close(ends[0]);
	call_close(ends[1]);
	return 0;
}

/*
 * A program that has made a PID namespace for its children means the first of them to be its init, not a keeper of ours
 * (and not the trial, with whose end the namespace would end).
 */
static bool has_namespace_for_children(void) {
	char ours[64], theirs[64];
	const long length = OS_CALL(SYS_readlinkat, AT_FDCWD, "/proc/self/ns/pid", ours, sizeof ours, 0);

	return length > 0 && (OS_CALL(SYS_readlinkat, AT_FDCWD, "/proc/self/ns/pid_for_children", theirs, sizeof theirs,
				      0) != length ||
			      memcmp(ours, theirs, (size_t)length) != 0);
}

/* That memory is shared, that a child gives its descriptor, and that the program may be executed here. */
static int try_keeper(void) {
	const uint64_t all = ~UINT64_C(0);
	const int image = keeper_file_open();
	struct trial trial = { .fds = { -1, -1, -1, -1, -1, -1, -1 }, .image = image };
	char *stack = map_stack();
	int pidfd = -1, error = image;
	uint64_t old;
	long pid;

	if (error >= 0)
		error = stack ? 0 : -ENOMEM;
	if (error == 0)
		error = call_sigprocmask(SIG_BLOCK, &all, &old);
	if (error == 0) {
		pid = clone_on(stack, run_trial, &trial, 0, 0, &pidfd);
		call_sigprocmask(SIG_SETMASK, &old, NULL);
		error = pid < 0 ? (int)pid : pidfd < 0 || !trial.has_run ? -ENOSYS : trial.error;
		if (pid >= 0 && !reap((int)pid, pidfd) && error == 0)
			error = -EPERM; /* a filter kills for something that the keeper does */
		if (error == 0) {
			error = call_pidfd_send_signal(pidfd, 0, 0);
			error = error == -ESRCH ? 0 : error;
		}
	}
	os_close(pidfd);
	os_close(image);
	if (stack)
		unmap_stack(stack);
	return error == CLONE_WOULD_FORK ? -ENOSYS : error;
}

int os_keeper_probe(void) {
	static _Atomic int known = 1;
	int error = atomic_load_explicit(&known, memory_order_relaxed);

	if (error < 0)
		return error;
	if (has_namespace_for_children())
		return -EBUSY;
	if (error == 0)
		return 0;
	error = try_needs();
	if (error == 0)
		error = try_keeper();
	/* What may be otherwise the next time is not remembered. */
	if (error != -EAGAIN && error != -ENOMEM && error != -EMFILE && error != -ENFILE)
		atomic_store_explicit(&known, error, memory_order_relaxed);
	return error;
}

/* ---- here ---- */

static void take_modes(struct kept_start *start) {
	_Static_assert(sizeof start->task.modes >= 60, "the kernel's struct termios on every machine");

	if (start->keeping->terminal < 0)
		return;
	if (call_ioctl(start->keeping->terminal, TCGETS, start->task.modes) != 0)
		return;
	start->task.modes_size = KEEPER_MODES;
	start->fds[KEEPER_TERMINAL] = start->keeping->terminal;
}

static void take_rungs(struct kept_start *start) {
	const struct os_keeping *keeping = start->keeping;

	for (size_t i = 0; i < keeping->rung_count && i < KEEPER_RUNGS; i++)
		start->task.rungs[start->task.rung_count++] =
			(struct keeper_rung){ keeping->rungs[i].signal, 0, keeping->rungs[i].wait_ms };
}

static void take_namespace(struct kept_start *start) {
	if (!start->keeping->own_pids)
		return;
	start->namespaces = CLONE_NEWPID | CLONE_NEWNS;
	start->task.is_init = true;
	start->user = geteuid();
	start->group = getegid();
}

static void take_group(struct kept_start *start) {
	const struct os_cgroup *group = start->keeping->cgroup;

	if (!group)
		return;
	start->plan.cgroup = start->fds[KEEPER_CGROUP] = group->folder;
	start->task.has_cgroup = true;
	strcpy(start->task.cgroup_name, group->name);
}

static int open_sockets(struct kept_start *start) {
	int ends[2], error = call_socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, ends);

	if (error < 0)
		return error;
	start->socket = os_above_stdio(ends[0]);
	start->fds[KEEPER_SOCKET] = os_lower(os_above_stdio(ends[1]));
	return start->socket < 0 ? start->socket : start->fds[KEEPER_SOCKET];
}

static int open_all(struct kept_start *start) {
	int error;

	for (int i = 0; i < KEEPER_FDS; i++)
		start->fds[i] = -1;
	start->image = start->socket = -1;
	take_modes(start);
	take_rungs(start);
	take_group(start);
	take_namespace(start);
	error = open_sockets(start);
	if (error < 0)
		return error;
	start->fds[KEEPER_MASTER] = os_lower(os_above_stdio(call_pidfd_open(call_getpid(), 0)));
	if (start->fds[KEEPER_MASTER] < 0)
		return start->fds[KEEPER_MASTER];
	start->image = os_lower(keeper_file_open());
	return start->image < 0 ? start->image : 0;
}

static void close_all(struct kept_start *start, int image) {
	os_close_lowered(start->fds[KEEPER_SOCKET]);
	os_close_lowered(start->fds[KEEPER_MASTER]);
	os_close_lowered(image);
}

/* Whoever killed the starter while the process was being made: it may be on its stack still. */
static void end_command(struct os_child *child) {
	/* The number of a descriptor is written before a clone that may fail still, the pid after: see clone-ways.h. */
	if (child->pid && child->pidfd >= 0 && os_pidfd_pid(child->pidfd) != -EBADF) {
		call_pidfd_send_signal(child->pidfd, SIGKILL, 0);
		os_wait_readable(child->pidfd, INT64_MAX);
		call_close(child->pidfd);
	}
	child->pidfd = -1;
	for (int i = 0; i < 4; i++)
		os_close_lowered(child->unfinished[i]);
}

static int outcome(struct kept_start *start, int *ret_failed) {
	*ret_failed = OS_FAILED_PROCESS;
	if (!start->has_run)
		return -ECHILD;
	if (start->error < 0) {
		*ret_failed = start->failed;
		return start->error;
	}
	return start->command_runs ? 0 : -ECHILD;
}

static int launch(struct kept_start *start, char *stack, struct os_keeper *keeper, int *ret_failed) {
	const uint64_t all = ~UINT64_C(0);
	uint64_t old;
	int error;
	long pid;

	*ret_failed = OS_FAILED_KEEPER;
	error = call_sigprocmask(SIG_BLOCK, &all, &old);
	if (error < 0)
		return error;
	if (start->plan.keep_mask) /* ours, not the starter's */
		start->plan.inherited_mask = old;
	start->plan.keep_mask = false;
	start->child = (struct os_child){ .pidfd = -1, .unfinished = { -1, -1, -1, -1 } };
	pid = clone_on(stack, run_starter, start, SIGCHLD, CLONE_FILES | start->namespaces, &keeper->pidfd);
	if (pid == -EPERM && start->namespaces) { /* whoever is not root has them below a user namespace */
		start->namespaces |= CLONE_NEWUSER;
		pid = clone_on(stack, run_starter, start, SIGCHLD, CLONE_FILES | start->namespaces, &keeper->pidfd);
	}
	call_sigprocmask(SIG_SETMASK, &old, NULL);
	if (pid < 0)
		return (int)pid;
	keeper->pid = (int)pid;
	error = outcome(start, ret_failed);
	if (error == 0)
		keeper->pidfd = error = os_above_stdio(keeper->pidfd);
	if (error >= 0)
		return 0;
	end_command(&start->child);
	reap(keeper->pid, keeper->pidfd);
	os_close(keeper->pidfd);
	return error;
}

int os_spawn_kept(const struct os_plan *plan, const struct os_keeping *keeping, struct os_child *ret,
		  struct os_keeper *ret_keeper, int *ret_failed) {
	struct kept_start start = { .plan = *plan, .keeping = keeping };
	char *stack = NULL;
	int image, error = open_all(&start);

	*ret_failed = OS_FAILED_KEEPER;
	image = start.image; /* the starter has a number of its own for it */
	if (error >= 0 && !(stack = map_stack()))
		error = -ENOMEM;
	if (error >= 0)
		error = launch(&start, stack, ret_keeper, ret_failed);
	if (stack)
		unmap_stack(stack);
	close_all(&start, image);
	if (error < 0) {
		os_close(start.socket);
		return error;
	}
	*ret = start.child;
	ret_keeper->socket = start.socket;
	return 0;
}

/* ---- afterwards ---- */

int os_keeper_hear(const struct os_keeper *keeper, enum os_kept *ret, struct os_exit *ret_exit) {
	struct keeper_message heard;
	struct iovec part = { &heard, sizeof heard };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
	const long size = call_recvmsg(keeper->socket, &header, MSG_DONTWAIT);

	if (size == -EAGAIN || size == -EINTR)
		return 1;
	if (size != (long)sizeof heard)
		return -EPIPE;
	*ret = (enum os_kept)heard.word;
	*ret_exit = (struct os_exit){
		.wait_status = heard.wait_status,
		.has_usage = true,
		.user_us = heard.user_us,
		.system_us = heard.system_us,
		.max_rss_kib = heard.max_rss_kib,
	};
	return 0;
}

void os_keeper_tell(const struct os_keeper *keeper, bool leave) {
	struct keeper_message told = { .word = leave ? KEEPER_LEAVE : KEEPER_END };
	struct iovec part = { &told, sizeof told };
	const struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };

	call_sendmsg(keeper->socket, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int os_keeper_reap(const struct os_keeper *keeper, int64_t deadline) {
	if (os_wait_readable(keeper->pidfd, deadline) == 1)
		return 1;
	reap(keeper->pid, keeper->pidfd);
	return 0;
}
