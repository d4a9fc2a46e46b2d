/* SPDX-License-Identifier: ISC */
/* A call that is refused for good, by an old kernel or a filter: the weaker twin takes over, and says so. */
#include "../check.h"
#include "faults.h"
#include "strewn.h"

#include <pidhold.h>

#include <fcntl.h>
#include <sys/ioctl.h>

/* ---- what is refused ---- */

static long refusal = -ENOSYS;

enum refused {
	CLOSE_RANGE = 1 << 0,
	PROC_SELF_FD = 1 << 1,
	GETDENTS = 1 << 2,
	TERMINAL_PEER = 1 << 3,
	DEV_PTS = 1 << 4,
	SEND_SIGNAL = 1 << 5,
	PIDFDS = 1 << 6, /* all that knows a process descriptor */
	WIPEONFORK = 1 << 7
};

static unsigned refused;

OS_INLINE bool begins_with(const char *text, const char *beginning) {
	while (*beginning) {
		if (*text++ != *beginning++)
			return false;
	}
	return true;
}

OS_IN_CHILD static long refuse(const struct fault_call *call, enum fault_side side, int index) {
	unsigned of = 0;

	(void)side, (void)index;
	if (call->number == CALL_CLOSE_RANGE)
		of = CLOSE_RANGE;
	else if (call->number == SYS_openat && begins_with(call->path, "/proc/self/fd"))
		of = PROC_SELF_FD;
	else if (call->number == SYS_openat && begins_with(call->path, "/dev/pts/"))
		of = DEV_PTS;
	else if (call->number == SYS_getdents64)
		of = GETDENTS;
	else if (call->number == SYS_ioctl && (unsigned long)call->b == TIOCGPTPEER)
		of = TERMINAL_PEER;
	else if (call->number == CALL_PIDFD_SEND_SIGNAL)
		of = SEND_SIGNAL | PIDFDS;
	else if (call->number == CALL_PIDFD_OPEN || call->number == FAULT_CLONE3)
		of = PIDFDS;
	else if (call->number == FAULT_MADVISE)
		of = WIPEONFORK;
	if (of & refused)
		return refusal;
	/* Unknown as a flag, as a kind of number. */
	if (refused & PIDFDS && ((call->number == FAULT_CLONE && call->a & 0x1000 /* CLONE_PIDFD */) ||
				 (call->number == SYS_waitid && call->a == 3 /* P_PIDFD */)))
		return -EINVAL;
	return 0;
}

static void take_away(unsigned what, long error) {
	refused = what;
	refusal = error;
	fault_arm(refuse);
}

/* ---- closing ---- */

static const char *const sleeper[] = { ACTOR, "sleep", NULL };

static void close_by_list(void) {
	start_among_strewn(); /* the first start has a pipe of its own that must not be closed */
	start_among_strewn();
}

TEST("without close_range exactly the named descriptors stay open") {
	take_away(CLOSE_RANGE, -ENOSYS);
	close_by_list();
	fault_disarm();
}

TEST("the same where a filter forbids it, and memory is not shared") {
	take_away(CLOSE_RANGE, -EPERM);
	fault_dropped = FAULT_UNSHARED;
	close_by_list();
	fault_disarm();
}

static int calls_in_child(long number) {
	int count = 0;

	for (int i = 0; i < faults->count[FAULT_IN_CHILD] && i < FAULT_CALLS; i++)
		count += faults->calls[FAULT_IN_CHILD][i].number == number;
	return count;
}

TEST("without close_range hundreds of descriptors are closed, over many reads of the list") {
	enum { MANY = 300 };
	int opened[MANY];

	for (int i = 0; i < MANY; i++) {
		opened[i] = fcntl(1, F_DUPFD, 3);
		CHECK(opened[i] >= 3);
	}
	take_away(CLOSE_RANGE, -ENOSYS);
	start_and_expect_open(NULL, 0, "open=0,1,2");
	/* As many as are open, and the limit on them, which may be 1,000,000,000, is never asked for. */
	CHECK(calls_in_child(SYS_close) >= MANY && faults->count[FAULT_IN_CHILD] < FAULT_CALLS);
	CHECK_EQ(calls_in_child(SYS_prlimit64), 0);
	fault_disarm();
	for (int i = 0; i < MANY; i++)
		close(opened[i]);
}

static void expect_table_error(int code) {
	const struct hold_options options = { .size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = sleeper };
	struct hold_error error = { .size = sizeof error };
	struct hold *h;

	strew();
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(hold_spawn(&h, &options, &error), code);
		CHECK_EQ(error.step, HOLD_AT_DESCRIPTOR);
		CHECK_STRING(error.object, "table");
	}
	pick_up();
}

