/* SPDX-License-Identifier: ISC */
#include <pidhold.h>

const char *hold_version(void) {
	return HOLD_VERSION;
}
