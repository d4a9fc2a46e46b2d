/* SPDX-License-Identifier: ISC */
#include "clock.h"

#include <time.h>

static const int64_t ns_per_s = 1000000000, ns_per_ms = 1000000;

int64_t clock_now(void) {
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail: the clock exists and the address is ours */
	return (int64_t)now.tv_sec * ns_per_s + now.tv_nsec;
}

int64_t clock_add_ms(int64_t point, int64_t milliseconds) {
	if (milliseconds >= (INT64_MAX - point) / ns_per_ms)
		return INT64_MAX;
	if (milliseconds <= -(point / ns_per_ms))
		return CLOCK_PAST;
	return point + milliseconds * ns_per_ms;
}

int64_t clock_after_ms(int64_t milliseconds) {
	return clock_add_ms(clock_now(), milliseconds);
}
