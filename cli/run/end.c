/* SPDX-License-Identifier: ISC */
#include "end.h"
#include "caught.h"
#include "../common/duration.h"
#include "../common/error-text.h"
#include "../common/message.h"
#include "loop.h"
#include "output.h"
#include "recording.h"
#include "signals.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>

enum {
	MOMENT_MS = 200,     /* for orphans to end by themselves, as most do: tee, for example */
	FAILURES = 20,       /* of waits for descriptors, after which the output is given up */
	GRACE_MS = 5000,     /* for orphans after the ladder's first signal; and for the reader of the last output */
	ORPHANS_LOOK_MS = 10 /* where no descriptor reports that the tree is empty */
};

/* ---- the last output ---- */

static bool is_being_stopped(const struct run *run) {
	return run->stopping.under_way || run->is_told_to_end;
}

/* A signal that would end the command ends the delivery; the time limit holds here too. */
bool run_deliver(struct run *run) {
	int64_t deadline = HOLD_FOREVER;
	int failed = 0;

	while (output_has_rest(run)) {
		struct pollfd fds[OUTPUT_FDS + 1];
		const int64_t next = run_earliest(run->time_limit, stopping_next(&run->stopping));

		if (deadline == HOLD_FOREVER && (is_being_stopped(run) || run->limit_has_passed))
			deadline = hold_after_ms(GRACE_MS);
		if (hold_now() >= deadline || failed == FAILURES)
			break;
		detached_drain(run->detached); /* which makes room for the rest */
		caught_wake_at(run_earliest(next, deadline));
		output_ask(run, fds, false);
		if (!caught_wait(fds, OUTPUT_FDS, run_earliest(next, deadline)))
			failed++;
		output_move(run, fds);
		if (run_handle_last_signals(run))
			break;
		run_act(run);
	}
	return !output_has_rest(run);
}

bool run_deliver_rest(struct run *run) {
	output_collect_rest(run);
	recording_write(run->recording);
	return run_deliver(run);
}

/* ---- the descendants ---- */

/* A command that is being stopped is stopped with its descendants, whatever --orphans says. */
static bool keeps_orphans(const struct run *run) {
	return run->line->orphans == ORPHANS_KEEP && !is_being_stopped(run);
}

/* Whether orphans are still waited for, before they get a signal. */
static bool has_patience(const struct run *run, int64_t moment) {
	return (run->line->orphans == ORPHANS_WAIT && !is_being_stopped(run)) || hold_now() < moment;
}

static void wait_for_descendants(struct run *run, int64_t deadline) {
	run->awaited = run->descendants.command ? hold_tree_fd(run->hold) : -1;
	run_turn(run, run->awaited < 0 ? run_earliest(deadline, hold_after_ms(ORPHANS_LOOK_MS)) : deadline);
}

/*
 * The descendants have had the first signal: the ladder goes on. If it has no SIGKILL, one is sent after GRACE_MS. The
 * processes that live just before SIGKILL are stored as orphans.
 */
static void go_on_with_ladder(struct run *run) {
	const char *why = run->stopping.why ? run->stopping.why : "orphans";
	bool are_noted = false;

	run->stopping.has_ended = true;
	stopping_kill_at(&run->stopping, hold_after_ms(GRACE_MS), why);
	while (descendants_live(&run->descendants)) {
		if (!are_noted && stopping_is_about_to_kill(&run->stopping)) {
			descendants_note_left(&run->descendants);
			are_noted = true;
		}
		stopping_step(&run->stopping);
		if (stopping_is_over(&run->stopping)) {
			descendants_note_survivors(&run->descendants, run->hold);
			return;
		}
		wait_for_descendants(run, HOLD_FOREVER);
	}
}

/* While it is climbed hold hears INT, which asks for the last rung at once, and is stopped with its job. */
static int end_by_ladder(struct run *run) {
	const struct run_command_line *line = run->line;
	struct hold_ladder told = { .size = sizeof told, .rungs = line->ladder, .count = line->ladder_count };
	int signal, result = descendants_begin_end(&run->descendants, line->ladder, line->ladder_count);
	int64_t deadline;

	run->ends_orphans = true;
	run->stopping.has_ended = true;
	while (result == 0 && (result = descendants_step_end(&run->descendants)) == HOLD_PENDING) {
		while ((signal = hold_ladder_next(&told, hold_now())) > 0)
			stopping_note(&run->stopping, signal, "orphans");
		run->awaited = descendants_end_fd(&run->descendants, &deadline);
		run_turn(run, deadline);
		result = 0;
		if (run->is_hurried && told.next < told.count) {
			told.next = told.count - 1;
			told.due = HOLD_NOW;
			result = descendants_begin_end(&run->descendants, &line->ladder[told.next], 1);
		}
		run->is_hurried = false;
	}
	run->ends_orphans = false;
	return result;
}

/* Ends orphans that have had no signal yet. */
static void end_orphans(struct run *run) {
	const struct run_command_line *line = run->line;
	int result;

	descendants_note_left(&run->descendants);
	if (keeps_orphans(run))
		return;
	result = end_by_ladder(run);
	descendants_reap(&run->descendants, run->hold, run->is_init);
	if (result >= 0 || result == -EOWNERDEAD)
		return;
	say("what '%s' has left: %s", line->command[0], error_text(result));
	stopping_kill_at(&run->stopping, HOLD_NOW, "orphans");
	go_on_with_ladder(run);
}

