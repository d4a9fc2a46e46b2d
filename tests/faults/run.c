/* SPDX-License-Identifier: ISC */
/* hold_capture where calls fail: it ends with a true status or the error, and nothing is left of the command. */
#include "../check.h"
#include "faults.h"

#include <pidhold.h>

static long refused, refusal;

static long refuse(const struct fault_call *call, enum fault_side side, int index) {
	(void)index;
	if (call->number == SYS_ppoll && call->b < 2) /* which needs no memory */
		return 0;
	return side == FAULT_IN_PARENT && call->number == refused ? refusal : 0;
}

static const char *const sleeper[] = { ACTOR, "sleep", NULL };

static int run_refused(const char *const *argv, int32_t contain, struct hold_capture_result *ret) {
	static const struct hold_rung ladder[] = { { .signal = SIGTERM, .wait_ms = 2000 }, { .signal = SIGKILL } };
	const struct hold_options options = {
		.size = sizeof options, .contain = contain, .argv = argv, .ladder = ladder, .ladder_count = 2
	};
	const struct hold_capture_options run = {
		.size = sizeof run,
		.options = &options,
		.input = "input",
		.input_length = 5,
		.deadline = hold_after_ms(argv == sleeper ? 100 : 10000),
	};
	int result;

	*ret = (struct hold_capture_result){ .size = sizeof *ret };
	fault_arm(refuse);
	result = hold_capture(ret, &run, NULL);
	fault_disarm();
	return result;
}

static void refuse_from_now(long call, long error) {
	refused = call;
	refusal = error;
}

TEST("a run that cannot wait is that error, has ended its command, and hands out no output") {
	struct hold_capture_result result;
	const long blocks = fault_live_blocks();

	refuse_from_now(SYS_ppoll, -ENOMEM);
	CHECK_EQ(run_refused(sleeper, HOLD_CONTAIN_NONE, &result), -ENOMEM);
	CHECK(!result.out.bytes && !result.err.bytes);
	CHECK_EQ(fault_live_blocks(), blocks);
}

TEST("a run that finds no memory is that error, and has started nothing") {
	struct hold_capture_result result;
	const long blocks = fault_live_blocks();

	refuse_from_now(FAULT_ALLOCATE, -ENOMEM);
	CHECK_EQ(run_refused(sleeper, HOLD_CONTAIN_NONE, &result), -ENOMEM);
	CHECK(!result.out.bytes && !result.err.bytes);
	CHECK_EQ(fault_live_blocks(), blocks);
}

static const char *const ender[] = { ACTOR, NULL };

/* Of one whose streams cannot be read or written the status is told all the same. */
static void expect_status(const char *const *argv, int32_t contain, int how) {
	struct hold_capture_result result;

	CHECK_EQ(run_refused(argv, contain, &result), 0);
	CHECK_EQ(result.status.how, how);
	CHECK_EQ(result.timed_out, how == HOLD_HOW_SIGNALLED);
	CHECK_EQ(result.out.length, 0);
	hold_capture_free(&result);
}

TEST("without the right to block a signal the input is not written, and the status is told") {
	refuse_from_now(-1, 0);
	expect_status(ender, HOLD_CONTAIN_NONE, HOLD_HOW_EXITED);
	refuse_from_now(SYS_rt_sigpending, -ENOSYS);
	expect_status(ender, HOLD_CONTAIN_NONE, HOLD_HOW_EXITED);
}

TEST("input that cannot be written and output that cannot be read hold up no end") {
	static const struct {
		long call, error;
	} refusals[] = { { SYS_write, -EIO }, { SYS_write, -EPIPE }, { SYS_write, -EAGAIN }, { SYS_ioctl, -ENOTTY } };

	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		refuse_from_now(refusals[i].call, refusals[i].error);
		expect_status(ender, HOLD_CONTAIN_NONE, HOLD_HOW_EXITED);
		expect_status(sleeper, HOLD_CONTAIN_NONE, HOLD_HOW_SIGNALLED);
	}
}

/* Where nothing can be polled for its end it is looked for. */
TEST("without process descriptors a run ends with its command, and at its deadline") {
	refuse_from_now(CALL_PIDFD_OPEN, -ENOSYS);
	expect_status(ender, HOLD_CONTAIN_NONE, HOLD_HOW_EXITED);
	expect_status(sleeper, HOLD_CONTAIN_NONE, HOLD_HOW_SIGNALLED);
}

CHECK_MAIN