TEST("without close_range and without /proc a start fails, and never succeeds with descriptors left open") {
	take_away(CLOSE_RANGE | PROC_SELF_FD, -ENOENT);
	expect_table_error(-ENOENT);
	fault_disarm();
}

TEST("without close_range and with a /proc that cannot be read a start fails") {
	take_away(CLOSE_RANGE | GETDENTS, -EACCES);
	expect_table_error(-EACCES);
	fault_disarm();
}

/* ---- terminals ---- */

TEST("where a terminal's other end cannot be opened by its master it is opened by its path") {
	static const char *const argv[] = { ACTOR, "open=0,1,2", "terminal", NULL };
	static const long refusals[] = { -EINVAL, -ENOTTY, -ENOSYS, -EPERM };
	const struct hold_terminal terminal = { .size = sizeof terminal, .winsize = { 5, 7, 0, 0 } };
	const struct hold_options options = {
		.size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = argv, .terminal = &terminal
	};
	struct winsize size;
	struct hold *h;

	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		take_away(TERMINAL_PEER, refusals[i]);
		CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
		CHECK_EQ(ioctl(hold_stream(h, HOLD_TERMINAL), TIOCGWINSZ, &size), 0);
		CHECK(size.ws_row == 5 && size.ws_col == 7);
		expect_end(h, HOLD_HOW_EXITED, 0);
	}
	fault_disarm();
}

TEST("where it cannot be opened by its path either, a start fails at its terminal") {
	const struct hold_terminal terminal = { .size = sizeof terminal };
	const struct hold_options options = {
		.size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = sleeper, .terminal = &terminal
	};
	struct hold_error error = { .size = sizeof error };
	struct hold *h;
	int master;

	take_away(TERMINAL_PEER | DEV_PTS, -EPERM);
	CHECK_EQ(hold_spawn(&h, &options, &error), -EPERM);
	CHECK_EQ(error.step, HOLD_AT_TERMINAL);
	CHECK_EQ(hold_forkpty(&master, NULL, NULL), -EPERM);
	fault_disarm();
}

/* ---- signals and descriptors of processes ---- */

static struct hold *start_sleeper(void) {
	const struct hold_options options = {
		.size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = sleeper, .flags = HOLD_NEW_GROUP
	};
	struct hold *h;

	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	return h;
}

static int kills_asked_for(void) {
	int count = 0;

	CHECK(faults->count[FAULT_IN_PARENT] < FAULT_CALLS);
	for (int i = 0; i < faults->count[FAULT_IN_PARENT]; i++)
		count += faults->calls[FAULT_IN_PARENT][i].number == SYS_kill;
	return count;
}

static void signal_by_number(void) {
	struct hold *h = start_sleeper();

	CHECK_EQ(hold_signal(h, 0), 0);
	CHECK_EQ(hold_signal(h, 65), -EINVAL);
	CHECK_EQ(hold_signal(h, SIGUSR1), 0);
	CHECK_EQ(hold_wait(h, hold_after_ms(15000), NULL), 0);
	CHECK(kills_asked_for() > 0);
	fault_arm(refuse); /* what is written down begins again */
	CHECK_EQ(hold_signal(h, SIGUSR1), HOLD_GONE);
	CHECK_EQ(hold_signal(h, 0), HOLD_GONE);
	CHECK_EQ(hold_group_signal(h, SIGUSR1), -ENOSYS);
	CHECK_EQ(kills_asked_for(), 0); /* the number may be a stranger's */
	expect_end(h, HOLD_HOW_SIGNALLED, SIGUSR1);
	h = start_sleeper();
	CHECK_EQ(hold_group_signal(h, SIGUSR2), 0);
	expect_end(h, HOLD_HOW_SIGNALLED, SIGUSR2);
	h = start_sleeper();
	CHECK_EQ(hold_stop(h, NULL, 0), 0);
	expect_end(h, HOLD_HOW_SIGNALLED, SIGTERM);
	hold_release(start_sleeper());
}

TEST("where no signal can be sent by descriptor it is sent by number, and never after the wait") {
	take_away(SEND_SIGNAL, -ENOSYS);
	signal_by_number();
	fault_disarm();
}

TEST("the same where a filter forbids it") {
	take_away(SEND_SIGNAL, -EPERM);
	signal_by_number();
	fault_disarm();
}

