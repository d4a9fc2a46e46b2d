/* SPDX-License-Identifier: ISC */
/* hold_adopt and its kin, hold_wait, hold_stop and hold_release with each of their calls made to fail. */
#include "../check.h"
#include "nth.h"

#include <pidhold.h>

#include <fcntl.h>

struct held {
	struct hold *hold; /* what is acted on */
	struct hold *made; /* what an adoption made */
	int pidfd;
	char reference[128];
	struct hold_status status;
};

static const char *const sleeper[] = { ACTOR, "sleep", NULL }, *const ender[] = { ACTOR, NULL };

static struct hold *start(const char *const *argv) {
	static const struct hold_rung ladder[] = { { .signal = SIGTERM, .wait_ms = 10000 }, { .signal = SIGKILL } };
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.argv = argv,
		.ladder = ladder,
		.ladder_count = 2,
	};
	struct hold *h;

	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	return h;
}

static bool is_plausible(const struct fault_call *call, enum fault_side side, int error) {
	(void)side;
	return !(call->number == SYS_openat && error == EINTR); /* files in /proc */
}

/* A poll of one descriptor allocates nothing: here, where it could not be told to anybody, it is not made to. */
static bool is_plausible_at_release(const struct fault_call *call, enum fault_side side, int error) {
	return is_plausible(call, side, error) && !(call->number == SYS_ppoll && error == ENOMEM);
}

/* The hold is as good as before the failure: the process can be ended, waited for and let go. */
static void end_hold(struct hold *h, int how, int code) {
	struct hold_status status = { .size = sizeof status };

	if (how == HOLD_HOW_SIGNALLED)
		CHECK_EQ(hold_stop(h, NULL, 0), 0);
	CHECK_EQ(hold_wait(h, hold_after_ms(15000), &status), 0);
	CHECK_EQ(status.how, how);
	CHECK_EQ(status.code, code);
	hold_release(h);
}

static void try_all(const char *name, void (*prepare)(void *), int (*act)(void *),
		    void (*judge)(void *, int, const struct nth_failure *),
		    bool (*plausible)(const struct fault_call *, enum fault_side, int)) {
	struct held held = { .pidfd = -1 };
	const struct nth_subject subject = { name, prepare, act, judge, plausible, sizeof held, &held };

	nth_try_all(&subject);
}

/* ---- adopting ---- */

static void prepare_adoption(void *context) {
	struct held *held = context;

	held->hold = start(sleeper);
	held->pidfd = hold_fd(held->hold);
	CHECK(hold_reference(held->hold, held->reference, sizeof held->reference) > 0);
}

static int adopt(void *context) {
	struct held *held = context;

	return hold_adopt(&held->made, hold_pid(held->hold));
}

static int adopt_descriptor(void *context) {
	struct held *held = context;

	return hold_adopt_fd(&held->made, held->pidfd);
}

static int adopt_reference(void *context) {
	struct held *held = context;

	return hold_adopt_reference(&held->made, held->reference);
}

static int wanted_of_adoption(const struct nth_failure *failure) {
	switch (failure->call->number) {
	case FAULT_ALLOCATE:
		return -ENOMEM;
	case CALL_PIDFD_OPEN:
	case SYS_fcntl:
		return failure->error;
	case SYS_openat: /* the entry in /proc of a descriptor that is open is missing only where there is no /proc */
		return failure->error == -ENOENT ? -ENOSYS : failure->error;
	case SYS_read:
		return failure->error == -EINTR ? 0 : failure->error;
	default:
		return 0;
	}
}

static void judge_adoption(void *context, int result, const struct nth_failure *failure) {
	struct held *held = context;

	/* There is no /proc of ours then, and the kernel is asked, since Linux 6.13. */
	if (failure && failure->error == -ENOENT && !strcmp(failure->call->path, "/proc/self/status"))
		CHECK(result == 0 || result == -ENOSYS);
	else
		CHECK_EQ(result, failure ? wanted_of_adoption(failure) : 0);
	if (result == 0) {
		CHECK_EQ(hold_pid(held->made), hold_pid(held->hold));
		hold_release(held->made);
	} else {
		CHECK(!held->made);
	}
	end_hold(held->hold, HOLD_HOW_SIGNALLED, SIGTERM);
}

TEST("an adoption by pid: whatever fails is handed out, and nothing is left") {
	try_all("hold_adopt", prepare_adoption, adopt, judge_adoption, is_plausible);
}

TEST("an adoption by descriptor: whatever fails is handed out, and nothing is left") {
	try_all("hold_adopt_fd", prepare_adoption, adopt_descriptor, judge_adoption, is_plausible);
}

