/* SPDX-License-Identifier: ISC */
#include "clock.h"

#include <time.h>

static const int64_t ns_per_s = 1000000000, ns_per_ms = 1000000;

int64_t clock_now(void) {
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail: the clock exists and the address is ours */
	return (int64_t)now.tv_sec * ns_per_s + now.tv_nsec;
}

int64_t clock_after_ms(int64_t milliseconds) {
	int64_t now = clock_now();

	if (milliseconds >= (INT64_MAX - now) / ns_per_ms)
		return INT64_MAX;
	if (milliseconds <= -(now / ns_per_ms))
		return CLOCK_PAST;
	return now + milliseconds * ns_per_ms;
}
