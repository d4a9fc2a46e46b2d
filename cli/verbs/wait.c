/* SPDX-License-Identifier: ISC */
/* hold wait: waits until processes have ended, which need not be children, and prints how. */
#include "../common/duration.h"
#include "../common/error-text.h"
#include "../common/json.h"
#include "../common/ladder.h"
#include "../common/message.h"
#include "../common/options.h"
#include "../common/signal-name.h"
#include "../common/status-json.h"
#include "../store/ending.h"
#include "../store/find.h"
#include "../store/target.h"
#include "verbs.h"

#include <pidhold.h>

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_ENDED = 0, STATUS_ERROR = 1, STATUS_UNKNOWN = 2, STATUS_TIMED_OUT = 3 };
enum { OPTION_TIMEOUT, OPTION_TREE, OPTION_JSON, OPTION_READY };

enum { LOOK_MS = 50 };

static const struct option_line lines[] = {
	{ 'T', "timeout", "DURATION", COMMON, "wait no longer than this: 500ms, 1.5s, 2m, 1h30m", "" },
	{ 0, "tree", NULL, COMMON, "wait until their descendants have ended too", "" },
	{ 0, "json", NULL, COMMON, "a JSON object for each", "" },
	{ 0, "ready", NULL, COMMON, "of detached runs: until they are ready; see --ready-fd of hold run", "" },
};

static const struct verb verb_wait = {
	"wait",
	"Waits until all of the processes have ended, and tells how. They need not be children of the caller.",
	"PID|REFERENCE|NAME...",
	lines,
	4,
	"For a process that is no child, the kernel tells how it ended from Linux 6.15 on, once its parent has\n"
	"reaped it. Exit status, the largest that applies to any: 0 it has ended, 1 an error, 2 it has ended and the\n"
	"system does not tell how, 3 time is up, 125 hold was misused. Of a detached run, by its name or reference,\n"
	"it is the status that 'hold run' would have had; 122 time is up, 125 an error, or its end is unknown.\n",
	"hold wait -T 1m 4711",
};

static bool print_text(const char *target, const struct hold_status *status) {
	char name[SIGNAL_NAME_SIZE];

	if (status->how == HOLD_HOW_EXITED)
		print_clean("%s exited %d", target, status->code);
	else if (status->how == HOLD_HOW_SIGNALLED)
		print_clean("%s signalled %s%s", target, signal_name(status->code, name),
			    status->core_dumped == 1 ? " core dumped" : "");
	else
		print_clean("%s %s", target, status->how ? "unknown" : "runs");
	return output_is_written();
}

static bool print_json(const char *target, const struct hold_status *status) {
	struct json json = { 0 };
	bool written;

	json_open(&json, NULL, '{');
	json_number(&json, "version", 1);
	json_string(&json, "process", target);
	if (status->how)
		status_json(&json, status);
	else
		json_string(&json, "outcome", "runs");
	json_close(&json, '}');
	written = json_write(&json, STDOUT_FILENO);
	json_free(&json);
	return written;
}

/* The options: the deadline, whether whole trees are waited for, and the output's form. */
struct waiting {
	int64_t deadline;
	bool trees, as_json;
	bool is_unwritten; /* an answer could not be written: no other is waited for */
};

static bool print_status(struct waiting *waiting, const char *target, const struct hold_status *status) {
	const bool written = waiting->as_json ? print_json(target, status) : print_text(target, status);

	waiting->is_unwritten |= !written;
	return written;
}

/* The process that a reference names has ended; how it ended cannot be known any more. */
static int tell_gone(struct waiting *waiting, const char *target) {
	const struct hold_status status = { .size = sizeof status, .how = HOLD_HOW_UNKNOWN };

	return print_status(waiting, target, &status) ? STATUS_UNKNOWN : say_unwritten();
}

/* ---- detached runs ---- */

/* How the command ended, as the record has it. */
static struct hold_status status_of_run(const struct run_entry *run) {
	struct hold_status status = { .size = sizeof status };

	if (run->state == RUN_LIVES)
		return status;
	status.how = run->state == RUN_HAS_ENDED && run->record.how ? (int32_t)run->record.how : HOLD_HOW_UNKNOWN;
	status.code = (int32_t)run->record.code;
	status.core_dumped = (int32_t)run->record.core_dumped;
	return status;
}

static int tell_run(struct waiting *waiting, const char *name) {
	struct hold_status status;
	struct run_entry run;
	int exit_status;

	if (!run_find("wait", name, false, &run))
		return STATUS_FAILED;
	status = status_of_run(&run);
	exit_status = print_status(waiting, name, &status) ? run_exit_status("wait", &run) : say_unwritten();
	run_unload(&run);
	return exit_status;
}

static int wait_for_run(const char *name, struct waiting *waiting) {
	struct run_entry run;
	int result;

	if (!run_find("wait", name, false, &run))
		return STATUS_FAILED;
	result = run_await_end(&run, waiting->deadline);
	run_unload(&run);
	if (result >= 0)
		return tell_run(waiting, name);
	say("wait: '%s': %s", name, error_text(result));
	return STATUS_FAILED;
}

static bool is_run(const char *target) {
	struct run_entry run;

	if (run_is_named(target))
		return true;
	if (!strchr(target, ':') || !run_find_reference(target, &run))
		return false;
	run_unload(&run);
	return true;
}

