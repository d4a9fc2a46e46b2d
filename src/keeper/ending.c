/* SPDX-License-Identifier: ISC */
/*
 * The ends of the keeper's children, and of the keeper. The tree is empty when waitid says ECHILD. An empty list of
 * children is no proof.
 */
#include "state.h"
#include "os/calls.h"
#include "os/cgroup-v2.h"

#include "base/clock.h"
#include "base/decimal.h"
#include "base/waits.h"
#include "core/tree-climb.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

enum {
	KILL_AGAIN_MS = 100, /* after this time what is left is killed again */
	REMOVALS = 50        /* tries to remove a group that still has a process */
};

static void note_end(int wait_status, const struct os_usage *usage) {
	keeper.command_has_ended = true;
	keeper.is_unsaid = true;
	keeper.ended = (struct keeper_message){
		.word = KEEPER_SAYS_ENDED,
		.wait_status = wait_status,
		.user_us = usage_user_us(usage),
		.system_us = usage_system_us(usage),
		.max_rss_kib = usage->max_rss_kib,
	};
	say_ended();
}

static void note_command(const siginfo_t *info, const struct os_usage *usage) {
	switch (info->si_code) {
	case CLD_STOPPED:
		say_change(KEEPER_SAYS_STOPPED, info->si_status);
		break;
	case CLD_CONTINUED:
		say_change(KEEPER_SAYS_CONTINUED, SIGCONT);
		break;
	case CLD_EXITED:
		note_end((info->si_status & 0xff) << 8, usage);
		break;
	case CLD_KILLED:
	case CLD_DUMPED:
		note_end(info->si_status | (info->si_code == CLD_DUMPED ? 0x80 : 0), usage);
		break;
	default:
		break;
	}
}

static void note_descendant(bool is_signalled, bool is_dumped) {
	keeper.signalled += is_signalled;
	keeper.dumped += is_dumped;
}

/* The pid of a child that has changed; 0: none has; -ECHILD: there is no child; other errors: waitid is refused. */
static int reap_by_waitid(void) {
	struct os_usage usage;
	siginfo_t info;
	int error;

	info.si_pid = 0;
	error = call_waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WCONTINUED | WNOHANG | __WALL, &usage);
	if (error < 0)
		return error;
	if (info.si_pid && info.si_pid == keeper.command && !keeper.command_has_ended)
		note_command(&info, &usage);
	else if (info.si_pid)
		note_descendant(info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED, info.si_code == CLD_DUMPED);
	return info.si_pid;
}

static int reap_by_wait4(void) {
	struct os_usage usage;
	int status = 0;
	const int pid = (int)OS_CALL(SYS_wait4, -1, &status, WNOHANG | WUNTRACED | WCONTINUED | __WALL, &usage, 0);

	if (pid <= 0)
		return pid;
	if (pid != keeper.command || keeper.command_has_ended)
		note_descendant(WIFSIGNALED(status), WIFSIGNALED(status) && status & 0x80);
	else if (WIFSTOPPED(status))
		say_change(KEEPER_SAYS_STOPPED, WSTOPSIG(status));
	else if (WIFCONTINUED(status))
		say_change(KEEPER_SAYS_CONTINUED, SIGCONT);
	else
		note_end(status, &usage);
	return pid;
}

bool reap_children(void) {
	int result;

	for (;;) {
		result = reap_by_waitid();
		if (result < 0 && result != -ECHILD && result != -EINTR)
			result = reap_by_wait4();
		keeper.cannot_wait = result < 0 && result != -ECHILD && result != -EINTR;
		if (result == -ECHILD)
			return false;
		if (result <= 0 && result != -EINTR)
			return true;
	}
}

/* The leader of a terminal's session is told of its end. It is the command that means to know. */
static void pass_hangup_on(void) {
	if (!keeper.is_leader || keeper.command_has_ended)
		return;
	call_pidfd_send_signal(keeper.command_fd, SIGHUP, 0);
	call_pidfd_send_signal(keeper.command_fd, SIGCONT, 0);
}

