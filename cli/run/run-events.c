/* SPDX-License-Identifier: ISC */
#include "run-events.h"
#include "events.h"
#include "../common/signal-name.h"
#include "../common/status-json.h"

#include <string.h>

enum { COMMAND_MOST = 16384 }; /* bytes of its words: a line is written as a whole */

/* The words as far as there is room: a reader that needs the rest has --report. */
static void put_command(struct json *line, char **command) {
	size_t size = 0;

	json_open(line, "command", '[');
	for (; *command && (size += strlen(*command)) <= COMMAND_MOST; command++)
		json_string(line, NULL, *command);
	json_close(line, ']');
	if (*command)
		json_bool(line, "command_is_cut", true);
}

void run_tell_started(struct run *run) {
	struct json *line = events_start_line(run->events, "started");

	if (!line)
		return;
	put_command(line, run->line->command);
	json_number(line, "pid", hold_pid(run->hold));
	if (run->reference[0])
		json_string(line, "reference", run->reference);
	if (run->line->name)
		json_string(line, "name", run->line->name);
	json_string(line, "containment", hold_containment_name(hold_containment(run->hold)));
	events_write_line(run->events);
}

void run_tell_not_started(struct run *run) {
	struct json *line = events_start_line(run->events, "not-started");

	if (!line)
		return;
	put_command(line, run->line->command);
	json_string(line, "step", hold_step_name(run->error.step));
	json_number(line, "errno", -run->error.code);
	json_string(line, "message", strerror(-run->error.code));
	events_write_line(run->events);
}

void run_tell_change(struct run *run, int change) {
	const int signal = change == HOLD_JOB_STOPPED ? hold_job_signal(run->hold) : 0;
	char name[SIGNAL_NAME_SIZE];
	struct json *line;

	if (change == HOLD_JOB_CONTINUED)
		events_tell(run->events, "continued", NULL, 0);
	if (change != HOLD_JOB_STOPPED || !(line = events_start_line(run->events, "stopped")))
		return;
	if (signal > 0) {
		json_string(line, "signal", signal_name(signal, name));
		json_number(line, "signum", signal);
	}
	events_write_line(run->events);
}

void run_tell_ended(struct run *run) {
	struct json *line = run->status.how ? events_start_line(run->events, "ended") : NULL;

	if (!line)
		return;
	status_json(line, &run->status);
	events_write_line(run->events);
}

static void tell_limit(struct run *run, const char *limit, const char *key, int64_t number) {
	struct json *line = events_start_line(run->events, "limit");

	if (!line)
		return;
	json_string(line, "limit", limit);
	if (key)
		json_number(line, key, number);
	events_write_line(run->events);
}

void run_tell_time_limit(struct run *run) {
	tell_limit(run, "time", NULL, 0);
}

static void tell_abnormal_ends(struct run *run) {
	struct json *line = events_start_line(run->events, "member-ended-abnormally");

	if (!line)
		return;
	json_number(line, "signalled", run->usage.signalled);
	json_number(line, "dumped", run->usage.dumped);
	events_write_line(run->events);
}

void run_tell_tree(struct run *run) {
	const struct hold_tree_usage *usage = &run->usage;

	if (run->has_usage && usage->cpu_time_is_up)
		tell_limit(run, "cpu-time", NULL, 0);
	if (run->has_usage && usage->oom_kills > 0)
		tell_limit(run, "memory", "killed", usage->oom_kills);
	if (run->has_usage && usage->tasks_refused > 0)
		tell_limit(run, "tasks", "refused", usage->tasks_refused);
	if (run->has_usage && usage->signalled > 0)
		tell_abnormal_ends(run);
	if (hold_tree_wait(run->hold, HOLD_NOW) == 0)
		events_tell(run->events, "tree-empty", NULL, 0);
}
