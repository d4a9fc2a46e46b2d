/* SPDX-License-Identifier: ISC */
/* Matchers where memory runs out, and where a process cannot be waited for, read or written. */
#include "../check.h"
#include "faults.h"

#include <pidhold.h>

enum { NOTHING_FAILS = 1000 };

static int allocations, fails_at;
static long refused, refusal;

static long refuse_allocation(const struct fault_call *call, enum fault_side side, int index) {
	(void)index;
	return side == FAULT_IN_PARENT && call->number == FAULT_ALLOCATE && allocations++ == fails_at ? -ENOMEM : 0;
}

static long refuse(const struct fault_call *call, enum fault_side side, int index) {
	(void)index;
	return side == FAULT_IN_PARENT && call->number == refused ? refusal : 0;
}

/* With sets, and code that grows. */
static const struct hold_pattern patterns[] = {
	{ .kind = HOLD_PATTERN_REGEX, .bytes = "[a][b][c][d][e][f][g][h][i]" },
	{ .kind = HOLD_PATTERN_REGEX, .bytes = "(x|yz{2,9}){5,40}" },
};

/* 0, or the error of the first call that fails. */
static int use(void) {
	struct hold_expect *expect;
	int result = hold_expect_new(&expect, NULL, NULL);

	if (result < 0)
		return result;
	result = hold_expect(expect, patterns, 2, HOLD_NOW, NULL);
	if (result == HOLD_PENDING)
		result = hold_expect_feed(expect, "abcdefghi", 9) == 9 &&
			 hold_expect(expect, NULL, 0, HOLD_NOW, NULL) == 0;
	hold_expect_free(expect);
	return result;
}

TEST("a matcher that finds no memory is that error at each allocation, and leaves nothing") {
	const long blocks = fault_live_blocks();
	int result = -ENOMEM;

	for (fails_at = 0; result == -ENOMEM && fails_at < NOTHING_FAILS; fails_at++) {
		allocations = 0;
		fault_arm(refuse_allocation);
		result = use();
		fault_disarm();
		CHECK_EQ(fault_live_blocks(), blocks);
	}
	CHECK_EQ(result, 1);
	CHECK(fails_at > 8);
}

TEST("that there is no memory to look at a pattern is told as the reason") {
	const char *why;

	allocations = fails_at = 0;
	fault_arm(refuse_allocation);
	why = hold_pattern_refusal(&patterns[0], NULL);
	fault_disarm();
	CHECK_STRING(why, "there is no memory for it");
}

static void expect_error(long call, long error, bool is_sent) {
	const char *const argv[] = { ACTOR, "sleep", NULL };
	const struct hold_options options = { .size = sizeof options,
					      .argv = argv,
					      .contain = HOLD_CONTAIN_NONE,
					      .on_release = HOLD_ON_RELEASE_KILL,
					      .in = { .kind = HOLD_STDIO_PIPE },
					      .out = { .kind = HOLD_STDIO_PIPE } };
	struct hold_expect *expect;
	struct hold *h;
	int result;

	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	CHECK_EQ(hold_expect_new(&expect, h, NULL), 0);
	CHECK_EQ(hold_expect(expect, patterns, 2, HOLD_NOW, NULL), HOLD_PENDING);
	refused = call;
	refusal = error;
	fault_arm(refuse);
	result = is_sent ? hold_expect_send(expect, "x", 1, hold_after_ms(10000), NULL)
			 : hold_expect(expect, NULL, 0, hold_after_ms(10000), NULL);
	fault_disarm();
	CHECK_EQ(result, error);
	hold_expect_free(expect);
	hold_release(h);
}

TEST("a wait, a read or a write that fails is that error") {
	expect_error(SYS_ppoll, -ENOMEM, false);
	expect_error(SYS_ppoll, -ENOMEM, true);
	expect_error(SYS_write, -EPIPE, true);
	expect_error(SYS_write, -ENOSPC, true);
}

CHECK_MAIN
