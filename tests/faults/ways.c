/* SPDX-License-Identifier: ISC */
/*
 * The ways to make a process, each forced by taking away the better ones; memory that is not shared although it was
 * asked for; and a child that is killed on its way.
 */
#include "../check.h"
#include "faults.h"

#include <pidhold.h>

enum way { BY_CLONE3, BY_CLONE_PIDFD, BY_CLONE, BY_FORK, NO_WAY };
enum { SHARES_MEMORY = 0x100 /* CLONE_VM */, GIVES_PIDFD = 0x1000 /* CLONE_PIDFD */ };

static enum way best; /* the ways before it are refused */
static long refusal = -ENOSYS;

/* Runs in the parent alone. */
static long refuse_better(const struct fault_call *call, enum fault_side side, int index) {
	enum way way;

	(void)side, (void)index;
	if (call->number == FAULT_CLONE3)
		way = BY_CLONE3;
	else if (call->number == FAULT_CLONE)
		way = call->a & GIVES_PIDFD ? BY_CLONE_PIDFD : call->a & SHARES_MEMORY ? BY_CLONE : BY_FORK;
	else
		return 0;
	return way < best ? refusal : 0;
}

static const char *const sleeper[] = { ACTOR, "sleep", NULL };

static struct hold *start(const char *const *argv) {
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.argv = argv,
		.out = { .kind = HOLD_STDIO_PIPE },
		.flags = HOLD_NEW_GROUP,
	};
	struct hold_error error = { .size = sizeof error };
	struct hold *h;

	if (hold_spawn(&h, &options, &error) < 0) {
		printf("# %s: %s %s\n", strerror(-error.code), hold_step_name(error.step), error.object);
		CHECK_EQ(error.code, 0);
	}
	return h;
}

/* As who we are: a child that changes its ids has memory of its own, and tells by a pipe. */
static struct hold_ids own_ids(void) {
	return (struct hold_ids){
		.size = sizeof(struct hold_ids),
		.set = HOLD_IDS_USER | HOLD_IDS_GROUP,
		.user = geteuid(),
		.group = getegid(),
	};
}

static int start_with_ids(struct hold **ret, const char *const *argv, struct hold_error *reterr) {
	const struct hold_ids ids = own_ids();
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.argv = argv,
		.ids = &ids,
		.out = { .kind = HOLD_STDIO_PIPE },
		.flags = HOLD_NEW_GROUP,
	};

	return hold_spawn(ret, &options, reterr);
}

static void expect_end(struct hold *h, int how, int code) {
	struct hold_status status = { .size = sizeof status };

	CHECK_EQ(hold_wait(h, hold_after_ms(15000), &status), 0);
	CHECK_EQ(status.how, how);
	CHECK_EQ(status.code, code);
	hold_release(h);
}

static void start_wait_signal_stop(void) {
	static const char *const facts[] = { ACTOR, "open=0,1,2", "group", NULL };
	struct hold *h = start(facts);

	expect_end(h, HOLD_HOW_EXITED, 0);
	CHECK_EQ(start_with_ids(&h, facts, NULL), 0);
	expect_end(h, HOLD_HOW_EXITED, 0);
	h = start(sleeper);
	CHECK_EQ(hold_wait(h, hold_after_ms(10), NULL), HOLD_PENDING);
	CHECK_EQ(hold_signal(h, SIGUSR1), 0);
	expect_end(h, HOLD_HOW_SIGNALLED, SIGUSR1);
	h = start(sleeper);
	CHECK_EQ(hold_group_signal(h, SIGUSR2), 0);
	expect_end(h, HOLD_HOW_SIGNALLED, SIGUSR2);
	h = start(sleeper);
	CHECK_EQ(hold_stop(h, NULL, 0), 0);
	expect_end(h, HOLD_HOW_SIGNALLED, SIGTERM);
	hold_release(start(sleeper));
}

