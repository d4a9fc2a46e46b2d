/* SPDX-License-Identifier: ISC */
/*
 * hold run: starts the command (start.c), then stays in one loop around ppoll until the command has ended (loop.c):
 * signals are passed on or begin the ladder (signals.c), the time limit begins it too, the relay moves bytes. Then
 * the rest of the output is delivered, orphans are ended (end.c), the report is written, and hold ends as the command
 * did (outcome.c).
 */
#include "run.h"
#include "answering.h"
#include "audit-file.h"
#include "boot-timer.h"
#include "caught.h"
#include "../common/duration.h"
#include "../common/error-text.h"
#include "../common/message.h"
#include "../common/open-file.h"
#include "end.h"
#include "events.h"
#include "idle.h"
#include "input.h"
#include "loop.h"
#include "outcome.h"
#include "output.h"
#include "progress.h"
#include "ready.h"
#include "recording.h"
#include "run-events.h"
#include "signals.h"
#include "start.h"
#include "suspend.h"
#include "tree-limit.h"
#include "user-terminal.h"
#include "warning.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	FILES_MS = 5000,  /* for a fifo to get a reader */
	UNNAMED_MS = 1000 /* for the keeper to tell of an end that was seen */
};

static int open_report(const char *name, int64_t deadline) {
	if (strcmp(name, "-") == 0)
		return STDOUT_FILENO;
	if (name[0] == '+')
		return open_file_until(name + 1, O_WRONLY | O_CREAT | O_APPEND, deadline);
	return open_file_until(name, O_WRONLY | O_CREAT | O_TRUNC, deadline);
}

/* Readers of fifos are waited for, but not longer than the time limit, which begins only afterwards. */
static bool open_files(struct run *run) {
	const struct run_command_line *line = run->line;
	int64_t deadline = hold_after_ms(FILES_MS);

	if (line->time_limit_ns)
		deadline = run_earliest(deadline, hold_after_ms(duration_ms(line->time_limit_ns)));
	if (line->report)
		run->report_fd = open_report(line->report, deadline);
	if (line->report && run->report_fd < 0) {
		say("report '%s': %s", line->report, open_file_reason(errno));
		return false;
	}
	if (line->report_dir && !report_dir_begin(&run->report_dir, line->report_dir, line->name, line->task)) {
		say("report directory '%s': %s", line->report_dir, strerror(errno));
		return false;
	}
	if (line->audit && !audit_file_begin(line->audit, deadline)) {
		say("audit file '%s': %s", line->audit, open_file_reason(errno));
		return false;
	}
	return events_open(&run->events, line->events, deadline) && recording_open(&run->recording, line, deadline);
}

static bool begin_pid_file(struct pid_file *file, const char *option, const char *path) {
	if (!path || pid_file_begin(file, path))
		return true;
	say("%s '%s': %s", option, path, errno == EEXIST ? "it is there, and no regular file" : strerror(errno));
	return false;
}

static bool begin_pid_files(struct run *run) {
	return begin_pid_file(&run->pid_file, "--pidfile", run->line->pid_file) &&
	       begin_pid_file(&run->reference_file, "--reference-file", run->line->reference_file);
}

/* Whoever waits for a file that cannot be written would wait in vain: so the command does not go on without it. */
static void publish_pid_files(struct run *run) {
	char pid[24];

	snprintf(pid, sizeof pid, "%" PRId64, hold_pid(run->hold));
	if (run->line->pid_file && !pid_file_publish(&run->pid_file, pid))
		run_fail(run, "cannot write the pid file of", -errno);
	errno = EOPNOTSUPP;
	if (run->line->reference_file &&
	    (!run->reference[0] || !pid_file_publish(&run->reference_file, run->reference)))
		run_fail(run, "cannot write the reference file of", -errno);
}

/* Before Linux 6.9 a command that its keeper has reaped has no reference any more. */
static bool has_ended_unnamed(struct run *run) {
	return run->detached && !run->reference[0] &&
	       hold_wait(run->hold, hold_after_ms(UNNAMED_MS), &run->status) == 0;
}

static void publish_record(struct run *run) {
	const char *reference = has_ended_unnamed(run) ? NULL : run->reference;
	const int error = detached_publish(run->detached, hold_pid(run->hold), reference);

	if (error < 0)
		run_fail(run, "cannot write the record of", error);
}