static void note_given_up(struct run *run) {
	struct descendants *all = &run->descendants;

	if (descendants_have_keeper(all))
		descendants_note_survivors(all, run->hold);
	else if (hold_wait(run->hold, HOLD_NOW, NULL) != 0)
		descendants_add_command(all, run->hold);
}

/* If the keeper was killed, orphans may have ended unseen: in a PID namespace the kernel kills all. */
static void note_keeper(struct run *run) {
	run->descendants.has_lost_keeper |= hold_job_take(run->hold) == -EOWNERDEAD;
}

static void end_descendants(struct run *run) {
	const int64_t moment = hold_after_ms(MOMENT_MS);
	struct descendants *all = &run->descendants;

	if (run->has_given_up) {
		note_given_up(run);
		return;
	}
	if (!descendants_have_keeper(all))
		return;
	while (!run->stopping.under_way && !run->all_are_told && has_patience(run, moment) && descendants_live(all))
		wait_for_descendants(run, run->line->orphans == ORPHANS_WAIT ? HOLD_FOREVER : moment);
	if (!descendants_live(all))
		return;
	if (run->stopping.under_way || run->all_are_told)
		go_on_with_ladder(run);
	else
		end_orphans(run);
}

void run_end_descendants(struct run *run) {
	end_descendants(run);
	note_keeper(run);
}

/* ---- messages about them ---- */

static void say_members(const struct members *members, const char *what) {
	for (size_t i = 0; i < members->count; i++)
		say_member(what, &members->list[i]);
}

static void say_ended(const struct descendants *all) {
	for (size_t i = 0; i < all->left.count; i++) {
		if (!descendants_has_survivor(all, all->left.list[i].pid))
			say_member("was left, and ended", &all->left.list[i]);
	}
}

/* With --strict orphans are a failure, so they are named then, whatever other options say. */
static void say_orphans(const struct run *run) {
	const struct descendants *all = &run->descendants;
	const bool is_strict = run->line->strict;

	if (is_strict && all->left_is_unknown)
		say("'%s': what it has left cannot be listed", run->line->command[0]);
	if (keeps_orphans(run) && (is_strict || !run->line->quiet))
		say_members(&all->left, "lives on");
	else if (!keeps_orphans(run) && (is_strict || run->line->verbose))
		say_ended(all);
}

/* Without this message the user could not distinguish a killed keeper from a killed command. */
static void say_lost_keeper(const struct run *run) {
	/* A keeper that leads the session of the command's terminal hangs up on the command by its end. */
	const bool was_killed = run->status.how == HOLD_HOW_SIGNALLED &&
				(run->status.code == SIGKILL || (run->line->tty && run->status.code == SIGHUP));

	if (run->descendants.has_lost_keeper)
		say("'%s': its keeper was killed%s%s", run->line->command[0],
		    was_killed ? ", and so was the command" : "",
		    keeps_orphans(run) ? "; its descendants may live on" : "");
}

/* timeout(1) promises to end the group only; we promise to end the tree. With --foreground neither promises that. */
static bool may_have_left_group(const struct run *run) {
	return run->line->as_timeout && !run->line->to_command_alone && is_being_stopped(run) &&
	       !descendants_have_keeper(&run->descendants);
}

/* What a limit did, which the exit status alone does not tell; and with --strict what made it a failure. */
static void say_usage(const struct run *run) {
	const struct hold_tree_usage *usage = &run->usage;
	const char *const command = run->line->command[0];
	char text[DURATION_TEXT_SIZE];

	if (usage->cpu_time_is_up && !run->line->quiet)
		say("'%s' reached its limit of processor time of %s", command,
		    duration_text((int64_t)run->line->tree_limits.cpu_time_us * 1000, text));
	if (usage->oom_kills > 0 && !run->line->quiet)
		say("'%s': the kernel killed its processes for lack of memory", command);
	if (usage->tasks_refused > 0 && !run->line->quiet)
		say("'%s': its limit of processes and threads refused another one %" PRId64 " times", command,
		    usage->tasks_refused);
	if (usage->signalled > 0 && run->line->strict && !is_being_stopped(run) && !run->descendants.report.size)
		say("'%s': %" PRId64 " of its descendants were ended by a signal", command, usage->signalled);
}

void run_say_left(const struct run *run) {
	const struct descendants *all = &run->descendants;

	say_lost_keeper(run);
	say_members(&all->survivors, "could not be ended");
	if (all->unnamed)
		say("could not be ended: %s%zu more, which /proc does not show", all->survivors.count ? "and " : "",
		    all->unnamed);
	if (all->is_uncounted)
		say("'%s': others that cannot be counted may live on", run->line->command[0]);
	if (may_have_left_group(run))
		say_as_timeout("'%s' was told to end, but what it started in other process groups may live on",
			       run->line->command[0]);
	if (run->line->as_timeout)
		return;
	say_usage(run);
	say_orphans(run);
}
