/* SPDX-License-Identifier: ISC */
/* Orphans that come to a subreaper are reaped, and nobody else's children. */
#include "children.h"

#include <poll.h>

/* A shell that leaves an orphan which ends when the pipe does; returns the end of the pipe that is ours. */
static int leave_orphan(struct hold **ret, int contain) {
	struct hold_options options = { .in = { .kind = HOLD_STDIO_PIPE }, .contain = contain };
	int end;

	*ret = start_with(SHELL("exec 3<&0; cat <&3 >/dev/null & exit 4"), &options);
	end = hold_stream_take(*ret, 0);
	CHECK(end >= 0);
	return end;
}

static int count_zombies(void) {
	siginfo_t info = { .si_pid = 0 };

	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
		return 0;
	return info.si_pid != 0;
}

static int is_number(void *context, int64_t pid) {
	return pid == *(const int *)context;
}

/* The orphan ends some time after its input has. */
static void reap_one(hold_reap_filter *filter, void *context) {
	const int64_t deadline = hold_after_ms(20000);
	int count = 0;

	while (count == 0 && hold_now() < deadline) {
		count = hold_orphans_reap(filter, context);
		CHECK(count >= 0);
		poll(NULL, 0, 1);
	}
	CHECK_EQ(count, 1);
}

static void reap_orphans(void) {
	struct hold *h, *kept;
	int end, other, status;

	CHECK_EQ(hold_orphans_adopt(1), 0);
	other = fork();
	CHECK(other >= 0);
	if (other == 0)
		_exit(5);
	end = leave_orphan(&h, HOLD_CONTAIN_NONE);
	kept = start(SHELL("exit 6"));
	CHECK_EQ(poll(&(struct pollfd){ .fd = hold_fd(kept), .events = POLLIN }, 1, 15000), 1);
	CHECK_EQ(poll(&(struct pollfd){ .fd = hold_fd(h), .events = POLLIN }, 1, 15000), 1);
	CHECK_EQ(hold_orphans_reap(is_number, &other), 0); /* three have ended, and none is an orphan */
	close(end);
	reap_one(is_number, &other);
	check_status(h, HOLD_HOW_EXITED, 4);
	check_status(kept, HOLD_HOW_EXITED, 6);
	hold_release(h);
	hold_release(kept);
	CHECK_EQ(waitpid(other, &status, 0), other);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5);
	CHECK_EQ(count_zombies(), 0);
}

TEST("orphans are reaped, and neither what is held, nor keepers, nor what the filter names") {
	in_child(reap_orphans);
}

static void reap_many(void) {
	enum { MANY = 1500 };
	siginfo_t info;
	int pids[MANY];

	for (int i = 0; i < MANY; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(0);
		CHECK(pids[i] > 0);
	}
	for (int i = 0; i < MANY; i++)
		CHECK_EQ(waitid(P_PID, (id_t)pids[i], &info, WEXITED | WNOWAIT), 0);
	CHECK_EQ(hold_orphans_reap(NULL, NULL), MANY);
	CHECK_EQ(count_zombies(), 0);
}

TEST("one call reaps all that have ended, a thousand and more") {
	in_child(reap_many);
}

static void reap_beside_a_lost_keeper(void) {
	struct hold_options options = { .contain = HOLD_CONTAIN_KEEPER };
	struct hold_description now = { .size = sizeof now };
	struct hold_status status;
	struct hold *h;

	CHECK_EQ(hold_orphans_adopt(1), 0);
	h = start_with(ARGV("sleep", "60"), &options);
	CHECK_EQ(hold_describe(h, &now), 0);
	CHECK_EQ(kill((pid_t)now.parent, SIGKILL), 0); /* the process dies with it */
	CHECK_EQ(poll(&(struct pollfd){ .fd = hold_tree_fd(h), .events = POLLIN }, 1, 15000), 1);
	CHECK_EQ(poll(&(struct pollfd){ .fd = hold_fd(h), .events = POLLIN }, 1, 15000), 1);
	CHECK_EQ(hold_orphans_reap(NULL, NULL), 0);
	status = wait_for(h);
	CHECK_EQ(status.how, HOLD_HOW_SIGNALLED);
	CHECK_EQ(status.code, SIGKILL);
	CHECK(status.user_us >= 0); /* which its parent alone is told */
	hold_release(h);
	CHECK_EQ(count_zombies(), 0);
}

TEST("a process held that came to the caller, since its keeper was killed, is left to its hold") {
	if (!keeps("keeper"))
		SKIP("there can be no keeper here");
	in_child(reap_beside_a_lost_keeper);
}

static int start_one(void *context, int64_t pid) {
	struct hold **started = context;

	(void)pid;
	*started = start_own(ARGV("true"));
	return 0;
}

static void start_in_filter(void) {
	struct hold *started = NULL;
	siginfo_t info;

	if (fork() == 0)
		_exit(0);
	CHECK_EQ(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT), 0);
	CHECK_EQ(hold_orphans_reap(start_one, &started), 1);
	check_status(started, HOLD_HOW_EXITED, 0);
	hold_release(started);
	CHECK_EQ(count_zombies(), 0);
}

TEST("the filter may start a process, which is not reaped") {
	in_child(start_in_filter);
}

CHECK_MAIN
