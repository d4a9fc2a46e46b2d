/* SPDX-License-Identifier: ISC */
#include "claim.h"
#include "../common/boot-id.h"
#include "../common/duration.h"
#include "../common/message.h"
#include "../store/directory.h"
#include "../store/lock.h"
#include "../store/name.h"
#include "../store/record-file.h"
#include "../store/runs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { NAME_TRIES = 100 };

/* So much of the end of the output is kept at least. */
static const uint64_t log_least = 56 << 20;

/* The same of a bounded run with a process in front, which reads all of it: see ahead_most in cli/run/detached.c. */
static const uint64_t front_least = 16 << 20;

static bool fail(const char *what) {
	say("run: %s: %s", what, strerror(errno));
	return false;
}

/* ---- the record ---- */

static bool set_own_reference(struct record *record) {
	char reference[HOLD_REFERENCE_SIZE];
	struct hold *self;
	int result = hold_adopt(&self, getpid());

	if (result == 0) {
		result = hold_reference(self, reference, sizeof reference);
		hold_release(self);
	}
	errno = result < 0 ? -result : 0;
	return result >= 0 && record_set(&record->runner, reference);
}

static bool set_directory(struct record *record) {
	char *directory = getcwd(NULL, 0);

	if (directory) /* one that was removed has no path, and is not needed */
		record->directory = directory;
	return true;
}

static int64_t ladder_ms(const struct run_command_line *line) {
	int64_t ms = 0;

	for (size_t i = 0; i < line->ladder_count; i++)
		ms += line->ladder[i].wait_ms;
	return ms;
}

static bool fill(struct record *record, const struct run_command_line *line) {
	char boot[BOOT_ID_SIZE];
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	record->phase = RUN_STARTING;
	record->started_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	record->keep_s = line->keep_ns / 1000000000;
	record->stop_ms = ladder_ms(line);
	record->on_terminal = line->tty;
	errno = ENOSYS;
	if (!boot_id(boot) || !record_set(&record->boot, boot) || !set_own_reference(record) || !set_directory(record))
		return fail("a record");
	for (char **word = line->command; *word; word++) {
		if (!record_add_word(record, *word))
			return fail("a record");
	}
	return true;
}

/* ---- the name ---- */

/* Makes way for a run of the same name that has ended. */
static enum claimed remove_former(int store, const char *name) {
	struct run_entry run;
	enum run_state state;

	if (!run_load(store, name, &run)) {
		if (errno == EPROTO)
			return CLAIM_BUSY; /* of a later version: it may live */
		if (run_is_held(store, name)) {
			errno = EBUSY;
			return CLAIM_FAILED;
		}
		return run_remove(store, name) ? CLAIM_DONE : CLAIM_FAILED;
	}
	state = run.state;
	run_unload(&run);
	if (state == RUN_LIVES)
		return CLAIM_BUSY;
	return run_remove(store, name) ? CLAIM_DONE : CLAIM_FAILED;
}

static enum claimed take_given(int store, const char *name) {
	enum claimed former;

	if (mkdirat(store, name, 0700) == 0)
		return CLAIM_DONE;
	former = errno == EEXIST ? remove_former(store, name) : CLAIM_FAILED;
	if (former != CLAIM_DONE)
		return former;
	return mkdirat(store, name, 0700) == 0 ? CLAIM_DONE : CLAIM_FAILED;
}

static enum claimed take_made(int store, const char *command, char name[RUN_NAME_SIZE]) {
	for (int i = 0; i < NAME_TRIES; i++) {
		run_name_make(command, name);
		if (mkdirat(store, name, 0700) == 0)
			return CLAIM_DONE;
		if (errno != EEXIST)
			break;
	}
	return CLAIM_FAILED;
}

static enum claimed take_name(struct detached *detached, const struct run_command_line *line) {
	char made[RUN_NAME_SIZE] = "";
	const enum claimed claimed = line->name ? take_given(detached->store, line->name)
						: take_made(detached->store, line->command[0], made);

	if (claimed == CLAIM_FAILED)
		fail("the directory of the run");
	if (claimed != CLAIM_DONE || record_set(&detached->record.name, line->name ? line->name : made))
		return claimed;
	fail("a record");
	return CLAIM_FAILED;
}

/* ---- the files ---- */

static bool open_pipe(struct detached *detached) {
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	detached->output = fcntl(ends[0], F_DUPFD_CLOEXEC, 3);
	detached->writer = fcntl(ends[1], F_DUPFD_CLOEXEC, 3);
	close(ends[0]);
	close(ends[1]);
	return detached->output >= 0 && detached->writer >= 0 && fcntl(detached->output, F_SETFL, O_NONBLOCK) == 0;
}

/* Room is taken before the first record, so that what is there later is whole. */
static uint64_t tail_of_log(const struct run_command_line *line) {
	if (!line->bounds_output)
		return log_least;
	return line->detach_after_ns && line->most_tail < front_least ? front_least : line->most_tail;
}

static bool make_files(struct detached *detached, const struct run_command_line *line) {
	detached->directory = store_open_directory(detached->store, detached->record.name);
	if (detached->directory < 0 || !run_lock(detached->directory) || !open_pipe(detached) ||
	    !record_reserve(detached->directory, &detached->record) ||
	    !record_write(detached->directory, &detached->record))
		return fail("the record of the run");
	log_writer_begin(&detached->log, detached->directory, line->most_head, tail_of_log(line));
	return true;
}

static enum claimed claim_locked(struct detached *detached, const struct run_command_line *line) {
	enum claimed claimed;

	runs_sweep(detached->store);
	claimed = take_name(detached, line);
	if (claimed == CLAIM_DONE && !make_files(detached, line)) {
		run_remove(detached->store, detached->record.name);
		claimed = CLAIM_FAILED;
	}
	return claimed;
}

enum claimed claim_begin(struct detached *ret, int store, const struct run_command_line *line) {
	enum claimed claimed = CLAIM_FAILED;
	int lock;

	*ret = (struct detached){ .store = store, .directory = -1, .caller = -1, .output = -1, .writer = -1 };
	if (!fill(&ret->record, line))
		return CLAIM_FAILED;
	lock = store_lock("run", store);
	if (lock >= 0) {
		claimed = claim_locked(ret, line);
		close(lock);
	}
	return claimed;
}

void claim_undo(struct detached *detached) {
	const int lock = store_lock("run", detached->store);

	if (lock < 0)
		return;
	run_remove(detached->store, detached->record.name);
	close(lock);
}