static void end_pid_files(struct run *run) {
	const bool lives = run->has_given_up && run->status.how == 0;

	pid_file_end(&run->pid_file, lives);
	pid_file_end(&run->reference_file, lives);
}

static bool contain(struct run *run) {
	const struct run_command_line *line = run->line;
	const int contain = line->contain;
	const bool is_wanted = contain != HOLD_CONTAIN_NONE && contain != HOLD_CONTAIN_GROUP;
	/* It decides over another containment, below. */
	const bool is_thorough = line->as_timeout && !line->to_command_alone;
	int error = is_wanted ? descendants_begin(&run->descendants, is_thorough) : 0;

	if (error < 0 && error != -EBUSY) /* a lack of memory may have passed */
		error = descendants_begin(&run->descendants, is_thorough);
	/* -EBUSY: this process had children before it became hold. A keeper separates the command's from them. */
	if (error < 0 && error != -EBUSY && contain == HOLD_CONTAIN_AUTO && is_thorough)
		run->line->contain = HOLD_CONTAIN_GROUP; /* timeout(1) keeps no more together */
	/* The processes of a PID namespace end with it, also where no /proc shows them. */
	if (error == 0 || error == -EBUSY || contain == HOLD_CONTAIN_AUTO ||
	    (error == -ENOSYS && contain == HOLD_CONTAIN_PIDNS))
		return true;
	say("--contain: %s", error_text_of("keeper", error));
	return false;
}

static bool begin_stopping(struct run *run) {
	const struct run_command_line *line = run->line;

	clock_gettime(CLOCK_REALTIME, &run->started_at);
	stopping_init(&run->stopping, line->ladder, line->ladder_count, line->verbose);
	run->stopping.command = line->as_timeout ? line->command[0] : NULL;
	run->stopping.is_patient = line->as_timeout;
	events_begin(run->events, &run->stopping, &run->started_at);
	run->time_limit = HOLD_FOREVER;
	if (line->time_limit_ns && line->time_limit_ns < HOLD_FOREVER - run->stopping.start_ns)
		run->time_limit = run->stopping.start_ns + line->time_limit_ns;
	caught_wake_at(run->time_limit); /* hold may be stopped as soon as the command says anything */
	if (line->counts_suspend && !boot_timer_begin(line->time_limit_ns)) {
		say("--count-suspend: %s", strerror(errno));
		return false;
	}
	return true;
}

/* Queries are left to the user's terminal if there is one for input and output. */
static bool begin_answering(struct run *run) {
	const struct run_command_line *line = run->line;
	const bool has_queries = line->answers_queries && !(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));

	if (!line->answer_count && !has_queries)
		return true;
	run->answering = answering_new(line->answers, line->answer_count, has_queries);
	return run->answering != NULL;
}

static bool prepare(struct run *run) {
	run->error.size = sizeof run->error;
	run->status.size = sizeof run->status;
	run->usage.size = sizeof run->usage;
	run->is_init = getpid() == 1;
	run->look_at_children = run->is_init ? HOLD_NOW : HOLD_FOREVER;
	run->user_terminal = run->line->tty && !run->detached ? user_terminal_find() : -1;
	if (!run_prepare_limits(run)) {
		say("limits: %s", strerror(errno));
		return false;
	}
	/* If this fails, the start says what is missing, unless the limits are possible without it. */
	if (tree_limits_need_controllers(&run->line->tree_limits))
		run->is_split = hold_group_split(1) == 0;
	if (!contain(run)) /* before the audit file: this acts on no other process */
		return false;
	if (!open_files(run) || !begin_pid_files(run))
		return false;
	if (!output_prepare(run))
		return false;
	if (!begin_answering(run)) {
		say("--answer: %s", strerror(errno));
		return false;
	}
	if (!run->line->tty)
		foreground_note(&run->foreground);
	if (!ready_open(run)) {
		say("--ready-fd: %s", strerror(errno));
		return false;
	}
	if (!run_listen(run)) {
		say("signals: %s", strerror(errno));
		return false;
	}
	return begin_stopping(run);
}

/* A sink: gets all that goes through the relay. */
static int observe(void *context, int stream, const void *bytes, size_t length) {
	const struct run *run = context;

	recording_see(run->recording, stream, bytes, length);
	return run->answering && stream == HOLD_TERMINAL ? answering_see(run->answering, stream, bytes, length) : 0;
}

