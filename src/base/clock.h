/* SPDX-License-Identifier: ISC */
/* Time: nanoseconds on the monotonic clock, as int64_t; INT64_MAX is never. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* A deadline that has passed. It is not 0, which means "no limit" in options. */
#define CLOCK_PAST INT64_C(1)

int64_t clock_now(void);

/* The deadline `milliseconds` after a point, or after now. Both saturate at both ends. */
int64_t clock_add_ms(int64_t point, int64_t milliseconds);
int64_t clock_after_ms(int64_t milliseconds);

static inline int64_t clock_earliest(int64_t a, int64_t b) {
	return a < b ? a : b;
}

#endif