void take_signals(void) {
	struct signalfd_siginfo taken;

	while (keeper.children >= 0 && call_read(keeper.children, &taken, sizeof taken) > 0) {
		if (taken.ssi_signo == SIGHUP)
			pass_hangup_on();
	}
}

/* Waits until a child changes, or the time is over. */
static void wait_for_children(int ms) {
	struct os_pollfd poll = { keeper.children, POLLIN, 0 };
	struct os_timespec timeout = { ms / 1000, ms % 1000 * 1000000L };

	if (keeper.children < 0 || call_ppoll(&poll, 1, &timeout) < 0)
		keeper_sleep();
	take_signals();
}

/*
 * A process in the group that is not of the tree was moved there by another program; it is killed too. A try that fails
 * may work the next time.
 */
static void remove_group(void) {
	int error;

	for (int i = 0; i < REMOVALS; i++) {
		error = cgroup_remove(keeper.cgroup, keeper.task.cgroup_name);
		if (error == 0 || error == -ENOENT)
			return;
		if (error == -EBUSY)
			cgroup_kill(keeper.cgroup);
		call_nanosleep(&(struct os_timespec){ 0, 1000000 });
	}
}

/*
 * By an open file of the keeper's own, so that the write does not wait where the terminal is stopped (^S): the tree is
 * to be ended. Where there is none, poll says whether there is room.
 */
static void write_screen(void) {
	char path[] = "/proc/self/fd/\0\0\0\0\0\0\0\0\0\0\0\0";
	struct os_pollfd poll = { keeper.terminal, POLLOUT, 0 };
	struct os_timespec now = { 0, 0 };
	int fd;

	if (keeper.terminal < 0 || keeper.screen.size == 0)
		return;
	*decimal_write(path + sizeof "/proc/self/fd/" - 1, (uint64_t)keeper.terminal) = 0;
	fd = call_openat(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0);
	if (fd >= 0 || call_ppoll(&poll, 1, &now) == 1)
		call_write(fd < 0 ? keeper.terminal : fd, keeper.screen.text, (size_t)keeper.screen.size);
	if (fd >= 0)
		call_close(fd);
	keeper.screen.size = 0;
}

void put_terminal_back(void) {
	write_screen();
	if (keeper.terminal >= 0 && keeper.restore != OS_RESTORE_NEVER)
		call_ioctl(keeper.terminal, CALL_TCSETS, keeper.task.modes);
	keeper.restore = OS_RESTORE_NEVER;
}

/* The owner has released the hold: the terminal is its own affair from then on. */
static bool is_let_go(void) {
	return keeper.is_to_kill || keeper.is_to_climb;
}

/* The owner delivers the last output and then puts the modes back itself. If it is killed before, we put them back. */
static void wait_for_terminal(void) {
	while (keeper.restore == OS_RESTORE_UNTIL_RELEASE && !is_let_go()) {
		take_signals(); /* there are no children, but any process may send SIGCHLD */
		if (!wait_for_owner()) {
			put_terminal_back();
			return;
		}
	}
}

/*
 * An owner that does not read now may read later, and without our last message it would think that we were killed. So
 * we wait for as long as it lives. An owner that releases the hold closes its socket, which ends the wait.
 */
static void say_to_the_end(const struct keeper_message *last) {
	for (say_ended(); keeper.is_unsaid && !owner_has_died(); say_ended())
		keeper_sleep();
	while (say(last, -1) == 1 && !owner_has_died())
		keeper_sleep();
}

static bool is_ended_by_limit(void) {
	return keeper.cpu_time_is_up || keeper.cpu_time_error;
}

__attribute__((noreturn)) void finish(void) {
	const struct keeper_message empty = { .word = KEEPER_SAYS_EMPTY, .use = tree_use() };
	const int above = open_above_group();

	if (keeper.cgroup >= 0)
		remove_group();
	leave_leaf(above);
	if (is_ended_by_limit() && owner_has_died())
		put_terminal_back();
	say_to_the_end(&empty);
	note_last_words();
	if (keeper.restore == OS_RESTORE_UNTIL_RELEASE && !is_let_go())
		wait_for_terminal();
	keeper_exit(0);
}

