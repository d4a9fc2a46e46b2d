/* SPDX-License-Identifier: ISC */
/* hold show: what the system shows of processes, and the reference by which each can be named from now on. */
#include "../common/error-text.h"
#include "../common/json.h"
#include "../common/message.h"
#include "../common/options.h"
#include "../store/find.h"
#include "../store/run-json.h"
#include "../store/run-text.h"
#include "../store/target.h"
#include "../common/tree-drawing.h"
#include "../common/utf8.h"
#include "verbs.h"

#include <pidhold.h>

#include <inttypes.h>
#include <stdbool.h>
#include <unistd.h>
#include <getopt.h>

static const struct option_line lines[] = {
	{ 0, "json", NULL, COMMON, "a JSON object for each", "" },
};

static const struct verb verb_show = {
	"show",
	"Shows processes and their descendants, each with the reference that names it; and detached runs.",
	"PID|REFERENCE|NAME...",
	lines,
	1,
	"Exit status: 0, 1 if any could not be shown, 125 hold was misused.\n",
	"hold show 4711",
};

static bool print_text(const char *reference, struct hold_description *process, struct members *members) {
	utf8_trim(process->command, sizeof process->command);
	print_clean("%s  state %c  parent %" PRId64 "  group %" PRId64 "  session %" PRId64 "  user %" PRIu32
		    "  niceness %" PRId32 "  threads %" PRId32 "  %s",
		    reference, process->state, process->parent, process->group, process->session, process->user,
		    process->niceness, process->threads, process->command);
	return tree_draw(members, process->pid);
}

static void put_member(struct json *json, const struct hold_member *member) {
	const char state[2] = { member->state, 0 };

	json_open(json, NULL, '{');
	json_string(json, "reference", member->reference);
	json_number(json, "pid", member->pid);
	json_number(json, "parent", member->parent);
	json_number(json, "user", member->user);
	json_string(json, "state", state);
	json_string(json, "command", member->command);
	json_close(json, '}');
}

static bool print_json(const char *reference, struct hold_description *process, struct members *members) {
	struct json json = { 0 };
	bool written;
	char state[2] = { process->state, 0 };

	json_open(&json, NULL, '{');
	json_number(&json, "version", 1);
	json_string(&json, "reference", reference);
	json_number(&json, "pid", process->pid);
	json_string(&json, "state", state);
	json_number(&json, "parent", process->parent);
	json_number(&json, "group", process->group);
	json_number(&json, "session", process->session);
	json_number(&json, "user", process->user);
	json_number(&json, "niceness", process->niceness);
	json_number(&json, "threads", process->threads);
	json_string(&json, "command", process->command);
	json_open(&json, "descendants", '[');
	for (size_t i = 0; i < members->count; i++) {
		if (members->list[i].pid != process->pid)
			put_member(&json, &members->list[i]);
	}
	json_close(&json, ']');
	json_close(&json, '}');
	written = json_write(&json, STDOUT_FILENO);
	json_free(&json);
	return written;
}

/* 0; 1 if the process could not be shown; 125 if the output could not be written. */
static int show(const char *target, bool as_json) {
	struct hold_description process = { .size = sizeof process };
	struct members members = { .list = NULL };
	char reference[96] = "";
	struct hold *h;
	bool is_written;
	int result, listed;

	if (target_hold(&verb_show, target, &h) != 0)
		return 1;
	result = hold_describe(h, &process);
	hold_reference(h, reference, sizeof reference);
	listed = hold_tree_list(h, members_add, &members);
	hold_release(h);
	if (result != 0) {
		members_free(&members);
		say("show: '%s': %s", target, result == HOLD_GONE ? "has ended" : error_text(result));
		return 1;
	}
	is_written = (as_json ? print_json : print_text)(reference, &process, &members);
	members_free(&members);
	if (!is_written)
		return say_unwritten();
	if (listed >= 0)
		return 0;
	say("show: '%s': its descendants are not all shown: %s", target, error_text(listed));
	return 1;
}

/* Of a run that lives, its process is shown too. */
static int show_run(const char *name, bool as_json) {
	struct run_entry run;
	int status = 0;

	if (!run_find("show", name, true, &run))
		return 1;
	if (as_json) {
		status = run_write_json(&run, STDOUT_FILENO) ? 0 : say_unwritten();
	} else {
		run_print(&run);
		if (run.state == RUN_LIVES && !run.is_elsewhere && run.record.reference)
			status = show(run.record.reference, false);
	}
	run_unload(&run);
	return status;
}

int verb_show_main(int argc, char **argv) {
	bool as_json = false;
	int found, status, worst = 0;

	while ((found = options_next(&verb_show, argc, argv)) != OPTIONS_END) {
		if (found == OPTIONS_SAID)
			return 0;
		if (found == OPTIONS_WRONG)
			return STATUS_FAILED;
		as_json = true;
	}
	if (optind == argc) {
		say("show: no process");
		return STATUS_FAILED;
	}
	for (int i = optind; i < argc && worst != STATUS_FAILED; i++) {
		status = (run_is_named(argv[i]) ? show_run : show)(argv[i], as_json);
		worst = status > worst ? status : worst;
	}
	return worst;
}
