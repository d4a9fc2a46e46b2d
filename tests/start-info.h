/* SPDX-License-Identifier: ISC */
/* One field of hold_start_info, or its error. */
#ifndef TESTS_START_INFO_H
#define TESTS_START_INFO_H

#include <pidhold.h>

static inline int table_of(const struct hold *h) {
	struct hold_start_info info = { .size = sizeof info };
	const int error = hold_start_info(h, &info);

	return error < 0 ? error : info.table;
}

#endif
