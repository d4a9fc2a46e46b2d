/* SPDX-License-Identifier: ISC */
#include <pidhold.h>

#include "base/clock.h"

const char *hold_version(void) {
	return HOLD_VERSION;
}

int64_t hold_after_ms(int64_t milliseconds) {
	return clock_after_ms(milliseconds);
}