TEST("an adopted process is never signalled by number") {
	struct hold *h = start_sleeper(), *adopted;
	static const long refusals[] = { -ENOSYS, -EPERM };

	CHECK_EQ(hold_adopt(&adopted, hold_pid(h)), 0);
	for (size_t i = 0; i < 2; i++) {
		take_away(SEND_SIGNAL, refusals[i]);
		CHECK_EQ(hold_signal(adopted, SIGKILL), refusals[i]);
		CHECK_EQ(hold_group_signal(adopted, SIGKILL), refusals[i]);
		CHECK_EQ(hold_stop(adopted, NULL, 0), refusals[i]);
		fault_disarm();
	}
	CHECK_EQ(hold_wait(h, HOLD_NOW, NULL), HOLD_PENDING);
	hold_release(adopted);
	hold_release(h);
}

static void live_without_descriptors(void) {
	static const char *const argv[] = { ACTOR, "open=0,1,2", "group", NULL };
	const struct hold_options options = {
		.size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = argv, .flags = HOLD_NEW_GROUP
	};
	struct hold *h, *adopted;
	char reference[128];

	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	CHECK_EQ(hold_fd(h), -ENOSYS);
	expect_end(h, HOLD_HOW_EXITED, 0);
	h = start_sleeper();
	CHECK_EQ(hold_wait(h, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_wait(h, hold_after_ms(30), NULL), HOLD_PENDING);
	CHECK(hold_reference(h, reference, sizeof reference) > 0);
	CHECK_EQ(hold_adopt(&adopted, hold_pid(h)), refusal);
	hold_release(h);
	CHECK_EQ(hold_pidfd_open(getpid(), 0), refusal);
	signal_by_number();
}

TEST("without process descriptors there is none to poll, and starting, waiting, signalling and stopping work") {
	take_away(PIDFDS, -ENOSYS);
	live_without_descriptors();
	fault_disarm();
}

TEST("the same where a filter forbids them") {
	take_away(PIDFDS, -EPERM);
	live_without_descriptors();
	fault_disarm();
}

TEST("without process descriptors a fork on a terminal works, and its child's failure is told") {
	int master, pid, status;

	take_away(PIDFDS, -ENOSYS);
	pid = hold_forkpty(&master, NULL, NULL);
	if (pid == 0)
		_exit(isatty(0) ? 42 : 1);
	CHECK(pid > 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 42);
	close(master);
	fault_disarm();
}

/* ---- waiting ---- */

static int denials;

/* An ended process that a debugger still holds: its descriptor is readable, and waitid says that there is nothing. */
static long deny_end(const struct fault_call *call, enum fault_side side, int index) {
	(void)side, (void)index;
	return call->number == SYS_waitid && denials && denials-- ? FAULT_NOTHING : 0;
}

TEST("a wait for one that has ended and cannot be reaped yet keeps to its deadline") {
	static const char *const argv[] = { ACTOR, NULL };
	const struct hold_options options = { .size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = argv };
	struct os_pollfd poll = { 0, 1 /* POLLIN */, 0 };
	struct hold *h;

	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	poll.fd = hold_fd(h);
	CHECK_EQ(call_ppoll(&poll, 1, NULL), 1);
	denials = 1000000;
	fault_arm(deny_end);
	CHECK_EQ(hold_wait(h, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_wait(h, hold_after_ms(20), NULL), HOLD_PENDING);
	CHECK(denials > 0); /* it was not for want of denials */
	fault_disarm();
	expect_end(h, HOLD_HOW_EXITED, 0);
}

/* By poll(2) a wait takes days at most, and by a ppoll(2) of 32 bits decades. The first passes at once here. */
static int polls;

static long pass_days(const struct fault_call *call, enum fault_side side, int index) {
	(void)side, (void)index;
	return call->number == SYS_ppoll && polls++ == 0 ? FAULT_NOTHING : 0;
}

TEST("a wait for longer than the system's longest wait goes on after that") {
	static const char *const argv[] = { ACTOR, NULL };
	const struct hold_options options = { .size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = argv };
	struct hold *h;

	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	fault_arm(pass_days);
	CHECK_EQ(hold_wait(h, INT64_MAX - 1, NULL), 0);
	CHECK(polls > 1);
	fault_disarm();
	hold_release(h);
}

/* ---- whose hold it is ---- */

TEST("without a page that is wiped at fork a hold is still told from a copy in a forked child") {
	struct hold *h;
	int pid, status;

	take_away(WIPEONFORK, -EINVAL);
	h = start_sleeper();
	pid = fork();
	if (pid == 0) {
		CHECK_EQ(hold_wait(h, HOLD_NOW, NULL), -ECHILD);
		CHECK_EQ(hold_signal(h, SIGKILL), -ECHILD);
		hold_release(h);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(hold_wait(h, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_stop(h, NULL, 0), 0);
	fault_disarm();
	expect_end(h, HOLD_HOW_SIGNALLED, SIGTERM);
}

CHECK_MAIN
