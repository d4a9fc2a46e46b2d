/* SPDX-License-Identifier: ISC */
#include "ending.h"
#include "../common/await-process.h"
#include "../common/message.h"
#include "directory.h"

#include <pidhold.h>

#include <signal.h>
#include <time.h>
#include <unistd.h>

/* STOP_MS: beside the ladder, for the last output, orphans and the record. KILLED_MS: for the keeper. */
enum { STOP_MS = 15000, KILLED_MS = 10000 };

enum { LOOK_NS = 50000000 };

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

static bool lives_elsewhere(const struct record *record) {
	const int store = store_look(NULL);
	struct run_entry now = { .is_elsewhere = false };
	bool lives = store >= 0 && run_load(store, record->name, &now);

	lives = lives && now.is_elsewhere && now.record.started_us == record->started_us;
	run_unload(&now);
	if (store >= 0)
		close(store);
	return lives;
}

/* Nothing wakes up those who wait for the lock of a process that they cannot hold. */
static int await_elsewhere(const struct record *record, int64_t deadline) {
	const struct timespec moment = { 0, LOOK_NS };

	while (lives_elsewhere(record)) {
		if (hold_ms_until(deadline) == 0)
			return HOLD_PENDING;
		nanosleep(&moment, NULL);
	}
	return 0;
}

int run_await_end(const struct run_entry *run, int64_t deadline) {
	int result = 0;

	if (run->state == RUN_HAS_ENDED)
		return 0;
	if (run->is_elsewhere)
		return await_elsewhere(&run->record, deadline);
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
	say("%s: '%s': it has ended, and nobody knows how: the process that held it was killed, or could not write it",
	    verb, run->record.name);
	return STATUS_FAILED;
}

bool run_is_in_reach(const char *verb, const struct run_entry *run) {
	if (!run->is_elsewhere)
		return true;
	say("%s: '%s': it runs in another PID namespace or on another host, and cannot be reached from here", verb,
	    run->record.name);
	return false;
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
