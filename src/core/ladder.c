/* SPDX-License-Identifier: ISC */
/* Also a part of the keeper, which has no libc. */
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
	return (struct hold_ladder){
		.size = sizeof(struct hold_ladder), .rungs = rungs, .count = count, .due = HOLD_NOW
	};
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