/* Kills the tree through its control group, and reaps the processes as they end. */
static void kill_own_group(void) {
	if (cgroup_kill(keeper.cgroup) < 0)
		return;
	for (const int64_t deadline = clock_after_ms(END_MS); reap_children() && clock_now() < deadline;) {
		wait_for_children(LOOK_MS);
		cgroup_kill_rest(keeper.cgroup);
	}
}

/* Reaps what ends until that time: a look at each end would take too long where there are many. false: none is left. */
static bool reap_until(int64_t due) {
	enum { NS_PER_MS = 1000000 };
	int64_t now;

	while (reap_children()) {
		now = clock_now();
		if (now >= due)
			return true;
		wait_for_children((int)((due - now) / NS_PER_MS) + 1);
	}
	return false;
}

/* A limit has the tree ended by the ladder while there may be an owner. By default nobody outlives that. */
static bool is_cut_short(void) {
	const bool has_owner = listen_to_owner() && !owner_has_died();

	note_last_words();
	if (keeper.is_to_leave)
		return false;
	if (!has_owner)
		put_terminal_back();
	return keeper.is_to_kill || (!has_owner && !keeper.is_to_climb && !keeper.task.has_death_climb);
}

/* Members that ended are reaped meanwhile: a ladder may be long, and zombies count against limits on processes. */
static int climb(const struct hold_rung *rungs, size_t count, bool may_be_cut) {
	struct tree_climb way;
	struct os_tree tree;
	int result = os_tree_open(&tree, call_getpid(), -1, true);

	if (result < 0)
		return result;
	tree_climb_begin(&way, &tree, rungs, count);
	while ((result = tree_climb_step(&way)) == HOLD_PENDING) {
		if (!reap_until(clock_earliest(tree_climb_due(&way), clock_after_ms(LOOK_MS))) && !keeper.cannot_wait)
			break;
		if (may_be_cut && is_cut_short())
			break;
	}
	os_tree_close(&tree);
	return result == HOLD_PENDING ? 0 : result;
}

/* The keeper has a descriptor of the command, so it can kill that even where nothing can be opened or listed. */
static int kill_again(void) {
	static const struct hold_rung kill = { .signal = SIGKILL, .wait_ms = KILL_AGAIN_MS };
	int result;

	if (!keeper.command_has_ended)
		call_pidfd_send_signal(keeper.command_fd, SIGKILL, 0);
	if (keeper.cgroup >= 0)
		cgroup_kill(keeper.cgroup);
	result = climb(&kill, 1, false);
	say_ended();
	return result;
}

/* It does not say EMPTY: no process was seen, but the kernel has not said that none is left. */
__attribute__((noreturn)) static void finish_unreaped(void) {
	if (keeper.cgroup >= 0)
		remove_group();
	keeper_exit(1);
}

static void close_terminal(void) {
	if (keeper.terminal >= 0)
		call_close(keeper.terminal);
	keeper.terminal = -1;
}

static void climb_ladder(void) {
	struct hold_rung rungs[OS_RUNGS];

	_Static_assert(sizeof *rungs == sizeof *keeper.task.rungs, "one rung on both sides");
	memcpy(rungs, keeper.task.rungs, sizeof rungs);
	climb(rungs, (size_t)keeper.task.rung_count, is_ended_by_limit());
}

/* What cannot be killed yet (a set-user-ID program, a process that waits for a disk) is killed again and again. */
__attribute__((noreturn)) void end_tree(bool by_ladder) {
	if (!is_ended_by_limit()) /* else the owner may be killed later */
		close_terminal();
	if (by_ladder && keeper.task.rung_count)
		climb_ladder();
	else if (keeper.task.is_init)
		keeper_exit(0); /* the kernel kills all processes of the namespace */
	if (keeper.cgroup >= 0)
		kill_own_group();
	while (reap_children()) {
		if (kill_again() == 0 && keeper.cannot_wait)
			finish_unreaped(); /* init will reap the rest */
		wait_for_children(KILL_AGAIN_MS);
	}
	finish();
}
