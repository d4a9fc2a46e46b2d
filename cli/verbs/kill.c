/* SPDX-License-Identifier: ISC */
/* hold kill and hold killpg: a signal to processes, to groups. */
#include "../common/error-text.h"
#include "../common/message.h"
#include "../common/options.h"
#include "../common/parse-number.h"
#include "../common/signal-name.h"
#include "../store/find.h"
#include "../store/target.h"
#include "verbs.h"

#include <pidhold.h>

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_SOME = 64 }; /* as kill(1) of util-linux: some were signalled and some were not */

enum { OPTION_SIGNAL, OPTION_LIST };

/* killpg has only the first. */
static const struct option_line lines[] = {
	{ 's', "signal", "SIG", COMMON, "the signal, in place of TERM: TERM, SIGTERM, 15, RTMIN+3", "" },
	{ 'l', "list", NULL, COMMON, "list the signals, or translate the operands: names, numbers, exit statuses", "" },
};

static const struct verb verb_kill = {
	"kill",
	"Sends a signal to processes, each named by its pid, its reference PID:INODE, or as a run.",
	"PID|REFERENCE|NAME...",
	lines,
	2,
	"-SIG means -s SIG. Groups are signalled by 'hold killpg'.\n"
	"Exit status: 0 all were signalled, 64 some, 1 none, 125 hold was misused.\n",
	"hold kill -s HUP 4711",
};

static const struct verb verb_killpg = {
	"killpg",
	"Sends a signal to process groups.",
	"PGID...",
	lines,
	1,
	"-SIG means -s SIG.\n"
	"Exit status: 0 all were signalled, 64 some, 1 none, 125 hold was misused.\n",
	"hold killpg -s INT 4711",
};

static bool refuse(const struct verb *verb, const char *target, const char *why) {
	say("%s: '%s': %s", verb->name, target, why);
	return false;
}

static const char init_is_spared[] = "process 1 is what everything else lives by; hold does not signal it";

static bool send_by_reference(const struct verb *verb, const char *target, int signal) {
	struct hold *h;
	int result = hold_adopt_reference(&h, target);

	if (result == -EINVAL)
		return refuse(verb, target, "neither a pid nor a reference");
	if (result == 0) {
		const bool is_init = hold_pid(h) == 1;

		result = is_init ? 0 : hold_signal(h, signal);
		hold_release(h);
		if (is_init)
			return refuse(verb, target, init_is_spared);
	}
	if (result == HOLD_GONE)
		return refuse(verb, target, "has ended");
	return result == 0 || refuse(verb, target, error_text(result));
}

static bool send_to_run(const char *target, int signal) {
	struct hold *h;
	int result;

	if (target_hold(&verb_kill, target, &h) != 0)
		return false;
	result = hold_signal(h, signal);
	hold_release(h);
	return result == 0 || refuse(&verb_kill, target, result == HOLD_GONE ? "has ended" : error_text(result));
}

static bool read_number(const struct verb *verb, const char *target, const char *too_large, const char *no_number,
			int64_t *ret) {
	switch (parse_pid(target, ret)) {
	case PARSED_NUMBER:
		return true;
	case PARSED_TOO_LARGE:
		return refuse(verb, target, too_large);
	default:
		return refuse(verb, target, no_number);
	}
}

static bool send_to_process(const char *target, int signal) {
	int64_t pid;
	int result;

	if (run_is_named(target))
		return send_to_run(target, signal);
	if (strchr(target, ':'))
		return send_by_reference(&verb_kill, target, signal);
	if (!read_number(&verb_kill, target, "no pid is that large", "neither a pid nor a reference", &pid))
		return false;
	if (pid == 1)
		return refuse(&verb_kill, target, init_is_spared);
	if (pid == 0 || pid == -1)
		return refuse(&verb_kill, target,
			      pid ? "that is every process there is; hold does not signal those"
				  : "that is hold's own group; hold does not signal that");
	if (pid < 0)
		return refuse(&verb_kill, target, "groups are signalled by 'hold killpg'");
	result = hold_kill(pid, signal);
	return result == 0 || refuse(&verb_kill, target, strerror(-result));
}