static void note_reference(struct run *run) {
	const struct run_command_line *line = run->line;
	const bool is_told = run->detached || line->report || line->report_dir || line->reference_file || line->events;

	if (!is_told || hold_reference(run->hold, run->reference, sizeof run->reference) < 0)
		run->reference[0] = 0;
}

static void begin(struct run *run) {
	const struct run_command_line *line = run->line;
	int error;

	caught_listen_to_ignored();
	run->stopping.hold = run->hold;
	descendants_take(&run->descendants, run->hold);
	run->stopping.tree = descendants_have_keeper(&run->descendants) ? &run->descendants : NULL;
	run->look_at_stop = run->size_back_at = HOLD_FOREVER;
	warning_begin(run);
	idle_begin(run);
	note_reference(run);
	if (run->piped)
		piped_release_writers(run->piped);
	if (run->detached && run->recording && !run->relay) {
		run->detached->observer = observe;
		run->detached->observer_context = run;
	}
	if (!run->relay)
		return;
	hold_terminal_restore(run->hold, HOLD_RESTORE_NEVER); /* until the terminal is taken */
	run->input = input_source(line);
	recording_begin(run->recording, line, hold_stream(run->hold, HOLD_TERMINAL), &run->started_at);
	if (line->bounds_output && !run->detached)
		relay_bound(run->relay, line->most_head, line->most_tail);
	error = relay_begin(run->relay, run->hold, run->input, line->at_end == AT_END_EOF && !line->answer_count,
			    line->strips_returns);
	if (error < 0) {
		free(run->relay);
		run->relay = NULL;
		run_fail(run, "cannot relay the terminal of", error);
		return;
	}
	run->relay->tells_screen = user_terminal_is_output(run->user_terminal);
	if (run->answering || run->recording) {
		run->relay->observer = observe;
		run->relay->observer_context = run;
	}
}

/* A command that ended by itself may have left the terminal as it is on purpose. */
static bool was_ended(const struct run *run) {
	return run->status.how != HOLD_HOW_EXITED || run->stopping.under_way;
}

/*
 * The user's terminal is given back once it has the command's output. That of descendants is still waited for, unless
 * nobody takes any output.
 */
static void end_input(struct run *run) {
	bool is_delivered = run_deliver_rest(run);

	if (is_delivered && !run->relay->is_bounded && was_ended(run) && run_put_screen_back(run))
		is_delivered = run_deliver_rest(run);

	run->interrupt_was_typed = run->relay->state.interrupt_was_typed;
	if (is_delivered)
		relay_go_on_without_input(run->relay);
	else
		output_end(run);
	run_give_terminal_back(run);
}

/*
 * Says right after the start which promise does not hold here. As the subreaper hold still ends the descendants itself,
 * but nothing ends them when hold is killed.
 */
static void say_uncontained(const struct run *run) {
	const bool has_keeper = descendants_have_keeper(&run->descendants);

	if (run->line->contain != HOLD_CONTAIN_AUTO || hold_containment(run->hold) != HOLD_CONTAIN_NONE)
		return;
	if (run->line->quiet && (has_keeper || !run->line->strict))
		return;
	say(has_keeper ? "'%s': nothing ends the command's descendants here if hold itself is killed"
		       : "'%s': this system lets hold keep the command alone: what the command leaves may live on",
	    run->line->command[0]);
}

/* Nothing more comes. The screen of a bounded output is put back behind its tail. */
static void end_output(struct run *run) {
	const bool is_bounded = run->piped || (run->relay && run->relay->is_bounded);

	if (!output_is_carried(run))
		return;
	if (run_deliver_rest(run) && is_bounded) {
		output_begin_tail(run);
		if (run_deliver(run) && run->relay && was_ended(run) && run_put_screen_back(run))
			run_deliver(run);
	}
	output_end(run);
}

static void take_usage(struct run *run) {
	run->has_usage = hold_tree_usage(run->hold, &run->usage) == 0;
	if (run->usage.cpu_time_error == 0 || run->failure)
		return;
	run->failure = run->usage.cpu_time_error;
	say("processor time of '%s': %s: it was ended", run->line->command[0], strerror(-run->failure));
}

static void end_events(struct run *run) {
	run->events_are_cut |= !events_end(run->events);
	run->events = NULL;
}

/* Of a detached run the output is what is in its log, to which hold may still say something. */
static void end_log(struct run *run) {
	struct detached *detached = run->detached;

	if (!detached)
		return;
	detached_drain(detached);
	detached->observer = NULL;
	run->outputs[0] = detached_output(detached);
	run->output_count = 1;
}

