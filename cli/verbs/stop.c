/* SPDX-License-Identifier: ISC */
/* hold stop: ends processes that hold did not start, by a ladder, alone or with their descendants. */
#include "../run/descendants.h"
#include "../common/ancestry.h"
#include "../common/error-text.h"
#include "../common/ladder.h"
#include "../common/message.h"
#include "../common/options.h"
#include "../store/ending.h"
#include "../store/find.h"
#include "../store/target.h"
#include "verbs.h"

#include <pidhold.h>

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <unistd.h>

enum { OPTION_TREE, OPTION_LADDER, OPTION_QUIET };

static const struct option_line lines[] = {
	{ 0, "tree", NULL, COMMON, "with their descendants", "" },
	{ 0, "ladder", "STEPS", COMMON, "how they are stopped: TERM,5s,KILL",
	  "Signals, each with the time that it has to work. CONT follows each except KILL." },
	{ 'q', "quiet", NULL, COMMON, "say only what went wrong", "" },
};

static const struct verb verb_stop = {
	"stop",
	"Ends processes, and returns when they have ended.",
	"PID|REFERENCE|NAME...",
	lines,
	3,
	"Process 1 and hold itself are never ended. With --tree no ancestor of hold is ended either.\n"
	"A detached run is ended as a whole, by the ladder that it was started with.\n"
	"The children of a process that had ended before are not found: they belong to another parent.\n"
	"Exit status: 0 all have ended, 1 an error, 123 a process could not be ended, 125 hold was misused.\n",
	"hold stop --tree 4711",
};

struct stop {
	struct hold_rung rungs[HOLD_LADDER_MAX];
	const struct hold_rung *ladder; /* NULL: the usual one */
	size_t count;
	bool trees, quiet;
};

static int say_survivor(void *context, const struct hold_member *member) {
	(void)context;
	say_member("stop: could not be ended", member);
	return 0;
}

static int stop_tree(const struct stop *stop, struct hold *h, const char *target) {
	struct hold_tree_report report = { .size = sizeof report };
	const int result = hold_tree_stop(h, stop->ladder, stop->count, &report, say_survivor, NULL);

	if ((result == 0 || result == HOLD_NONE_SEEN) && !stop->quiet)
		say("stop: %s: %" PRIu32 " ended, %" PRIu32 " terminated, %" PRIu32 " killed", target, report.ended,
		    report.terminated, report.killed);
	return result;
}

/* A tree that cannot be looked at for lack of room could not be ended as a whole either, so none of it is signalled. */
static const char *reason_to_spare_tree(struct hold *h) {
	bool is_ancestor;
	const int result = ancestry_look(h, &is_ancestor);

	if (is_ancestor)
		return "hold itself descends from it and would end with it, and so would its caller";
	return result == -EMFILE || result == -ENFILE || result == -ENOMEM ? error_text(result) : NULL;
}

/* Why this process is not to be ended, or NULL. It may be named by its number or by its reference. */
static const char *reason_to_spare(const struct stop *stop, struct hold *h) {
	if (hold_pid(h) == getpid())
		return "that is hold itself";
	if (hold_pid(h) == 1)
		return "process 1 is what everything else lives by; hold does not stop it";
	return stop->trees ? reason_to_spare_tree(h) : NULL;
}

static int stop_one(const struct stop *stop, const char *target) {
	const char *reason;
	struct hold *h = NULL;
	int result = (stop->quiet ? target_hold_if_there : target_hold)(&verb_stop, target, &h);

	if (result != 0)
		return result == HOLD_GONE ? 0 : 1;
	reason = reason_to_spare(stop, h);
	if (reason) {
		say("stop: '%s': %s", target, reason);
		hold_release(h);
		return 1;
	}
	if (stop->trees)
		result = stop_tree(stop, h, target);
	else
		result = hold_stop(h, stop->ladder, stop->count);
	hold_release(h);
	if (result == HOLD_PENDING)
		say("stop: '%s': lives on, the ladder being at its end", target);
	else if (result < 0)
		say("stop: '%s': %s", target, error_text(result));
	if (result == HOLD_PENDING || result == HOLD_SURVIVORS)
		return STATUS_LEFT;
	return result < 0;
}

/* ---- detached runs ---- */

/* What the record says when the run has ended. */
static int tell_survivors(const struct stop *stop, const char *name) {
	struct run_entry run;
	int64_t survivors;

	if (!run_find("stop", name, false, &run))
		return 0; /* forgotten meanwhile */
	survivors = run.record.survivors;
	run_unload(&run);
	if (!survivors)
		return 0;
	if (!stop->quiet)
		say("stop: '%s': %" PRId64 " of its processes could not be ended", name, survivors);
	return STATUS_LEFT;
}

/* A run that the caller is a part of would end in the middle of the stop. */
static const char *reason_to_spare_run(const struct run_entry *run) {
	const char *reason;
	struct hold *h;

	if (!run->record.reference)
		return "is being started";
	if (hold_adopt_reference(&h, run->record.reference) != 0)
		return NULL;
	reason = reason_to_spare_tree(h);
	hold_release(h);
	return reason;
}

static int end_run(const struct stop *stop, const char *name, const struct run_entry *run) {
	const char *reason = reason_to_spare_run(run);
	int result;

	if (reason) {
		say("stop: '%s': %s", name, reason);
		return 1;
	}
	result = run_end(run);
	if (result == 0)
		return tell_survivors(stop, run->record.name);
	say("stop: '%s': %s", name,
	    result == HOLD_PENDING ? "lives on, the ladder being at its end" : error_text(result));
	return result == HOLD_PENDING ? STATUS_LEFT : 1;
}

static int stop_run(const struct stop *stop, const char *name) {
	struct run_entry run;
	int status = 0;

	if (stop->ladder) {
		say("stop: '%s': a run is stopped by the ladder that it was started with", name);
		hint("hold kill -s KILL %s: its descendants are ended then too", name);
		return 1;
	}
	if (!run_find("stop", name, false, &run))
		return 1;
	if (!run_is_in_reach("stop", &run))
		status = 1;
	else if (run.state == RUN_LIVES)
		status = end_run(stop, name, &run);
	else if (!stop->quiet)
		say("stop: '%s': has ended", name);
	run_unload(&run);
	return status;
}

int verb_stop_main(int argc, char **argv) {
	struct stop stop = { .count = 0 };
	int found, status, worst = 0;

	while ((found = options_next(&verb_stop, argc, argv)) != OPTIONS_END) {
		if (found == OPTIONS_SAID)
			return 0;
		if (found == OPTIONS_WRONG)
			return STATUS_FAILED;
		stop.trees |= found == OPTION_TREE;
		stop.quiet |= found == OPTION_QUIET;
		if (found != OPTION_LADDER)
			continue;
		if (!ladder_parse("stop", optarg, stop.rungs, &stop.count))
			return STATUS_FAILED;
		stop.ladder = stop.rungs;
	}
	if (optind == argc) {
		say("stop: no process");
		return STATUS_FAILED;
	}
	for (int i = optind; i < argc; i++) {
		status = run_is_named(argv[i]) ? stop_run(&stop, argv[i]) : stop_one(&stop, argv[i]);
		worst = status > worst ? status : worst;
	}
	return worst;
}
