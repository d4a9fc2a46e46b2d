/* SPDX-License-Identifier: ISC */
#include "ending.h"
#include "../common/await-process.h"
#include "../common/message.h"

#include <pidhold.h>

#include <signal.h>

/* STOP_MS: beside the ladder, for the last output, orphans and the record. KILLED_MS: for the keeper. */
enum { STOP_MS = 15000, KILLED_MS = 10000 };

/* 0 also if the process ended before. */
static int await(const char *reference, int64_t deadline) {
	struct hold *h;
	int result = hold_adopt_reference(&h, reference);

	if (result != 0)
		return result == HOLD_GONE ? 0 : result;
	result = await_process(h, deadline);
	hold_release(h);
	return result;
}

int run_await_end(const struct run_entry *run, int64_t deadline) {
	int result = 0;

	if (run->state == RUN_HAS_ENDED)
		return 0;
	if (run->state == RUN_LIVES)
		result = await(run->record.runner, deadline);
	if (result == 0 && run->record.reference)
		result = await(run->record.reference, deadline);
	return result;
}

int run_exit_status(const char *verb, const struct run_entry *run) {
	if (run->state == RUN_LIVES)
		return STATUS_RUNNING;
	if (run->state == RUN_HAS_ENDED)
		return (int)run->record.status;
	say("%s: '%s': it has ended, and nobody knows how: the process that held it was killed", verb,
	    run->record.name);
	return STATUS_FAILED;
}

static int signal_runner(const struct run_entry *run, int signal) {
	struct hold *h;
	int result = hold_adopt_reference(&h, run->record.runner);

	if (result != 0)
		return result == HOLD_GONE ? 0 : result;
	result = hold_signal(h, signal);
	if (result == 0 && signal != SIGKILL)
		result = hold_signal(h, SIGCONT);
	hold_release(h);
	return result == HOLD_GONE ? 0 : result;
}

int run_end(const struct run_entry *run) {
	int result = run->state == RUN_LIVES ? signal_runner(run, SIGTERM) : 0;

	if (result == 0)
		result = run_await_end(run, hold_after_ms(run->record.stop_ms + STOP_MS));
	if (result != HOLD_PENDING)
		return result;
	result = signal_runner(run, SIGKILL);
	return result < 0 ? result : run_await_end(run, hold_after_ms(KILLED_MS));
}

int run_nudge(const struct run_entry *run) {
	return signal_runner(run, SIGCONT);
}