/* A start that fails in the child, at its end and before. */
static void fail_to_start(void) {
	static const char *const nowhere[] = { "/no/such/program", NULL };
	struct hold_options options = { .size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = nowhere };
	struct hold_error error = { .size = sizeof error };
	struct hold *h;

	CHECK_EQ(hold_spawn(&h, &options, &error), -ENOENT);
	CHECK_EQ(error.step, HOLD_AT_PROGRAM);
	CHECK_STRING(error.object, nowhere[0]);
	error.step = 0;
	CHECK_EQ(start_with_ids(&h, nowhere, &error), -ENOENT);
	CHECK_EQ(error.step, HOLD_AT_PROGRAM);
	CHECK_STRING(error.object, nowhere[0]);
	options.argv = sleeper;
	options.directory = "/no/such/directory";
	CHECK_EQ(hold_spawn(&h, &options, &error), -ENOENT);
	CHECK_EQ(error.step, HOLD_AT_DIRECTORY);
	CHECK_STRING(error.object, options.directory);
}

/* The way of the last start, from what was written down. */
static enum way way_taken(void) {
	for (int i = faults->count[FAULT_IN_PARENT] - 1; i >= 0; i--) {
		const struct fault_call *call = &faults->calls[FAULT_IN_PARENT][i];

		if (call->number == FAULT_CLONE3 && call->result > 0)
			return BY_CLONE3;
		if (call->number == FAULT_CLONE && call->result > 0)
			return call->a & GIVES_PIDFD ? BY_CLONE_PIDFD : call->a & SHARES_MEMORY ? BY_CLONE : BY_FORK;
	}
	return NO_WAY;
}

static int clones_tried(void) {
	int count = 0;

	for (int i = 0; i < faults->count[FAULT_IN_PARENT]; i++) {
		long number = faults->calls[FAULT_IN_PARENT][i].number;

		count += number == FAULT_CLONE3 || number == FAULT_CLONE;
	}
	return count;
}

static void force(enum way way, long error) {
	static const char *const facts[] = { ACTOR, "open=0,1,2", NULL };

	best = way;
	refusal = error;
	fault_arm(refuse_better);
	expect_end(start(facts), HOLD_HOW_EXITED, 0);
	CHECK_EQ(way_taken(), way);
	CHECK_EQ(clones_tried(), (int)way + 1);
	fault_arm(refuse_better); /* what is written down begins again */
	expect_end(start(facts), HOLD_HOW_EXITED, 0);
	CHECK_EQ(way_taken(), way);
	CHECK_EQ(clones_tried(), 1); /* what is refused is remembered */
	fault_arm(refuse_better);
	start_wait_signal_stop();
	fail_to_start();
	fault_disarm();
}

TEST("the best way that the system has is taken, the one that hold_caps tells of") {
	static const char *const names[] = { "clone3", "clone", "clone", "fork", "none" };
	struct hold_cap cap = { .size = sizeof cap };
	enum way way;

	best = BY_CLONE3;
	fault_arm(refuse_better);
	start_wait_signal_stop();
	fail_to_start();
	way = way_taken();
	fault_disarm();
	CHECK_EQ(hold_caps(0, &cap), 0);
	CHECK_STRING(cap.name, "start");
	CHECK_STRING(cap.mechanism, names[way]);
}

TEST("without clone3 clone with a descriptor is the way, and all works") {
	force(BY_CLONE_PIDFD, -ENOSYS);
}

TEST("the same where a filter answers EPERM") {
	force(BY_CLONE_PIDFD, -EPERM);
}

TEST("without CLONE_PIDFD clone is the way, and all works") {
	force(BY_CLONE, -EINVAL);
}

TEST("where memory cannot be shared fork is the way, and all works") {
	force(BY_FORK, -EPERM);
}

