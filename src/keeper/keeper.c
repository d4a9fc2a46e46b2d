/* SPDX-License-Identifier: ISC */
/*
 * The keeper: a process between its owner, which has the hold, and the command. It is a child subreaper, so an orphan
 * of the tree becomes its child, and no process leaves the tree. It reaps its children, reports how the command ended,
 * and ends when no process is left. If the owner dies, or asks for it, it ends the tree.
 *
 * It is a child of its owner (os/start/spawn-keeper.c), which sends it a plan and descriptors. It begins the command in
 * its owner's session and group. Then it takes a session of its own, with all signals blocked, so that no signal of a
 * terminal or to a group reaches it. Since it lives as long as the command does it is small: no libc, little memory.
 */
#include "state.h"
#include "os/calls.h"
#include "os/cgroup-v2.h"
#include "os/directory.h"
#include "os/procfs.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

void keeper_begin(int argc, char **argv) __attribute__((noreturn));

/* ---- the beginning ---- */

__attribute__((noreturn)) static void fail(int failed, int error, enum keeper_need need) {
	const struct keeper_message message = {
		.word = KEEPER_SAYS_FAILED, .wait_status = (int)need, .failed = failed, .error = error
	};

	for (int i = 0; i < 50 && say(&message, -1) == 1; i++)
		keeper_sleep();
	keeper_exit(1);
}

static int check_list(void) {
	const int list = call_openat("/proc/thread-self/children", O_RDONLY | O_CLOEXEC, 0);

	if (list < 0)
		return list == -ENOENT ? -ENOSYS : list;
	call_close(list);
	return 0;
}

static int check_wait(void) {
	return reap_children() ? -ENOSYS : 0; /* there is no child yet */
}

/*
 * Signals by descriptor. *ret_need: which of the two is missing. The descriptor of our owner will do: that a process
 * can be opened it has seen itself, and its filters are ours. It cannot be signalled from within a PID namespace.
 */
static int check_descriptor(int owner, enum keeper_need *ret_need) {
	int pidfd, error;

	if (call_pidfd_send_signal(owner, 0, 0) == 0)
		return 0;
	pidfd = call_pidfd_open(call_getpid(), 0);
	*ret_need = KEEPER_NEEDS_PIDFD;
	if (pidfd < 0)
		return pidfd;
	*ret_need = KEEPER_NEEDS_SIGNAL;
	error = call_pidfd_send_signal(pidfd, 0, 0);
	call_close(pidfd);
	return error;
}

/* A keeper could not end a tree unless it can list its children, wait for them, and signal them by descriptor. */
static void check_needs(int owner) {
	enum keeper_need need = KEEPER_NEEDS_WAIT;
	int error = check_wait();

	if (error == 0) {
		need = KEEPER_NEEDS_PROC;
		error = procfs_check();
	}
	if (error == 0) {
		need = KEEPER_NEEDS_CHILDREN;
		error = check_list();
	}
	if (error == 0)
		error = check_descriptor(owner, &need);
	if (error < 0)
		fail(OS_FAILED_KEEPER, error, need);
}

/* Opens the descriptor that is readable when a child has ended; without it the keeper looks at intervals. */
static void watch_children(void) {
	const uint64_t mask = UINT64_C(1) << (SIGCHLD - 1) | UINT64_C(1) << (SIGHUP - 1);

	keeper.children = (int)OS_CALL(SYS_signalfd4, -1, &mask, sizeof mask, SFD_NONBLOCK | SFD_CLOEXEC, 0);
}

static void assign_descriptors(const struct received *all) {
	keeper.owner = all->descriptors[KEEPER_OWNER];
	if (keeper.task.has_cgroup)
		keeper.cgroup = all->descriptors[KEEPER_CGROUP];
	if (keeper.task.modes_size)
		keeper.terminal = all->descriptors[KEEPER_TERMINAL];
	keeper.restore = keeper.task.modes_size ? OS_RESTORE_AT_DEATH : OS_RESTORE_NEVER;
}

/* The keeper's own lowest descriptor that is not below `fd`; -1: none. */
static int next_own(int fd) {
	const int own[] = { keeper.socket,   keeper.owner,    keeper.cgroup,
			    keeper.terminal, keeper.children, keeper.command_fd };
	int next = -1;

	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		if (own[i] >= fd && (next < 0 || own[i] < next))
			next = own[i];
	}
	return next;
}

