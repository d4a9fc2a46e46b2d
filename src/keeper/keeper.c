/* SPDX-License-Identifier: ISC */
/*
 * The keeper: a process between a hold and the process held. It is a child subreaper, so whoever of the tree loses his
 * parent becomes its child, and nobody gets out. It reaps them, tells how the command ended, and ends when nobody is
 * left. If the process that holds dies, or says so, it ends the tree.
 *
 * It was cloned by its master (os/spawn-keeper.c), began the command in its master's memory and then executed this
 * program, in a session of its own and with all signals blocked: neither a terminal nor a group reaches it. Since it
 * lives as long as the command does it is small: no libc, no memory of its own but while it ends a tree.
 */
#include "os/calls.h"
#include "os/cgroup-v2.h"
#include "os/keeper.h"
#include "os/os.h"

#include "base/clock.h"
#include "core/tree-end.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

void keeper_begin(int argument_count) __attribute__((noreturn));

static struct {
	struct keeper_task task;
	bool command_has_ended;
	bool is_to_leave;
	int children; /* a descriptor that is readable when one of them has changed */
} keeper;

enum {
	UNREAD_MAX = 4096, /* bytes that the master has not read, above which no more stops are told */
	END_MS = 5000,     /* that an end after SIGKILL may take */
	REMOVALS = 50      /* tries to remove a group in which somebody is */
};

static void say(const struct keeper_message *message) {
	struct iovec part = { (void *)(uintptr_t)message, sizeof *message };
	const struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };

	call_sendmsg(KEEPER_SOCKET, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* So that a master who does not listen has room for what must not be lost. */
static void say_change(enum keeper_word word) {
	const struct keeper_message message = { .word = (int)word };
	int unread = 0;

	if (call_ioctl(KEEPER_SOCKET, TIOCOUTQ, &unread) == 0 && unread < UNREAD_MAX)
		say(&message);
}

static int64_t microseconds(struct timeval time) {
	return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

static void note_command(const siginfo_t *info, const struct rusage *usage) {
	const bool dumped = info->si_code == CLD_DUMPED;
	struct keeper_message message = { .word = KEEPER_SAYS_ENDED };

	switch (info->si_code) {
	case CLD_STOPPED:
		say_change(KEEPER_SAYS_STOPPED);
		return;
	case CLD_CONTINUED:
		say_change(KEEPER_SAYS_CONTINUED);
		return;
	case CLD_EXITED:
		message.wait_status = (info->si_status & 0xff) << 8;
		break;
	case CLD_KILLED:
	case CLD_DUMPED:
		message.wait_status = info->si_status | (dumped ? 0x80 : 0);
		break;
	default:
		return;
	}
	message.user_us = microseconds(usage->ru_utime);
	message.system_us = microseconds(usage->ru_stime);
	message.max_rss_kib = usage->ru_maxrss;
	keeper.command_has_ended = true;
	say(&message);
}

/* false: there is no child any more, and so nobody at all. */
static bool reap(void) {
	struct rusage usage;
	siginfo_t info;
	int error;

	for (;;) {
		info.si_pid = 0;
		error = call_waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WCONTINUED | WNOHANG | __WALL, &usage);
		if (error == -EINTR)
			continue;
		if (error < 0)
			return false;
		if (!info.si_pid)
			return true;
		if (info.si_pid == keeper.task.command && !keeper.command_has_ended)
			note_command(&info, &usage);
	}
}

/* Before a look, so that whoever ends after it is told again. */
static void forget_signals(void) {
	char signals[128];

	while (call_read(keeper.children, signals, sizeof signals) > 0)
		;
}

/* What is in the group without being of the tree came there by somebody else's hand, and ends with it. */
static void remove_group(void) {
	for (int i = 0; i < REMOVALS && cgroup_remove(KEEPER_CGROUP, keeper.task.cgroup_name) == -EBUSY; i++) {
		cgroup_kill(KEEPER_CGROUP);
		call_nanosleep(&(struct os_timespec){ 0, 1000000 });
	}
}

__attribute__((noreturn)) static void finish(void) {
	const struct keeper_message message = { .word = KEEPER_SAYS_EMPTY };

	if (keeper.task.has_cgroup)
		remove_group();
	say(&message);
	call_exit(0);
}

/* What the command has left goes on, in the group above. */
__attribute__((noreturn)) static void leave(void) {
	if (keeper.task.has_cgroup) {
		cgroup_let_go(KEEPER_CGROUP);
		cgroup_remove(KEEPER_CGROUP, keeper.task.cgroup_name);
	}
	call_exit(0);
}

/* By the group: what is killed is reaped as it ends. */
static void kill_group(void) {
	struct os_pollfd poll = { keeper.children, 1 /* POLLIN */, 0 };

	if (cgroup_kill(KEEPER_CGROUP) < 0)
		return;
	for (const int64_t deadline = clock_after_ms(END_MS); reap() && clock_now() < deadline;) {
		if (call_ppoll(&poll, 1, &(struct os_timespec){ 0, 20000000 }) == 0)
			cgroup_kill_rest(KEEPER_CGROUP);
		forget_signals();
	}
}

/* What cannot be killed (a set-user-ID program) cannot be waited for either: it becomes a child of somebody else's. */
__attribute__((noreturn)) static void end_tree(bool by_ladder) {
	static const struct hold_rung kill = { .signal = SIGKILL, .wait_ms = END_MS };
	struct hold_rung rungs[KEEPER_RUNGS] = { kill };
	size_t count = 1;
	struct os_tree tree;

	if (by_ladder && keeper.task.rung_count) {
		count = (size_t)keeper.task.rung_count;
		for (size_t i = 0; i < count; i++)
			rungs[i] = (struct hold_rung){ .signal = keeper.task.rungs[i].signal,
						       .wait_ms = keeper.task.rungs[i].wait_ms };
	} else if (keeper.task.is_init) {
		call_exit(0); /* the kernel kills all */
	} else if (keeper.task.has_cgroup) {
		kill_group();
	}
	if (reap() && os_tree_begin(&tree, call_getpid(), -1, true) == 0) {
		if (tree_end(&tree, rungs, count) == HOLD_PENDING) /* by a ladder that has no KILL */
			tree_end(&tree, &kill, 1);
		os_tree_end(&tree);
	}
	reap();
	finish();
}

static void put_terminal_back(void) {
	if (keeper.task.modes_size)
		call_ioctl(KEEPER_TERMINAL, TCSETS, keeper.task.modes);
}

static bool receive(void *bytes, size_t size) {
	struct iovec part = { bytes, size };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };

	return call_recvmsg(KEEPER_SOCKET, &header, MSG_DONTWAIT) == (long)size;
}

