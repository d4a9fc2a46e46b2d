/* SPDX-License-Identifier: ISC */
#include <pidhold.h>

const char *hold_step_name(int step) {
	switch (step) {
#define STEP(name, words) \
	case HOLD_AT_##name: \
		return words;
#include "steps.def"
#undef STEP
	default:
		return "unknown step";
	}
}
