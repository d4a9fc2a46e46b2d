/* SPDX-License-Identifier: ISC */
/* Deadlines: points on the monotonic clock. */
#include <pidhold.h>

#include "base/clock.h"

#include <limits.h>

enum { NS_PER_MS = 1000000 };

_Static_assert(HOLD_NOW == CLOCK_PAST, "one deadline that has passed");

int64_t hold_now(void) {
	return clock_now();
}

int64_t hold_after_ms(int64_t milliseconds) {
	return clock_after_ms(milliseconds);
}

int hold_ms_until(int64_t deadline) {
	const int64_t now = clock_now();
	int64_t left;

	if (deadline == HOLD_FOREVER)
		return -1;
	if (deadline <= now)
		return 0;
	left = (deadline - now - 1) / NS_PER_MS + 1;
	return left > INT_MAX ? INT_MAX : (int)left;
}