__attribute__((noreturn)) static void end_without_master(void) {
	put_terminal_back();
	end_tree(true);
}

static void listen_to_master(void) {
	struct keeper_message message;

	if (!receive(&message, sizeof message)) /* it is dying, or executes another program */
		end_without_master();
	if (message.word == KEEPER_END)
		end_tree(false);
	if (message.word == KEEPER_LEAVE)
		keeper.is_to_leave = true;
}

/* The descriptor from which the ends of children are read. */
static int watch_children(void) {
	const uint64_t mask = UINT64_C(1) << (SIGCHLD - 1);

	return (int)OS_CALL(SYS_signalfd4, -1, &mask, sizeof mask, SFD_NONBLOCK | SFD_CLOEXEC, 0);
}

/* As ps(1) shows it; executed by its descriptor it bears the number of that. */
static void set_name(void) {
	call_prctl(PR_SET_NAME, (long)"hold-keeper");
}

__attribute__((noreturn)) static void keep(void) {
	struct os_pollfd fds[] = { { keeper.children = watch_children(), 1 /* POLLIN */, 0 },
				   { KEEPER_SOCKET, 1, 0 },
				   { KEEPER_MASTER, 1, 0 } };

	for (;;) {
		forget_signals();
		if (!reap())
			finish();
		if (keeper.is_to_leave && keeper.command_has_ended)
			leave();
		call_ppoll(fds, keeper.is_to_leave ? 1 : 3, NULL);
		if (keeper.is_to_leave)
			continue;
		if (fds[2].revents) /* also where a forked copy of it has the socket still */
			end_without_master();
		if (fds[1].revents)
			listen_to_master();
	}
}

void keeper_begin(int argument_count) {
	if (argument_count != 1) /* it is only tried: also whether a filter lets it hear of its children */
		call_exit(watch_children() < 0);
	if (!receive(&keeper.task, sizeof keeper.task))
		call_exit(0);
	set_name();
	keep();
}