/* From the command's start to its end, and that of its descendants. Returns hold's exit status. */
static int hold_command(struct run *run) {
	detached_take_streams(run->detached);
	begin(run);
	run_tell_started(run);
	publish_record(run);
	publish_pid_files(run);
	message_defer(true); /* a terminal that was stopped with ^S must delay no signal and no limit */
	say_uncontained(run);
	run_wait(run);
	ready_take_rest(run);
	run_tell_ended(run);
	if (run->relay)
		end_input(run);
	run_end_descendants(run);
	ready_take_rest(run);
	ready_end(run);
	end_output(run);
	end_log(run);
	run->recording_is_cut = !recording_end(run->recording, &run->status, &run->stopping, &run->spilled);
	run->recording = NULL;
	progress_end(run);
	take_usage(run);
	run_tell_tree(run);
	foreground_give_back(&run->foreground, was_ended(run));
	message_defer(false);
	run_say_left(run);
	end_events(run);
	return run_status(run);
}

/* A start that failed after the program had run may have left descendants, which became children of hold. */
static void end_strays(struct run *run) {
	static const struct hold_rung kill = { .signal = SIGKILL };
	struct descendants *all = &run->descendants;

	if (descendants_have_keeper(all) && descendants_live(all))
		descendants_end(all, &kill, 1);
}

/*
 * Hold does not wait for survivors: the keeper, whose owner is gone then, goes on ending what it can. Where hold is the
 * first process of a PID namespace the keeper dies with it, so it is waited for, a few seconds at most.
 */
static void let_go(struct run *run) {
	static struct hold *volatile abandoned; /* so that a leak checker finds it */
	const bool is_left = run->has_given_up || descendants_have_survived(&run->descendants);

	abandoned = is_left && !run->is_init ? run->hold : NULL;
	if (!abandoned)
		hold_release(run->hold);
}

/* Returns hold's exit status. */
static int take_failed_start(struct run *run) {
	/* ETIMEDOUT may also come from a file system. */
	run->timed_out = run->error.code == -ETIMEDOUT && hold_now() >= run->time_limit;
	run_say_failed_start(run);
	end_strays(run);
	run_tell_not_started(run);
	return run->timed_out ? STATUS_LIMIT : run_status_of_failed_start(run);
}

/* Dies of the command's signal, as if there were no hold: so that a shell's loop around it ends too. */
static void die_alike(const struct run *run) {
	/* The command's terminal sent it only there. Without hold the whole foreground group would have got it. */
	if (run->interrupt_was_typed && run->status.code == SIGINT && user_terminal_is_in_front(STDIN_FILENO))
		kill(0, SIGINT);
	if (run->line->as_timeout && run->status.core_dumped == 1)
		say_as_timeout("the monitored command dumped core");
	caught_die_of(run->status.code);
}

static void end_record(struct run *run, int status) {
	struct record *record = &run->detached->record;

	record->how = run->status.how;
	record->code = run->status.code;
	record->core_dumped = run->status.core_dumped == 1;
	record->timed_out = run->timed_out;
	record->status = status;
	record->orphans = (int64_t)run->descendants.left.count;
	record->survivors = (int64_t)(run->descendants.survivors.count + run->descendants.unnamed);
	detached_end(run->detached);
}

int run_line(struct run_command_line *line, struct detached *detached) {
	struct run run = { .line = line, .detached = detached, .report_fd = -1 };
	int status = STATUS_FAILED;

	if (prepare(&run)) {
		const int error = run_start(&run);

		ready_close_writer(&run);
		status = error == 0 ? hold_command(&run) : take_failed_start(&run);
		caught_wake_at(HOLD_FOREVER); /* its SIGCONT would undo a stop of hold, as that of a tracer */
		if (!run_report(&run))
			status = STATUS_FAILED;
		let_go(&run);
		if (detached && run.hold)
			end_record(&run, status);
	}
	end_events(&run);
	report_dir_end(&run.report_dir);
	if (run.is_split)
		hold_group_split(0);
	end_pid_files(&run);
	answering_free(run.answering);
	recording_free(run.recording);
	free(run.relay);
	piped_free(run.piped);
	free(run.limits);
	stopping_free(&run.stopping);
	descendants_free(&run.descendants);
	if (!detached && run_is_to_die_alike(&run, status))
		die_alike(&run);
	return status;
}
