/* SPDX-License-Identifier: ISC */
/* hold nice: nice(1), and the same for processes that run. A link to hold that is named nice runs this. */
#include "../common/error-text.h"
#include "../common/message.h"
#include "../common/options.h"
#include "../common/parse-number.h"
#include "../store/target.h"
#include "verbs.h"

#include <pidhold.h>

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_ADJUSTMENT, OPTION_PID, USUAL_ADJUSTMENT = 10 };

static const struct option_line lines[] = {
	{ 'n', "adjustment", "N", COMMON, "add N to the niceness, in place of 10", "" },
	{ 0, "pid", NULL, COMMON, "change running processes, all threads of each",
	  "The operands are pids or references." },
};

static const struct verb verb_nice = {
	"nice",
	"Starts a command with another niceness. Without a command it prints the niceness.",
	"[COMMAND [ARGUMENT...]] | --pid PID|REFERENCE...",
	lines,
	2,
	"-N means -n N. 19 is the kindest to others, -20 the least, which takes privileges.\n"
	"The command takes hold's place. If the niceness cannot be set, it is started all the same.\n"
	"Exit status: the command's; 125 hold failed, 126 the command is not executable, 127 it was not found.\n"
	"With --pid: 0, 1 if any of them could not be changed, 125 hold failed or was misused.\n",
	"hold nice -n 5 make",
};

static bool is_old_form(const char *argument) {
	const char *digits = argument + 1;

	if (argument[0] != '-')
		return false;
	digits += *digits == '-' || *digits == '+';
	return *digits >= '0' && *digits <= '9';
}

static bool parse_adjustment(const char *text, int *ret) {
	int64_t number;

	/* A number beyond the ends has the effect of the ends. */
	if (!parse_number_clamped(text, &number)) {
		say("nice: '%s': not a number", text);
		return false;
	}
	*ret = number > 39 ? 39 : number < -39 ? -39 : (int)number;
	return true;
}

static bool change(const char *target, int adjustment) {
	int niceness, autogroup, result;
	struct hold *h;

	if (target_hold(&verb_nice, target, &h) != 0)
		return false;
	result = hold_renice(h, adjustment, &niceness, &autogroup);
	hold_release(h);
	if (result != 0) {
		say("nice: '%s': %s", target, result == HOLD_GONE ? "has ended" : error_text(result));
		return false;
	}
	if (autogroup != HOLD_NO_AUTOGROUP)
		print_clean("%s: niceness %d, its session's %d", target, niceness, autogroup);
	else
		print_clean("%s: niceness %d", target, niceness);
	return true;
}

static int change_all(char **targets, int adjustment) {
	int failed = 0;

	if (!*targets) {
		say("nice: no process");
		return STATUS_FAILED;
	}
	for (; *targets; targets++)
		failed += !change(*targets, adjustment);
	return failed > 0;
}

static int print_niceness(void) {
	int niceness;

	hold_nice(0, &niceness);
	print_clean("%d", niceness);
	if (output_is_written())
		return 0;
	say("nice: %s", strerror(errno));
	return STATUS_FAILED;
}

static int execute(char **command, int adjustment) {
	const int error = hold_nice(adjustment, NULL);
	int failure;

	/* If the warning cannot be written the command does not run: the user would not know that it runs unchanged. */
	if (error < 0 && !say("nice: cannot set the niceness: %s", strerror(-error)))
		return STATUS_FAILED;
	execvp(command[0], command);
	failure = errno;
	say("nice: '%s': %s", command[0], strerror(failure));
	return failure == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
}

int verb_nice_main(int argc, char **argv) {
	int adjustment = USUAL_ADJUSTMENT, found;
	bool is_given = false, of_processes = false;

	for (;;) {
		const char *value;

		if (optind < argc && is_old_form(argv[optind])) {
			value = argv[optind++] + 1;
		} else {
			found = options_next(&verb_nice, argc, argv);
			if (found == OPTIONS_END)
				break;
			if (found == OPTIONS_SAID || found == OPTIONS_WRONG)
				return found == OPTIONS_SAID ? 0 : STATUS_FAILED;
			of_processes |= found == OPTION_PID;
			value = found == OPTION_ADJUSTMENT ? optarg : NULL;
		}
		is_given |= value != NULL;
		if (value && !parse_adjustment(value, &adjustment))
			return STATUS_FAILED;
	}
	if (of_processes)
		return change_all(argv + optind, adjustment);
	if (argv[optind])
		return execute(argv + optind, adjustment);
	if (!is_given)
		return print_niceness();
	say("nice: a niceness for no command");
	return STATUS_FAILED;
}
