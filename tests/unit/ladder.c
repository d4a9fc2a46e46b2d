/* SPDX-License-Identifier: ISC */
/* The ladder as data: the time goes in, and the signals come out. No process is made and no clock is read. */
#include "../check.h"

#include <pidhold.h>

static const int64_t ms = 1000000;

static struct hold_ladder ladder_of(const struct hold_rung *rungs, size_t count) {
	return (struct hold_ladder){ .size = sizeof(struct hold_ladder), .rungs = rungs, .count = count };
}

TEST("each rung comes when the time of the one before is up, and not an instant earlier") {
	const struct hold_rung rungs[] = { { .signal = SIGINT, .wait_ms = 100 },
					   { .signal = SIGTERM, .wait_ms = 2000 },
					   { .signal = SIGKILL, .wait_ms = 1 } };
	struct hold_ladder ladder = ladder_of(rungs, 3);

	CHECK_EQ(hold_ladder_next(&ladder, 5 * ms), SIGINT);
	CHECK_EQ(ladder.next, 1);
	CHECK_EQ(ladder.due, 105 * ms);
	CHECK_EQ(hold_ladder_next(&ladder, 5 * ms), 0);
	CHECK_EQ(hold_ladder_next(&ladder, 105 * ms - 1), 0);
	CHECK_EQ(hold_ladder_next(&ladder, 105 * ms), SIGTERM);
	CHECK_EQ(hold_ladder_next(&ladder, 3000 * ms), SIGKILL); /* late: its own time begins now */
	CHECK_EQ(ladder.due, 3001 * ms);
	CHECK_EQ(hold_ladder_next(&ladder, 3001 * ms - 1), 0);
	CHECK_EQ(hold_ladder_next(&ladder, 3001 * ms), -ETIMEDOUT);
	CHECK_EQ(hold_ladder_next(&ladder, INT64_MAX), -ETIMEDOUT);
}

TEST("a rung without a time is followed at once, and the last one has 5 s") {
	const struct hold_rung rungs[] = { { .signal = SIGTERM }, { .signal = SIGKILL } };
	struct hold_ladder ladder = ladder_of(rungs, 2);

	CHECK_EQ(hold_ladder_next(&ladder, ms), SIGTERM);
	CHECK_EQ(hold_ladder_next(&ladder, ms), SIGKILL);
	CHECK_EQ(ladder.due, 5001 * ms);
	CHECK_EQ(hold_ladder_next(&ladder, 5001 * ms - 1), 0);
	CHECK_EQ(hold_ladder_next(&ladder, 5001 * ms), -ETIMEDOUT);
}

TEST("the caller may begin late, skip rungs, and go on at once") {
	const struct hold_rung rungs[] = { { .signal = SIGINT, .wait_ms = 1000 },
					   { .signal = SIGTERM, .wait_ms = 1000 },
					   { .signal = SIGKILL } };
	struct hold_ladder ladder = ladder_of(rungs, 3);

	ladder.due = 10 * ms;
	CHECK_EQ(hold_ladder_next(&ladder, 9 * ms), 0);
	CHECK_EQ(hold_ladder_next(&ladder, 10 * ms), SIGINT);
	ladder.next = 2;
	ladder.due = HOLD_NOW;
	CHECK_EQ(hold_ladder_next(&ladder, 11 * ms), SIGKILL);
	ladder.next = 3;
	ladder.due = HOLD_NOW;
	CHECK_EQ(hold_ladder_next(&ladder, 12 * ms), -ETIMEDOUT);
}

TEST("times at the end of the clock are never, and overflow nothing") {
	const struct hold_rung rungs[] = { { .signal = SIGTERM, .wait_ms = INT64_MAX }, { .signal = SIGKILL } };
	struct hold_ladder ladder = ladder_of(rungs, 2);

	CHECK_EQ(hold_ladder_next(&ladder, INT64_MAX - 1), SIGTERM);
	CHECK_EQ(ladder.due, INT64_MAX);
	CHECK_EQ(hold_ladder_next(&ladder, INT64_MAX - 1), 0);
	ladder = ladder_of(rungs + 1, 1);
	CHECK_EQ(hold_ladder_next(&ladder, INT64_MAX), SIGKILL);
	CHECK_EQ(ladder.due, INT64_MAX);
}

TEST("a ladder that hold_stop would refuse is refused") {
	struct hold_rung rungs[HOLD_LADDER_MAX + 1] = { { .signal = SIGTERM } };
	struct hold_ladder ladder = ladder_of(rungs, 0);

	CHECK_EQ(hold_ladder_next(NULL, ms), -EINVAL);
	CHECK_EQ(hold_ladder_next(&ladder, ms), -EINVAL);
	ladder = ladder_of(NULL, 1);
	CHECK_EQ(hold_ladder_next(&ladder, ms), -EINVAL);
	ladder = ladder_of(rungs, 1);
	ladder.size = 0;
	CHECK_EQ(hold_ladder_next(&ladder, ms), -EINVAL);
	ladder.size = sizeof ladder - 1;
	CHECK_EQ(hold_ladder_next(&ladder, ms), -EINVAL);
	ladder = ladder_of(rungs, 1);
	ladder.next = 2;
	CHECK_EQ(hold_ladder_next(&ladder, ms), -EINVAL);
	for (int i = 0; i <= HOLD_LADDER_MAX; i++)
		rungs[i].signal = SIGTERM;
	ladder = ladder_of(rungs, HOLD_LADDER_MAX + 1);
	CHECK_EQ(hold_ladder_next(&ladder, ms), -EINVAL);
	ladder = ladder_of(rungs, HOLD_LADDER_MAX);
	rungs[3].wait_ms = -1;
	CHECK_EQ(hold_ladder_next(&ladder, ms), -EINVAL);
	rungs[3] = (struct hold_rung){ .signal = 0 };
	CHECK_EQ(hold_ladder_next(&ladder, ms), -EINVAL);
	rungs[3] = (struct hold_rung){ .signal = SIGRTMAX + 1 };
	CHECK_EQ(hold_ladder_next(&ladder, ms), -EINVAL);
	rungs[3] = (struct hold_rung){ .signal = SIGTERM, .reserved = 1 };
	CHECK_EQ(hold_ladder_next(&ladder, ms), -EINVAL);
	ladder.next = 1; /* not only at the first one */
	CHECK_EQ(hold_ladder_next(&ladder, ms), -EINVAL);
	rungs[3] = (struct hold_rung){ .signal = SIGRTMAX };
	CHECK_EQ(hold_ladder_next(&ladder, -1), -EINVAL);
	ladder.next = 0;
	CHECK_EQ(hold_ladder_next(&ladder, ms), SIGTERM);
}

TEST("a longer ladder of a newer program is taken if its end is zero") {
	const struct hold_rung rungs[] = { { .signal = SIGTERM, .wait_ms = 1 } };
	struct {
		struct hold_ladder ladder;
		int64_t newer;
	} longer = { .ladder = ladder_of(rungs, 1), .newer = 1 };

	longer.ladder.size = sizeof longer;
	CHECK_EQ(hold_ladder_next(&longer.ladder, ms), -E2BIG);
	longer.newer = 0;
	CHECK_EQ(hold_ladder_next(&longer.ladder, ms), SIGTERM);
}

CHECK_MAIN
