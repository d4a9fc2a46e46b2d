/* SPDX-License-Identifier: ISC */
/* Ending a process by a ladder, which is data: signals and the time that each has to work. */
#include "audit.h"
#include "hold.h"

#include "base/clock.h"
#include "base/waits.h"

#include <errno.h>
#include <string.h>

enum { TERM_MS = 5000, SEND_AGAIN_MS = 20 };

int ladder_take(struct hold_rung *ret, size_t *ret_count, const struct hold_rung *ladder, size_t count) {
	const struct hold_rung usual[] = { { .signal = os_sigterm, .wait_ms = TERM_MS }, { .signal = os_sigkill } };

	if (!ladder) {
		ladder = usual;
		count = 2;
	}
	if (count == 0 || count > HOLD_LADDER_MAX)
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		if (ladder[i].signal < 1 || ladder[i].signal > os_last_signal || ladder[i].reserved ||
		    ladder[i].wait_ms < 0)
			return -EINVAL;
	}
	memcpy(ret, ladder, count * sizeof *ladder);
	if (ret[count - 1].wait_ms == 0)
		ret[count - 1].wait_ms = END_MS;
	*ret_count = count;
	return 0;
}

int ladder_of(const struct hold *h, const struct hold_rung *ladder, size_t count, struct hold_rung *ret,
	      size_t *ret_count) {
	if (!ladder && h->ladder_count)
		return ladder_take(ret, ret_count, h->ladder, h->ladder_count);
	return ladder_take(ret, ret_count, ladder, count);
}

/* A wait that fails is made again until the rung's time is up: it must not end the ladder. */
static int wait_for_rung(struct hold *h, int64_t deadline) {
	int result = hold_wait(h, deadline, NULL);

	while (result < 0 && clock_now() < deadline) {
		os_sleep(clock_after_ms(SEND_AGAIN_MS));
		result = hold_wait(h, HOLD_NOW, NULL);
	}
	return result < 0 ? HOLD_PENDING : result;
}

/* A last rung that is refused is tried again while its time lasts, if the process took a signal before. */
static int repeat(struct hold *h, const struct hold_rung *rung, int *refusal) {
	const int64_t deadline = clock_after_ms(rung->wait_ms);
	int result = HOLD_PENDING;

	while (*refusal < 0 && result == HOLD_PENDING && clock_now() < deadline) {
		os_sleep(clock_after_ms(SEND_AGAIN_MS));
		*refusal = held_send(h, rung->signal);
		result = wait_for_rung(h, *refusal < 0 ? HOLD_NOW : deadline);
	}
	return result;
}

/* *refusal: of the last signal that could not be sent; 0 or above: it was. */
static int step(struct hold *h, const struct hold_rung *rung, int *refusal) {
	*refusal = held_send(h, rung->signal);
	if (*refusal == 0 && rung->signal != os_sigkill)
		held_send(h, os_sigcont);
	return wait_for_rung(h, *refusal < 0 ? HOLD_NOW : clock_after_ms(rung->wait_ms));
}

int stop_by(struct hold *h, const struct hold_rung *rungs, size_t count) {
	int refusal = 0, result = HOLD_PENDING;
	bool was_sent = false;

	for (size_t i = 0; i < count && result == HOLD_PENDING; i++) {
		result = step(h, &rungs[i], &refusal);
		was_sent |= refusal >= 0;
	}
	if (result == HOLD_PENDING && refusal < 0 && was_sent)
		result = repeat(h, &rungs[count - 1], &refusal);
	return result == HOLD_PENDING && refusal < 0 ? refusal : result;
}

int hold_stop(struct hold *h, const struct hold_rung *ladder, size_t ladder_count) {
	struct hold_rung rungs[HOLD_LADDER_MAX];
	size_t count;
	int result = held_check(h);

	if (result < 0)
		return result;
	result = ladder_of(h, ladder, ladder_count, rungs, &count);
	if (result == 0)
		result = audit(AUDIT_STOP, h->pid, 0);
	return result < 0 ? result : stop_by(h, rungs, count);
}
