/* SPDX-License-Identifier: ISC */
#include "ladder.h"

#include "os/os.h"

#include "base/clock.h"
#include "base/waits.h"

#include <errno.h>
#include <string.h>

enum { TERM_MS = 5000 };

int ladder_check(const struct hold_rung *rungs, size_t count) {
	if (count == 0 || count > HOLD_LADDER_MAX)
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		if (rungs[i].signal < 1 || rungs[i].signal > os_last_signal || rungs[i].reserved ||
		    rungs[i].wait_ms < 0)
			return -EINVAL;
	}
	return 0;
}

int ladder_take(struct hold_rung *ret, size_t *ret_count, const struct hold_rung *rungs, size_t count) {
	const struct hold_rung usual[] = { { .signal = os_sigterm, .wait_ms = TERM_MS }, { .signal = os_sigkill } };
	int error;

	if (!rungs) {
		rungs = usual;
		count = sizeof usual / sizeof *usual;
	}
	error = ladder_check(rungs, count);
	if (error < 0)
		return error;
	memcpy(ret, rungs, count * sizeof *rungs);
	*ret_count = count;
	return 0;
}

struct hold_ladder ladder_begin(const struct hold_rung *rungs, size_t count) {
	return (struct hold_ladder){ .size = sizeof(struct hold_ladder), .rungs = rungs, .count = count };
}

int ladder_next(struct hold_ladder *ladder, int64_t now) {
	const struct hold_rung *rung;

	if (now < ladder->due)
		return 0;
	if (ladder->next >= ladder->count)
		return -ETIMEDOUT;
	rung = &ladder->rungs[ladder->next++];
	ladder->due = clock_add_ms(now, rung->wait_ms);
	if (ladder->next == ladder->count && rung->wait_ms == 0)
		ladder->due = clock_add_ms(now, END_MS);
	return rung->signal;
}

int hold_ladder_next(struct hold_ladder *ladder, int64_t now) {
	if (!ladder || ladder->size < sizeof *ladder || !ladder->rungs || ladder->next > ladder->count)
		return -EINVAL;
	if (ladder->next == 0 && ladder_check(ladder->rungs, ladder->count) < 0)
		return -EINVAL;
	return ladder_next(ladder, now);
}
