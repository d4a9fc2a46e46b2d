/* SPDX-License-Identifier: ISC */
#ifndef TESTS_FAULTS_NEED_KEEPER_H
#define TESTS_FAULTS_NEED_KEEPER_H

#include "../check.h"

#include <pidhold.h>

/* Skips the test where a start with a keeper is not possible, as hold_caps tells. */
static inline void need_keeper(void) {
	struct hold_cap cap = { .size = sizeof cap };
	size_t i = 0;

	while (hold_caps(i++, &cap) == 0) {
		if (!strcmp(cap.name, "keeper") && !cap.supported)
			SKIP("there can be no keeper here");
	}
}

#endif
