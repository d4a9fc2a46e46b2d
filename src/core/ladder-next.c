/* SPDX-License-Identifier: ISC */
/* The ladder for programs: what the library checks once is checked at each step. */
#include "ladder.h"
#include "structure.h"

#include <errno.h>

int hold_ladder_next(struct hold_ladder *ladder, int64_t now) {
	int error = ladder ? structure_check(ladder, sizeof *ladder) : -EINVAL;

	if (error < 0)
		return error;
	if (ladder->size < sizeof *ladder || !ladder->rungs || ladder->next > ladder->count || now < 0)
		return -EINVAL;
	error = ladder_check(ladder->rungs, ladder->count);
	return error < 0 ? error : ladder_next(ladder, now);
}
