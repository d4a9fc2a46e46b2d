/* SPDX-License-Identifier: ISC */
/*
 * hold timeout: the grammar, statuses and messages of timeout(1), and hold run behind them, so that a time-out ends the
 * whole tree. A link to hold that is named timeout runs this.
 */
#include "../common/duration.h"
#include "../common/message.h"
#include "../run/run.h"
#include "../common/signal-name.h"
#include "verbs.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char help[] =
	"Usage: timeout [OPTION] DURATION COMMAND [ARG]...\n"
	"Start COMMAND, and end it and its descendants if it still runs after DURATION.\n"
	"\n"
	"      --preserve-status   end with COMMAND's status after a time-out too\n"
	"      --foreground        signals sent to timeout go to COMMAND alone; it is in the foreground always\n"
	"  -k, --kill-after=DURATION   send KILL if it still runs this time after the first signal\n"
	"  -s, --signal=SIGNAL     the signal at the time-out, by name or number, in place of TERM\n"
	"  -v, --verbose           say on standard error which signal is sent\n"
	"      --help              this text\n"
	"      --version           the version\n"
	"\n"
	"DURATION is a decimal number with s (seconds, the default), m, h or d behind it. 0 is no limit.\n"
	"\n"
	"Exit status: 124 the time was up, 125 timeout itself failed, 126 COMMAND could not be\n"
	"executed, 127 it was not found, 137 it was killed by KILL; else COMMAND's.\n"
	"\n"
	"Example: timeout -k 5 1m make check. Manual: hold(1)\n";

enum { OPTION_HELP = 256, OPTION_VERSION, OPTION_PRESERVE, OPTION_FOREGROUND };

static const struct option options[] = {
	{ "kill-after", required_argument, NULL, 'k' },
	{ "signal", required_argument, NULL, 's' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "preserve-status", no_argument, NULL, OPTION_PRESERVE },
	{ "foreground", no_argument, NULL, OPTION_FOREGROUND },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL, 0, NULL, 0 },
};

static int point_to_help(void) {
	fprintf(stderr, "Try 'timeout --help' for more information.\n");
	return STATUS_FAILED;
}

/* The messages of getopt_long, which itself would not clean the names. `here` is the argument that it has read. */
static void say_wrong_option(int found, const char *here) {
	if (found == ':' && optopt && strncmp(here, "--", 2) != 0)
		say_as_timeout("option requires an argument -- '%c'", optopt);
	else if (found == ':')
		say_as_timeout("option '%s' requires an argument", here);
	else if (strncmp(here, "--", 2) != 0)
		say_as_timeout("invalid option -- '%c'", optopt);
	else if (optopt)
		say_as_timeout("option '%.*s' doesn't allow an argument", (int)strcspn(here, "="), here);
	else
		say_as_timeout("unrecognized option '%s'", here);
}

static bool parse_duration(const char *text, int64_t *ret_ns) {
	if (duration_parse_as_timeout(text, ret_ns))
		return true;
	say_as_timeout("invalid time interval '%s'", text);
	return false;
}

/* As in timeout(1), a number may also be a status, of a shell or of wait(2), of a process that the signal ended. */
static int signal_of_number(const char *text) {
	char name[SIGNAL_NAME_SIZE], *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (*end || errno || number > INT_MAX)
		return -1;
	number &= number >= 0xff ? 0xff : 0x7f;
	/* The C library's own signals have no name. */
	return number == 0 || strncmp(signal_name((int)number, name), "SIG", 3) == 0 ? (int)number : -1;
}

static bool parse_signal(const char *text, int *ret) {
	if (*text >= '0' && *text <= '9')
		*ret = signal_of_number(text);
	else
		*ret = strcasecmp(text, "EXIT") && strcasecmp(text, "SIGEXIT") ? signal_number(text) : 0;
	if (*ret >= 0)
		return true;
	say_as_timeout("'%s': invalid signal", text);
	return false;
}

static int end_of_text(void) {
	if (output_is_written())
		return 0;
	say_as_timeout("write error: %s", strerror(errno));
	return STATUS_FAILED;
}

/* Returns the exit status, or -1 to go on. */
static int take_options(struct run_command_line *line, int argc, char **argv, int *ret_signal, int64_t *ret_kill_ns) {
	const char *here;
	int found;

	opterr = 0;
	while (here = argv[optind], (found = getopt_long(argc, argv, "+:k:s:v", options, NULL)) != -1) {
		switch (found) {
		case 'k':
			if (!parse_duration(optarg, ret_kill_ns))
				return point_to_help();
			break;
		case 's':
			if (!parse_signal(optarg, ret_signal))
				return point_to_help();
			break;
		case 'v':
			line->verbose = true;
			break;
		case OPTION_PRESERVE:
			line->preserve_status = true;
			break;
		case OPTION_FOREGROUND:
			line->to_command_alone = true;
			break;
		case OPTION_HELP:
			print("%s", help);
			return end_of_text();
		case OPTION_VERSION:
			print("timeout (pidhold) %s\n", hold_version());
			return end_of_text();
		default:
			say_wrong_option(found, here);
			return point_to_help();
		}
	}
	return -1;
}

int verb_timeout_main(int argc, char **argv) {
	struct run_command_line line = {
		.lifeline = -1, .as_timeout = true, .quiet = true, .orphans = ORPHANS_KEEP, .ladder_count = 1
	};
	int64_t kill_ns = 0;
	int signal = SIGTERM, status;

	status = take_options(&line, argc, argv, &signal, &kill_ns);
	if (status >= 0)
		return status;
	if (argc - optind < 2) {
		if (argc == optind)
			say_as_timeout("missing operand");
		else
			say_as_timeout("missing operand after '%s'", argv[argc - 1]);
		return point_to_help();
	}
	if (!parse_duration(argv[optind], &line.time_limit_ns))
		return point_to_help();
	line.command = argv + optind + 1;
	line.ladder[0] = (struct hold_rung){ .signal = signal, .wait_ms = duration_ms(kill_ns) };
	if (kill_ns)
		line.ladder[line.ladder_count++] = (struct hold_rung){ .signal = SIGKILL };
	return run_line(&line, NULL);
}
