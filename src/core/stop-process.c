/* SPDX-License-Identifier: ISC */
#include "stop-process.h"
#include "ladder.h"

#include "base/clock.h"
#include "base/waits.h"

#include <errno.h>

enum { SEND_AGAIN_MS = 20, TOLD_MS = 1000 };

void process_stop_begin(struct process_stop *stop, const struct hold_rung *rungs, size_t count) {
	*stop = (struct process_stop){ .ladder = ladder_begin(rungs, count),
				       .again_at = HOLD_FOREVER,
				       .look_at = HOLD_FOREVER };
}

/* By its descriptor alone: how it ended may be told only later, and the ladder does not wait for that. */
static bool process_has_ended(struct hold *h) {
	return atomic_load(&h->state) != HELD_ALIVE || atomic_load(&h->has_ended) ||
	       os_wait_end(h->pidfd, h->pid, HOLD_NOW) == 0;
}

static void send_with_cont(struct hold *h, struct process_stop *stop, int signal) {
	const int result = held_send(h, signal);

	stop->refusal = result < 0 ? result : 0;
	if (result == 0 && signal != os_sigkill) /* a stopped process acts on no other signal */
		held_send(h, os_sigcont);
	stop->was_sent |= result >= 0;
}

/* A rung whose signal is refused is passed over. The last one is tried again, if the process took a signal before. */
static void send_process_rung(struct hold *h, struct process_stop *stop, int signal) {
	const bool is_last = stop->ladder.next == stop->ladder.count;

	send_with_cont(h, stop, signal);
	if (stop->refusal < 0 && is_last && stop->was_sent)
		stop->again_at = clock_after_ms(SEND_AGAIN_MS);
	else if (stop->refusal < 0)
		stop->ladder.due = HOLD_NOW;
}

static void send_last_again(struct hold *h, struct process_stop *stop) {
	send_with_cont(h, stop, stop->ladder.rungs[stop->ladder.count - 1].signal);
	stop->again_at = stop->refusal < 0 ? clock_after_ms(SEND_AGAIN_MS) : HOLD_FOREVER;
}

int process_stop_step(struct hold *h, struct process_stop *stop) {
	int signal;

	if (h->pidfd < 0)
		stop->look_at = clock_after_ms(LOOK_MS);
	while (!process_has_ended(h)) {
		signal = ladder_next(&stop->ladder, clock_now());
		if (signal == -ETIMEDOUT)
			return stop->refusal < 0 ? stop->refusal : HOLD_SURVIVORS;
		if (signal > 0)
			send_process_rung(h, stop, signal);
		else if (clock_now() >= stop->again_at)
			send_last_again(h, stop);
		else
			return HOLD_PENDING;
	}
	return 0;
}

int64_t process_stop_due(const struct process_stop *stop) {
	return clock_earliest(clock_earliest(stop->ladder.due, stop->again_at), stop->look_at);
}

/* A wait that fails, for want of memory perhaps, must not end the ladder. */
int process_stop_run(struct hold *h, struct process_stop *stop) {
	int result;

	while ((result = process_stop_step(h, stop)) == HOLD_PENDING) {
		if (os_wait_end(h->pidfd, h->pid, process_stop_due(stop)) < 0)
			os_sleep(clock_after_ms(SEND_AGAIN_MS));
	}
	if (result == 0 && !h->adopted) /* its keeper may tell of it a moment later, a tracer any time later */
		hold_wait(h, clock_earliest(stop->ladder.due, clock_after_ms(TOLD_MS)), NULL);
	return result;
}