/* 1: it is ready; 0: it is not yet; -1: it cannot be any more. */
static int look_at_ready(const char *name, int64_t deadline) {
	struct run_entry run;
	int result, error = 0;

	if (!run_find("wait", name, false, &run))
		return -1;
	result = run.record.ready_us ? 1 : run.state == RUN_LIVES ? 0 : -1;
	if (result < 0)
		say("wait: '%s' has ended, and was never ready", name);
	else if (result == 0)
		error = run_await_end(&run, deadline);
	run_unload(&run);
	if (error >= 0)
		return result;
	say("wait: '%s': %s", name, error_text(error));
	return -1;
}

/* The record is looked at at intervals: nothing wakes up those who wait for another version of it. */
static int wait_until_ready(const char *name, int64_t deadline) {
	int64_t look;
	int result;

	do {
		look = hold_after_ms(LOOK_MS);
		result = look_at_ready(name, deadline < look ? deadline : look);
	} while (result == 0 && hold_now() < deadline);
	if (result < 0)
		return STATUS_FAILED;
	print_clean("%s %s", name, result ? "ready" : "runs");
	return !output_is_written() ? say_unwritten() : result ? STATUS_ENDED : STATUS_RUNNING;
}

static int wait_until_all_ready(char **names, int64_t deadline) {
	int worst = STATUS_ENDED, status;

	for (; *names; names++) {
		status = wait_until_ready(*names, deadline);
		worst = status > worst ? status : worst;
	}
	return worst;
}

/* ---- all ---- */

struct target {
	const char *text;
	struct hold *hold; /* of a process; NULL: it cannot be held */
	bool is_run;
};

/* All are held before the first is waited for: a number may be another process's by then. */
static int hold_all(struct target *targets, size_t count, struct waiting *waiting) {
	int worst = STATUS_ENDED, result, status;

	for (struct target *target = targets; target < targets + count; target++) {
		target->is_run = is_run(target->text);
		if (target->is_run)
			continue;
		result = target_hold(&verb_wait, target->text, &target->hold);
		status = result == HOLD_GONE ? tell_gone(waiting, target->text)
			 : result < 0        ? STATUS_ERROR
					     : STATUS_ENDED;
		worst = status > worst ? status : worst;
	}
	return worst;
}

static int wait_for(struct hold *h, const char *target, struct waiting *waiting) {
	struct hold_status status = { .size = sizeof status };
	int result = waiting->trees ? hold_tree_wait(h, waiting->deadline) : 0, ended;

	ended = result < 0 ? result : hold_wait(h, waiting->deadline, &status);
	if (result != HOLD_PENDING)
		result = ended;
	if (result < 0) {
		say("wait: '%s': %s", target, error_text(result));
		return STATUS_ERROR;
	}
	if (!print_status(waiting, target, &status))
		return say_unwritten();
	if (result == HOLD_PENDING)
		return STATUS_TIMED_OUT;
	return status.how == HOLD_HOW_UNKNOWN ? STATUS_UNKNOWN : STATUS_ENDED;
}

static int wait_for_all(char **texts, size_t count, struct waiting *waiting) {
	struct target *targets = calloc(count, sizeof *targets);
	int worst, status;

	if (!targets) {
		say("wait: %s", strerror(errno));
		return STATUS_FAILED;
	}
	for (size_t i = 0; i < count; i++)
		targets[i].text = texts[i];
	worst = hold_all(targets, count, waiting);
	for (size_t i = 0; i < count; i++) {
		status = worst;
		if (!waiting->is_unwritten && targets[i].is_run)
			status = wait_for_run(targets[i].text, waiting);
		else if (!waiting->is_unwritten && targets[i].hold)
			status = wait_for(targets[i].hold, targets[i].text, waiting);
		worst = status > worst ? status : worst;
		hold_release(targets[i].hold);
	}
	free(targets);
	return worst;
}

int verb_wait_main(int argc, char **argv) {
	struct waiting waiting = { .deadline = HOLD_FOREVER };
	bool is_for_ready = false;
	int64_t ns;
	int found;

	while ((found = options_next(&verb_wait, argc, argv)) != OPTIONS_END) {
		if (found == OPTIONS_SAID)
			return 0;
		if (found == OPTIONS_WRONG)
			return STATUS_FAILED;
		waiting.as_json |= found == OPTION_JSON;
		waiting.trees |= found == OPTION_TREE;
		is_for_ready |= found == OPTION_READY;
		if (found != OPTION_TIMEOUT)
			continue;
		if (!option_duration("wait", "--timeout", optarg, &ns))
			return STATUS_FAILED;
		waiting.deadline = hold_after_ms(duration_ms(ns));
	}
	if (optind == argc) {
		say("wait: no process to wait for");
		return STATUS_FAILED;
	}
	if (is_for_ready && (waiting.as_json || waiting.trees)) {
		say("wait: --ready is about no end, as --json and --tree are");
		hint("hold wait --ready NAME, then hold wait --json NAME");
		return STATUS_FAILED;
	}
	if (is_for_ready)
		return wait_until_all_ready(argv + optind, waiting.deadline);
	return wait_for_all(argv + optind, (size_t)(argc - optind), &waiting);
}
