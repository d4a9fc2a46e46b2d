/* SPDX-License-Identifier: ISC */
/* A tree listed, signalled, stopped and waited for, with each of the calls made to fail, in each containment. */
#include "../check.h"
#include "nth.h"

#include <pidhold.h>

#include <fcntl.h>
#include <poll.h>

enum { MEMBERS = 2 }; /* the actor and its child */

struct grown {
	int32_t contain;
	struct hold *hold;
	int end; /* of a pipe whose other end all members have */
	int signal, count;
	struct hold_tree_report report;
};

static const struct hold_rung ladder[] = { { .signal = SIGTERM, .wait_ms = 100 },
					   { .signal = SIGKILL, .wait_ms = 100 } };

static int start(const char *word, int32_t contain, const struct hold_pass *pass, struct hold **ret) {
	const char *const argv[] = { ACTOR, word, NULL };
	const struct hold_options options = {
		.size = sizeof options,
		.contain = contain,
		.argv = argv,
		.on_release = HOLD_ON_RELEASE_KILL,
		.pass = pass,
		.pass_count = pass != NULL,
	};

	return hold_spawn(ret, &options, NULL);
}

static void need(int32_t contain) {
	struct hold *h;

	if (start(NULL, contain, NULL, &h) < 0)
		SKIP(contain == HOLD_CONTAIN_CGROUP ? "no control group can be made here"
						    : "there can be no keeper here");
	hold_release(h);
}

static void prepare(void *context) {
	struct grown *grown = context;
	int ends[2];
	char byte;

	CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
	CHECK_EQ(start("family", grown->contain, &(struct hold_pass){ ends[1], 3 }, &grown->hold), 0);
	close(ends[1]);
	grown->end = ends[0];
	CHECK_EQ(read(grown->end, &byte, 1), 1); /* the child is there */
	if (hold_fd(grown->hold) < 0)
		SKIP("no process descriptors on this system");
}

static bool is_readable(const struct grown *grown, int milliseconds) {
	struct pollfd end = { .fd = grown->end, .events = POLLIN };

	return poll(&end, 1, milliseconds) == 1;
}

/* Nobody has the other end of the pipe any more, out of which all has been read, or is now. */
static bool is_empty(const struct grown *grown, int milliseconds) {
	char byte;

	while (is_readable(grown, milliseconds)) {
		if (read(grown->end, &byte, 1) == 0)
			return true;
	}
	return false;
}

static int count_one(void *context, const struct hold_member *member) {
	struct grown *grown = context;

	CHECK(member->pid > 1);
	grown->count++;
	return 0;
}

/* Ends it with nothing failing: what failed before has broken nothing. */
static void end(struct grown *grown) {
	hold_tree_stop(grown->hold, ladder, 2, NULL, NULL, NULL);
	CHECK(is_empty(grown, 15000));
	close(grown->end);
	hold_release(grown->hold);
}

/*
 * Of each kind of answer one: there is nothing, it is forbidden, there is no room, it fails. Files in /proc are never
 * waited for, and the lists of a thread that lives are there.
 */
static bool is_plausible(const struct fault_call *call, enum fault_side side, int error) {
	const char *name = strrchr(call->path, '/');

	(void)side;
	if (call->number == SYS_openat && error == ENOENT)
		return !name || strcmp(name, "/children") != 0;
	if (call->number == SYS_openat || call->number == CALL_PIDFD_OPEN)
		return error == EACCES || error == EPERM || error == EMFILE || error == EIO || error == ENOSYS;
	return call->number != SYS_read || error != ENOMEM;
}

static void try_all(const char *name, int32_t contain, int signal, int (*act)(void *),
		    void (*judge)(void *, int, const struct nth_failure *)) {
	struct grown grown = { .contain = contain, .signal = signal };

	if (contain != HOLD_CONTAIN_NONE)
		need(contain);
	nth_try_all(&(struct nth_subject){ name, prepare, act, judge, is_plausible, sizeof grown, &grown });
}

/* What a look met with is told as it is, or by its other name. */
static void check_error(int result, const struct nth_failure *failure) {
	const int other = failure->error == -EACCES ? -EPERM : failure->error == -ENOENT ? -ENOSYS : failure->error;

	if (result < 0 && result != other)
		CHECK_EQ(result, failure->error);
}

/* ---- listing ---- */

static int list(void *context) {
	struct grown *grown = context;

	return hold_tree_list(grown->hold, count_one, grown);
}

static void judge_list(void *context, int result, const struct nth_failure *failure) {
	struct grown *grown = context;

	if (failure)
		check_error(result, failure);
	if (result == 0 || !failure) {
		CHECK_EQ(result, 0);
		CHECK_EQ(grown->count, MEMBERS);
	}
	grown->count = 0;
	CHECK_EQ(list(grown), 0);
	CHECK_EQ(grown->count, MEMBERS);
	end(grown);
}

TEST("a list without an error is whole, whatever fails, and the next list is whole") {
	try_all("hold_tree_list", HOLD_CONTAIN_NONE, 0, list, judge_list);
}