static void close_listed_others(void) {
	const struct directory_entry *entry;
	struct directory list;

	directory_begin(&list, call_openat("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
	while ((entry = directory_next(&list))) {
		const int fd = entry->name[0] == '.' ? list.fd : atoi(entry->name);

		if (fd != list.fd && next_own(fd) != fd)
			call_close(fd);
	}
	if (list.fd >= 0)
		call_close(list.fd);
}

/* Closes the command's sources, and the caller's descriptors: they must not stay open in a keeper. */
static void close_others(void) {
	for (int fd = 0, own; fd >= 0; fd = own < 0 ? -1 : own + 1) {
		own = next_own(fd);
		if (own == fd)
			continue;
		if (call_close_range((unsigned)fd, own < 0 ? ~0u : (unsigned)own - 1, 0) < 0) {
			close_listed_others();
			return;
		}
	}
}

/* So that more members of a tree can be held at a time. The command was made before, with the caller's limit. */
static void raise_descriptors(void) {
	uint64_t limits[2];

	if (OS_CALL(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, limits, 0) == 0 && limits[0] < limits[1]) {
		limits[0] = limits[1];
		OS_CALL(SYS_prlimit64, 0, RLIMIT_NOFILE, limits, NULL, 0);
	}
}

static void say_ready(void) {
	const struct keeper_message message = { .word = KEEPER_SAYS_READY, .wait_status = keeper.command };

	for (int i = 0; i < 50 && say(&message, keeper.command_fd) == 1; i++)
		keeper_sleep();
}

/* An ignored SIGCHLD is inherited from the owner: then the kernel reaps children, and the keeper learns nothing. */
static void reset_sigchld(void) {
	const union os_sigaction none = OS_SIGACTION_DEFAULT;

	call_sigaction(SIGCHLD, &none, NULL);
}

static void set_up(void) {
	struct received all = { .count = 0 };
	int failed, error = receive_task(&all);

	if (error == -EPIPE)
		keeper_exit(0);
	if (error < 0)
		fail(OS_FAILED_KEEPER, error, KEEPER_NEEDS_NOTHING);
	check_needs(all.descriptors[KEEPER_OWNER]);
	reset_sigchld();
	/* If we are stopped when the owner dies, no process would continue us: the kernel does, by this signal. */
	call_prctl(PR_SET_PDEATHSIG, SIGCONT);
	watch_children();
	if (keeper.task.is_trial) {
		say_ready();
		keeper_exit(0);
	}
	assign_descriptors(&all);
	error = command_make(&all, &failed);
	if (error < 0) /* a command that was made already dies with us, its parent */
		fail(failed, error, KEEPER_NEEDS_NOTHING);
	call_setsid();
	call_chdir("/");
	close_others();
	raise_descriptors();
	say_ready();
}

/* ---- the life ---- */

/* An order to kill is the last word. */
static bool is_by_ladder(bool without_order) {
	return !keeper.is_to_kill && (keeper.is_to_climb || without_order);
}

__attribute__((noreturn)) static void end_without_owner(void) {
	put_terminal_back();
	end_tree(is_by_ladder(keeper.task.has_death_climb));
}

static void let_go_of_group(void) {
	cgroup_let_go(keeper.cgroup);
	cgroup_remove(keeper.cgroup, keeper.task.cgroup_name);
}

/* What the command has left lives on, in the group above. */
__attribute__((noreturn)) static void leave_and_exit(void) {
	say_ended();
	if (keeper.cgroup >= 0)
		let_go_of_group();
	keeper_exit(0);
}

__attribute__((noreturn)) static void keep(void) {
	bool owner_has_ended, has_word;

	for (;;) {
		take_signals();
		if (!reap_children())
			finish();
		say_ended();
		/* Outside its group the tree would have no limits. */
		if (keeper.is_to_leave && keeper.command_has_ended && !keeper.task.has_limits)
			leave_and_exit();
		if (cpu_time_is_up())
			end_tree(true);
		owner_has_ended = wait_for_news(&has_word);
		if (keeper.is_to_leave)
			continue;
		if (owner_has_ended || (has_word && !listen_to_owner())) {
			note_last_words(); /* several messages may be unread: a keeper that was stopped has read none */
			if (!keeper.is_to_leave)
				end_without_owner();
			continue;
		}
		if (keeper.is_to_kill || keeper.is_to_climb)
			end_tree(is_by_ladder(false));
	}
}

void keeper_begin(int argc, char **argv) {
	if (argc != 2)
		keeper_exit(1);
	keeper.socket = atoi(argv[1]);
	keeper.owner = keeper.cgroup = keeper.terminal = keeper.children = keeper.command_fd = -1;
	if (call_fcntl(keeper.socket, F_SETFD, FD_CLOEXEC) < 0)
		keeper_exit(1);
	call_prctl(PR_SET_NAME, (long)KEEPER_NAME); /* execveat names it after the descriptor's number */
	set_up();
	keep();
}
