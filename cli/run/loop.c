/* SPDX-License-Identifier: ISC */
#include "loop.h"
#include "answering.h"
#include "attached.h"
#include "awaited.h"
#include "boot-timer.h"
#include "caught.h"
#include "../common/duration.h"
#include "events.h"
#include "idle.h"
#include "input.h"
#include "lifeline.h"
#include "../common/message.h"
#include "outcome.h"
#include "output.h"
#include "over.h"
#include "progress.h"
#include "ready.h"
#include "recording.h"
#include "run-events.h"
#include "signals.h"
#include "suspend.h"
#include "user-terminal.h"
#include "warning.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

enum {
	BACKGROUND_LOOK_MS = 250,
	TRY_AGAIN_MS = 50, /* after a call that failed, perhaps for lack of memory */
	TRIES = 20,
	CHILDREN_LOOK_MS = 1000,
	SLEEP_LOOK_MS = 500,
	ASLEEP_LOOKS = 10
};

int64_t run_earliest(int64_t a, int64_t b) {
	return a < b ? a : b;
}

static void strike(struct run *run) {
	char text[DURATION_TEXT_SIZE];
	const char *awaited;

	if (hold_now() < run->time_limit && !boot_timer_has_struck())
		return;
	run->time_limit = HOLD_FOREVER;
	boot_timer_end();
	run->limit_has_passed = true;
	if (run_is_over(run))
		return;
	run->timed_out = true;
	run_tell_time_limit(run);
	awaited = awaited_note(run);
	if (!run->line->quiet)
		say("'%s' reached its time limit of %s%s", run->line->command[0],
		    duration_text(run->line->time_limit_ns, text), awaited);
	stopping_begin(&run->stopping, 0, false, "time limit");
}

static void lose_lifeline(struct run *run) {
	if (run_is_over(run)) {
		run->line->lifeline = -1;
		return;
	}
	run->lifeline_is_lost = true;
	if (!run->line->quiet)
		say("'%s': its lifeline, descriptor %d, is at its end", run->line->command[0], run->line->lifeline);
	stopping_begin(&run->stopping, SIGHUP, false, "lifeline");
}

/* Until the run is handed over it ends with the process in front, as with any hold run. */
static void heed_front(struct run *run, enum front_word word) {
	if (word == FRONT_HANDS_OVER)
		detached_hand_over(run->detached, run_report_running(run));
	if (word != FRONT_HAS_GONE || run_is_over(run))
		return;
	run->lifeline_is_lost = true;
	say("'%s': the process in front was killed", run->line->command[0]);
	stopping_begin(&run->stopping, SIGHUP, false, "front is gone");
}

void run_fail(struct run *run, const char *what, int error) {
	if (run->failure)
		return;
	run->failure = error;
	say("%s '%s': %s: it is killed", what, run->line->command[0], strerror(-error));
	stopping_send_to_all(&run->stopping, SIGKILL, "failure of hold");
	stopping_kill_at(&run->stopping, HOLD_NOW, "failure of hold");
	stopping_step(&run->stopping);
}

enum { WAITED_FDS = OUTPUT_FDS + DETACHED_FDS + 4 };

_Static_assert((int)WAITED_FDS <= (int)CAUGHT_FDS_MOST, "all can be waited for");

/* In the background the terminal is the shell's. It does not notify us when it brings us to the front: so we look. */
static bool is_in_background(const struct run *run) {
	return run->relay && run->relay->in_is_terminal && !user_terminal_is_raw();
}

static void move(struct run *run, const struct pollfd *fds) {
	recording_look(run->recording);
	output_move(run, fds);
	if (!run->relay)
		return;
	if (run->relay->out_failed) { /* as SIGPIPE would end the command if it wrote there itself */
		run->reader_has_gone |= run->relay->reader_has_gone && !run->stopping.under_way;
		stopping_begin(&run->stopping, SIGHUP, false, "output is read no more");
	}
	if (run->relay->in_ended && run->relay->in_is_terminal)
		stopping_begin(&run->stopping, SIGHUP, false, "terminal hung up");
	else if (run->relay->in_ended && run->line->at_end == AT_END_HANG_UP && run->status.how == 0)
		stopping_begin(&run->stopping, SIGHUP, false, "input has ended");
}