TEST("an adoption by reference: whatever fails is handed out, and nothing is left") {
	try_all("hold_adopt_reference", prepare_adoption, adopt_reference, judge_adoption, is_plausible);
}

/* ---- waiting ---- */

static void prepare_sleeper(void *context) {
	struct held *held = context;

	held->hold = start(sleeper);
}

static void prepare_ended(void *context) {
	struct held *held = context;
	struct os_pollfd poll = { 0, 1 /* POLLIN */, 0 };

	held->hold = start(ender);
	poll.fd = hold_fd(held->hold);
	if (poll.fd >= 0)
		CHECK_EQ(call_ppoll(&poll, 1, NULL), 1);
}

static int wait_for_end(void *context) {
	struct held *held = context;

	held->status.size = sizeof held->status;
	return hold_wait(held->hold, hold_after_ms(15000), &held->status);
}

static void judge_end(void *context, int result, const struct nth_failure *failure) {
	struct held *held = context;

	CHECK_EQ(result, failure && failure->error == -ENOMEM ? -ENOMEM : 0);
	if (result == 0) {
		CHECK_EQ(held->status.how, HOLD_HOW_EXITED);
		CHECK_EQ(held->status.code, 0);
		CHECK(held->status.user_us >= 0);
	}
	end_hold(held->hold, HOLD_HOW_EXITED, 0);
}

TEST("a wait for one that has ended goes on through every interruption, and what fails otherwise is handed out") {
	try_all("hold_wait", prepare_ended, wait_for_end, judge_end, is_plausible);
}

static int look(void *context) {
	struct held *held = context;

	return hold_wait(held->hold, HOLD_NOW, NULL);
}

static void judge_look(void *context, int result, const struct nth_failure *failure) {
	struct held *held = context;

	CHECK_EQ(result, failure && failure->error == -ENOMEM ? -ENOMEM : HOLD_PENDING);
	end_hold(held->hold, HOLD_HOW_SIGNALLED, SIGTERM);
}

TEST("a look at one that lives is pending through every interruption") {
	try_all("hold_wait, now", prepare_sleeper, look, judge_look, is_plausible);
}

/* ---- stopping and letting go ---- */

static int stop(void *context) {
	struct held *held = context;

	return hold_stop(held->hold, NULL, 0);
}

static void judge_stop(void *context, int result, const struct nth_failure *failure) {
	struct held *held = context;

	(void)failure;
	CHECK_EQ(result, 0); /* a wait that fails ends no ladder */
	end_hold(held->hold, HOLD_HOW_SIGNALLED, SIGTERM);
}

TEST("a stop reaches its process by number where it is refused by descriptor") {
	try_all("hold_stop", prepare_sleeper, stop, judge_stop, is_plausible);
}

static void expect_signalled(struct hold *h, int signal) {
	struct hold_status status = { .size = sizeof status };

	CHECK_EQ(hold_wait(h, HOLD_NOW, &status), 0);
	CHECK_EQ(status.how, HOLD_HOW_SIGNALLED);
	CHECK_EQ(status.code, signal);
	hold_release(h);
}

static int signals_until_allowed;

/* SIGKILL, the first few times. */
static long refuse_for_a_while(const struct fault_call *call, enum fault_side side, int index) {
	const bool is_signal = call->number == SYS_kill || call->number == CALL_PIDFD_SEND_SIGNAL;

	(void)side, (void)index;
	return is_signal && call->b == SIGKILL && signals_until_allowed-- > 0 ? -EPERM : 0;
}

TEST("a last signal that is refused is sent again while its time lasts") {
	static const struct hold_rung ladder[] = { { .signal = SIGURG, .wait_ms = 10 },
						   { .signal = SIGKILL, .wait_ms = 10000 } };
	struct hold *h = start(sleeper);

	signals_until_allowed = 4; /* by descriptor and by number, twice */
	fault_arm(refuse_for_a_while);
	CHECK_EQ(hold_stop(h, ladder, 2), 0);
	fault_disarm();
	CHECK(signals_until_allowed <= 0);
	expect_signalled(h, SIGKILL);
}

static int release(void *context) {
	struct held *held = context;

	return hold_release(held->hold) != NULL;
}

static void judge_release(void *context, int result, const struct nth_failure *failure) {
	(void)context, (void)failure;
	CHECK_EQ(result, 0);
}

TEST("after a release nothing is left of a process that lived, whatever failed") {
	try_all("hold_release", prepare_sleeper, release, judge_release, is_plausible_at_release);
}

TEST("after a release nothing is left of a process that had ended, whatever failed") {
	try_all("hold_release of an ended one", prepare_ended, release, judge_release, is_plausible_at_release);
}

CHECK_MAIN