TEST("a list of a tree with a keeper is whole alike") {
	try_all("hold_tree_list", HOLD_CONTAIN_KEEPER, 0, list, judge_list);
}

/* ---- signals ---- */

static int send(void *context) {
	struct grown *grown = context;

	return hold_tree_signal(grown->hold, grown->signal);
}

/* Each tells that it got it, or has ended. */
static void await_signals(const struct grown *grown) {
	int count = 0;
	char byte;

	while (grown->signal != SIGKILL && count < MEMBERS) {
		CHECK(is_readable(grown, 15000));
		CHECK_EQ(read(grown->end, &byte, 1), 1);
		count++;
	}
	if (grown->signal == SIGKILL)
		CHECK(is_empty(grown, 15000));
}

static void judge_send(void *context, int result, const struct nth_failure *failure) {
	struct grown *grown = context;

	if (failure)
		check_error(result, failure);
	if (result == 0 || !failure) {
		CHECK_EQ(result, 0);
		await_signals(grown);
	}
	end(grown);
}

TEST("a signal that is sent without an error reaches all members, whatever fails") {
	try_all("hold_tree_signal, USR1", HOLD_CONTAIN_NONE, SIGUSR1, send, judge_send);
	try_all("hold_tree_signal, KILL", HOLD_CONTAIN_NONE, SIGKILL, send, judge_send);
}

TEST("a signal to a control group reaches all alike") {
	try_all("hold_tree_signal, KILL", HOLD_CONTAIN_CGROUP, SIGKILL, send, judge_send);
}

/* ---- stopping ---- */

static long refused, refusal;

static long refuse(const struct fault_call *call, enum fault_side side, int index) {
	(void)side, (void)index;
	return call->number == refused ? refusal : 0;
}

/* "None is left" is never told while somebody lives, and nobody is named then; who is left is counted. */
static void judge_stop(const struct grown *grown, int result) {
	const bool is_kept = grown->contain != HOLD_CONTAIN_NONE;

	if (result == (is_kept ? 0 : HOLD_NONE_SEEN)) {
		CHECK(is_empty(grown, 0));
		CHECK_EQ(grown->report.survivors, 0);
		CHECK_EQ(grown->count, 0);
	} else if (result == HOLD_SURVIVORS) {
		CHECK(grown->report.survivors > 0);
	} else {
		CHECK(result == refusal || result == -ENOSYS);
	}
}

static void stop_with(int32_t contain, long call, long error) {
	struct grown grown = { .contain = contain, .report = { .size = sizeof grown.report } };
	int result;

	refused = call;
	refusal = error;
	prepare(&grown);
	fault_arm(refuse);
	result = hold_tree_stop(grown.hold, ladder, 2, &grown.report, count_one, &grown);
	fault_disarm();
	judge_stop(&grown, result);
	end(&grown);
}

static void stop_with_each(int32_t contain) {
	static const struct {
		long call, error;
	} refusals[] = {
		{ -1, 0 }, /* nothing */
		{ SYS_openat, -EMFILE },
		{ SYS_openat, -ENOENT },
		{ SYS_read, -EIO },
		{ SYS_ioctl, -ENOTTY },
		{ SYS_ppoll, -ENOMEM },
		{ SYS_fcntl, -EMFILE },
		{ CALL_PIDFD_OPEN, -EMFILE },
		{ CALL_PIDFD_OPEN, -EPERM },
		{ CALL_PIDFD_SEND_SIGNAL, -EPERM },
		{ SYS_fstatfs, -ENOMEM },
		{ SYS_recvmsg, -ENOMEM },
		{ SYS_sendmsg, -ENOBUFS },
	};

	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		printf("# without call %ld\n", refusals[i].call);
		stop_with(contain, refusals[i].call, refusals[i].error);
	}
}

TEST("a stop that says that none is left has left none, whatever the caller may not do") {
	stop_with_each(HOLD_CONTAIN_NONE);
}

TEST("a stop with a keeper tells the truth alike") {
	need(HOLD_CONTAIN_KEEPER);
	stop_with_each(HOLD_CONTAIN_KEEPER);
}

TEST("a stop in a control group tells the truth alike") {
	need(HOLD_CONTAIN_CGROUP);
	stop_with_each(HOLD_CONTAIN_CGROUP);
}

/* ---- waiting ---- */

static int look(void *context) {
	struct grown *grown = context;

	return hold_tree_wait(grown->hold, HOLD_NOW);
}

static void judge_look(void *context, int result, const struct nth_failure *failure) {
	struct grown *grown = context;

	if (result != HOLD_PENDING) {
		CHECK(failure && result < 0);
		check_error(result, failure);
	}
	end(grown);
}

TEST("a look at a tree that lives never says that none is left, whatever fails") {
	try_all("hold_tree_wait", HOLD_CONTAIN_NONE, 0, look, judge_look);
	need(HOLD_CONTAIN_KEEPER);
	try_all("hold_tree_wait, kept", HOLD_CONTAIN_KEEPER, 0, look, judge_look);
}

CHECK_MAIN