/* Waits for the first event and handles it. false: the descriptors could not be waited for; errno says why. */
static bool turn(struct run *run, int64_t deadline) {
	struct pollfd fds[WAITED_FDS + 1], *command, *lifeline, *ready, *detached;
	unsigned count = 0;
	bool waited;
	int error;

	run_take_terminal(run);
	run_look_at_front(run);
	attached_step(run);
	deadline = run_earliest(deadline, run_earliest(run->size_back_at, detached_next(run->detached)));
	if (run->answering && run->relay)
		answering_step(run->answering, run->hold, run->relay);
	deadline = run_earliest(deadline, run_earliest(input_next_look(run), answering_next(run->answering)));
	deadline = run_earliest(deadline, run_earliest(recording_next(run->recording), events_next(run->events)));
	output_ask(run, fds, !is_in_background(run));
	count = OUTPUT_FDS;
	if (run->relay)
		deadline = run_earliest(deadline, hold_relay_deadline(run->relay->relay));
	fds[count++] = (struct pollfd){ .fd = run->awaited, .events = POLLIN };
	/* The command's own descriptor too: a keeper that was stopped reports nothing until hold_wait continues it. */
	command = &fds[count++];
	*command = (struct pollfd){ .fd = run->status.how ? -1 : hold_fd(run->hold), .events = POLLIN };
	/* a tracer sees to it first: the descriptor stays readable for as long as that takes */
	if (run->end_was_seen) {
		command->fd = -1;
		deadline = run_earliest(deadline, hold_after_ms(TRY_AGAIN_MS));
	}
	lifeline = &fds[count++];
	*lifeline = (struct pollfd){ .fd = run->lifeline_is_lost ? -1 : run->line->lifeline, .events = POLLIN };
	ready = &fds[count++];
	*ready = ready_poll(run);
	detached = &fds[count];
	detached_prepare(run->detached, detached);
	count += DETACHED_FDS;
	if (is_in_background(run))
		deadline = run_earliest(deadline, hold_after_ms(BACKGROUND_LOOK_MS));
	waited = caught_wait(fds, count, deadline);
	error = errno;
	run->end_was_seen = command->revents != 0;
	run_handle_signals(run);
	if (lifeline_has_ended(lifeline->fd, lifeline->revents))
		lose_lifeline(run);
	ready_look(run, ready->revents);
	heed_front(run, detached_move(run->detached, detached));
	move(run, fds);
	errno = error;
	return waited;
}

void run_act(struct run *run) {
	strike(run);
	stopping_step(&run->stopping);
	if (hold_now() < run->look_at_children)
		return;
	/* A look reads /proc, which would be most of what a busy relay costs. SIGCHLD tells, unless a look failed. */
	descendants_reap(&run->descendants, run->hold, run->is_init);
	run->look_at_children = hold_after_ms(CHILDREN_LOOK_MS);
}

static void take_change(struct run *run) {
	const int change = hold_job_take(run->hold);

	run_tell_change(run, change);
	if (change == HOLD_JOB_STOPPED)
		run_notice_stop(run);
	else if (change == -EOWNERDEAD)
		run->awaited = -1; /* it would stay readable; SIGCHLD and the command's own descriptor are enough */
}

void run_turn(struct run *run, int64_t deadline) {
	const int64_t next = run_earliest(run->time_limit, stopping_next(&run->stopping));

	deadline = run_earliest(run_earliest(deadline, progress_next(run)), run->size_back_at);
	deadline = run_earliest(deadline, run_earliest(warning_next(run), idle_next(run)));
	deadline = run_earliest(deadline, awaited_next(run));
	caught_wake_at(next);
	/* Without output and lifeline a failed wait misses nothing: signals, limits, the end are looked at anyway. */
	if (turn(run, run_earliest(next, deadline)) || (!output_is_carried(run) && run->line->lifeline < 0))
		run->failed_turns = 0;
	else if (++run->failed_turns >= TRIES)
		run_fail(run, "cannot wait for the streams of", -errno);
	run_act(run);
	progress_step(run);
	warning_step(run);
	recording_step(run->recording, &run->stopping);
	awaited_step(run);
	events_step(run->events);
	idle_step(run);
	run_look_at_size(run);
	take_change(run);
}

/*
 * timeout(1) without -k waits for ever, since the command may react to the signal. A command in uninterruptible sleep
 * cannot: it is given up as after the last rung of a ladder.
 */
static void look_at_sleep(struct run *run) {
	struct hold_description now = { .size = sizeof now };

	if (hold_now() < run->look_at_sleep)
		return;
	run->look_at_sleep = hold_after_ms(SLEEP_LOOK_MS);
	if (!stopping_waits_for_ever(&run->stopping) || hold_describe(run->hold, &now) != 0 || now.state != 'D')
		run->asleep_looks = 0;
	else if (++run->asleep_looks >= ASLEEP_LOOKS)
		run->has_given_up = true;
}

/* This is woken up by the keeper, or by SIGCHLD: of the command, or of an orphan that became our child. */
void run_wait(struct run *run) {
	int result = HOLD_PENDING, tries = 0;
	int64_t look_at;

	run->awaited = hold_job_fd(run->hold);
	for (; result != 0; result = hold_wait(run->hold, HOLD_NOW, &run->status)) {
		tries = result < 0 ? tries + 1 : 0;
		if (tries == TRIES)
			run_fail(run, "cannot wait for", result);
		if (run->failure && (result < 0 || !descendants_have_keeper(&run->descendants)))
			return;
		look_at = stopping_waits_for_ever(&run->stopping)
				  ? run_earliest(run->look_at_stop, hold_after_ms(SLEEP_LOOK_MS))
				  : run->look_at_stop;
		run_turn(run, result < 0 ? hold_after_ms(TRY_AGAIN_MS) : look_at);
		run_look_at_stop(run);
		look_at_sleep(run);
		run->has_given_up |= stopping_is_over(&run->stopping);
		if (run->has_given_up)
			return;
	}
}