TEST("a kernel that does not know CLONE_PIDFD and ignores it: the descriptor is opened after the start") {
	best = BY_CLONE_PIDFD;
	fault_dropped = GIVES_PIDFD;
	fault_arm(refuse_better);
	start_wait_signal_stop();
	fail_to_start();
	CHECK_EQ(way_taken(), BY_CLONE_PIDFD);
	fault_disarm();
}

TEST("by fork after starts that shared memory: a program is started, and a failure is told") {
	static const char *const facts[] = { ACTOR, "open=0,1,2", NULL };

	best = BY_CLONE3;
	fault_arm(refuse_better);
	expect_end(start(facts), HOLD_HOW_EXITED, 0);
	best = BY_FORK; /* from now on, as with a filter that the program put up in between */
	refusal = -EPERM;
	expect_end(start(facts), HOLD_HOW_EXITED, 0);
	CHECK_EQ(way_taken(), BY_FORK);
	fail_to_start();
	fault_disarm();
}

TEST("where memory is not shared although it was asked for, all works and every failure is told") {
	fault_dropped = FAULT_UNSHARED;
	start_wait_signal_stop();
	fail_to_start();
	start_wait_signal_stop();
}

/* ---- killed on the way ---- */

static int killed_at; /* the child's call that it does not live to see */

OS_IN_CHILD static long kill_child(const struct fault_call *call, enum fault_side side, int index) {
	long pid;

	if (call->number == FAULT_CLONE3 || call->number == FAULT_CLONE)
		return refuse_better(call, side, index);
	if (side == FAULT_IN_CHILD && index == killed_at) {
		pid = __real_os_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0);
		for (;;)
			__real_os_syscall(SYS_kill, pid, SIGKILL, 0, 0, 0, 0);
	}
	return 0;
}

/* The child's last call before it sets its mark, that it is about to execute the program. */
static int last_before_mark(void) {
	int index = -1;

	for (int i = 0; i < faults->count[FAULT_IN_CHILD]; i++) {
		if (faults->calls[FAULT_IN_CHILD][i].number == SYS_getpriority)
			index = i;
	}
	CHECK(index > 0);
	return index;
}

static void kill_at_each_call(const struct hold_ids *ids) {
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.argv = sleeper,
		.in = { .kind = HOLD_STDIO_PIPE },
		.flags = HOLD_NEW_SESSION,
		.directory = "/",
		.ids = ids,
	};
	struct hold_error error = { .size = sizeof error };
	struct check_state before;
	struct hold *h;
	int last, count;

	killed_at = -1;
	for (int i = 0; i < 2; i++) { /* the first start of a process has calls of its own */
		fault_arm(kill_child);
		CHECK_EQ(hold_spawn(&h, &options, &error), 0);
		hold_release(h);
	}
	last = last_before_mark();
	count = faults->count[FAULT_IN_CHILD];
	check_observe(&before);
	for (killed_at = 0; killed_at < count; killed_at++) {
		int result;

		fault_arm(kill_child);
		result = hold_spawn(&h, &options, &error);
		if (result == 0 && killed_at > last) { /* after the mark: it has started, and ended by a signal */
			expect_end(h, HOLD_HOW_SIGNALLED, SIGKILL);
		} else {
			CHECK_EQ(result, -ECHILD);
			CHECK_EQ(error.step, HOLD_AT_PROCESS);
			CHECK_STRING(error.object, "killed before it executed the program");
		}
		check_compare(&before);
	}
	fault_disarm();
}

TEST("a child that is killed at any call before it executed the program: ECHILD, and nothing is left") {
	best = BY_CLONE3;
	kill_at_each_call(NULL);
}

TEST("the same where memory is not shared") {
	best = BY_CLONE3;
	fault_dropped = FAULT_UNSHARED;
	kill_at_each_call(NULL);
}

TEST("the same of a child that changes its ids") {
	const struct hold_ids ids = own_ids();

	best = BY_CLONE3;
	kill_at_each_call(&ids);
}

TEST("the same by fork") {
	best = BY_FORK;
	kill_at_each_call(NULL);
}

CHECK_MAIN
