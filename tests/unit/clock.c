/* SPDX-License-Identifier: ISC */
#include "../check.h"

#include "base/clock.h"

static const int64_t ns_per_ms = 1000000;

TEST("the clock never goes back") {
	int64_t before = clock_now(), now;

	for (int i = 0; i < 10000; i++, before = now) {
		now = clock_now();
		CHECK(now >= before);
	}
}

TEST("a time that lies too far ahead is never, at each size of too far") {
	CHECK_EQ(clock_after_ms(INT64_MAX), INT64_MAX);
	CHECK_EQ(clock_after_ms(INT64_MAX - 1), INT64_MAX);
	CHECK_EQ(clock_after_ms(INT64_MAX / ns_per_ms), INT64_MAX);
	CHECK_EQ(clock_after_ms(INT64_MAX / ns_per_ms + 1), INT64_MAX);
	CHECK(clock_now() > 2 * ns_per_ms);
	CHECK_EQ(clock_after_ms(INT64_MAX / ns_per_ms - 1), INT64_MAX); /* too far by what has passed already */
}

TEST("a time that lies before the clock's beginning is one that has passed, and no negative one") {
	CHECK_EQ(clock_after_ms(INT64_MIN), CLOCK_PAST);
	CHECK_EQ(clock_after_ms(INT64_MIN + 1), CLOCK_PAST);
	CHECK_EQ(clock_after_ms(-(clock_now() / ns_per_ms) - 1), CLOCK_PAST);
}

TEST("a time ahead lies as far from now as was said, and one behind has passed") {
	static const int64_t distances[] = { 0, 1, 999, 86400000, INT64_C(31536000000), -1, -5 };

	for (size_t i = 0; i < sizeof distances / sizeof *distances; i++) {
		int64_t before = clock_now(), then = clock_after_ms(distances[i]), after = clock_now();

		CHECK(then >= before + distances[i] * ns_per_ms || then == 0);
		CHECK(then <= after + distances[i] * ns_per_ms || then == 0);
		CHECK(then > 0 || distances[i] < 0);
	}
}

TEST("the largest time that is no overflow is kept") {
	/* A minute's room for a clock that goes on between our look and the library's. */
	int64_t largest = (INT64_MAX - clock_now()) / ns_per_ms - 60000, then = clock_after_ms(largest);

	CHECK(then < INT64_MAX);
	CHECK(then > INT64_MAX - 120000 * ns_per_ms);
}

CHECK_MAIN