static bool send_to_group(const char *target, int signal) {
	int64_t group;
	int result;

	if (!read_number(&verb_killpg, target, "no group is that large", "not a process group", &group))
		return false;
	if (group == 0 || group == getpgrp())
		return refuse(&verb_killpg, target,
			      "that is hold's own group, and its caller's; hold does not signal that");
	if (group == 1 || group == -1)
		return refuse(&verb_killpg, target, "that is every process there is; hold does not signal those");
	if (group < 0)
		return refuse(&verb_killpg, target, "a group is named by its number, without a sign");
	result = hold_killpg(group, signal);
	return result == 0 || refuse(&verb_killpg, target, strerror(-result));
}

static bool parse_signal(const struct verb *verb, const char *text, int *ret) {
	const char *near;

	*ret = signal_number(text);
	if (*ret >= 0)
		return true;
	say("%s: '%s': no such signal", verb->name, text);
	near = signal_suggest(text);
	if (near)
		hint("did you mean %s?", near);
	return false;
}

/* Whether it is the old form, -TERM or -9, by what follows the dash; -TREM, a misspelt signal, counts too. */
static bool is_old_form(const char *argument) {
	const char first = argument[0] == '-' ? argument[1] : 0;

	if (strcmp(argument, "-V") == 0)
		return false;
	return (first >= '0' && first <= '9') || (first >= 'A' && first <= 'Z') ||
	       (first && signal_number(argument + 1) > 0);
}

static const char *bare_name(int signal, char text[SIGNAL_NAME_SIZE]) {
	return strncmp(signal_name(signal, text), "SIG", 3) == 0 ? text + 3 : NULL;
}

static void list_all(void) {
	char text[SIGNAL_NAME_SIZE];
	const char *name;

	for (int signal = 1; signal <= SIGRTMAX; signal++) {
		name = bare_name(signal, text);
		if (name)
			print("%d %s\n", signal, name);
	}
}

/* A name becomes a number, a number a name; also that of a shell's status of a process that the signal ended. */
static bool translate(const char *word) {
	char text[SIGNAL_NAME_SIZE];
	const char *name;
	int64_t number;
	int signal;

	if (!parse_number(word, 1, 128 + SIGRTMAX, &number)) {
		if (!parse_signal(&verb_kill, word, &signal))
			return false;
		print("%d\n", signal);
		return true;
	}
	name = bare_name((int)(number > 128 ? number - 128 : number), text);
	if (!name)
		return refuse(&verb_kill, word, "no such signal");
	print("%s\n", name);
	return true;
}

static int list(char **words) {
	bool all_are_known = true;

	if (!*words)
		list_all();
	for (; *words; words++)
		all_are_known = translate(*words) && all_are_known;
	if (!output_is_written())
		return say_unwritten();
	return all_are_known ? 0 : 1;
}

static int send_to_all(const struct verb *verb, int argc, char **argv, bool (*send)(const char *target, int signal)) {
	int signal = SIGTERM, found, sent = 0, targets;
	bool is_list = false;

	if (argc > 1 && is_old_form(argv[1])) {
		if (!parse_signal(verb, argv[1] + 1, &signal))
			return STATUS_FAILED;
		optind = 2;
	}
	while ((found = options_next(verb, argc, argv)) != OPTIONS_END) {
		if (found == OPTIONS_SAID)
			return 0;
		if (found == OPTIONS_WRONG)
			return STATUS_FAILED;
		if (found == OPTION_SIGNAL && !parse_signal(verb, optarg, &signal))
			return STATUS_FAILED;
		is_list |= found == OPTION_LIST;
	}
	if (is_list)
		return list(argv + optind);
	targets = argc - optind;
	if (targets == 0) {
		say("%s: nothing to signal", verb->name);
		hint("hold %s [-s SIG] %s", verb->name, verb->operands);
		return STATUS_FAILED;
	}
	for (int i = optind; i < argc; i++)
		sent += send(argv[i], signal);
	return sent == targets ? 0 : sent ? STATUS_SOME : 1;
}

int verb_kill_main(int argc, char **argv) {
	return send_to_all(&verb_kill, argc, argv, send_to_process);
}

int verb_killpg_main(int argc, char **argv) {
	return send_to_all(&verb_killpg, argc, argv, send_to_group);
}
