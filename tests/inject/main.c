/* SPDX-License-Identifier: ISC */
/*
 * inject --hold FILE [--most N] [--jobs N] [--figures FILE] [--scenario S] [--contain C] [--do ACTION]
 *	runs all that can go wrong, or about N a pair, and prints TAP: a test is a scenario with a containment.
 *	With --list it prints the options of each case instead; with --verbose also those in which hold told the truth
 *	about a failure.
 * inject --hold FILE --scenario S [--contain C] [--role R --call N|NAME#N [--do ACTION] [--errno E]]
 *	runs one case and prints its system calls.
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SKIPPED = 77 };

struct options options;
struct pair pairs[PAIRS];
size_t pair_count;

void fail(const char *what) {
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(99);
}

/* ---- one case ---- */

void open_stage(struct stage *stage) {
	sigset_t set;
	const int error = stage_open(stage, options.hold, options.command);

	if (error < 0) {
		errno = -error;
		fail("a directory");
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigemptyset(&set);
	sigaddset(&set, SIGTTOU);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void print_files(const struct stage *stage) {
	static const char *const names[] = { "side", "out", "err", "report", "audit" };
	char text[1024];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		stage_read(stage, names[i], text, sizeof text);
		if (*text)
			printf("--- %s:\n%s\n", names[i], text);
	}
}

static int run_one(void) {
	struct stage stage;
	struct outcome outcome;
	enum verdict verdict;
	char detail[TEXT_SIZE];

	if (!pair_count) {
		fprintf(stderr, "inject: there is no such scenario\n");
		return 99;
	}
	open_stage(&stage);
	errno = -trace_run(&stage, pairs, &options.fault, NULL, stdout, &outcome);
	if (errno > 0)
		fail("trace");
	verdict = judge(&stage, pairs, &options.fault, &outcome, detail);
	print_files(&stage);
	printf("%s%s: %s\n", outcome.is_reached || options.fault.action == NOTHING ? "" : "(not reached) ",
	       verdict_names[verdict], detail);
	stage_close(&stage);
	return verdict > TOLD;
}

/* In a container it may be forbidden, and before Linux 5.3 it does not tell of calls. */
static bool may_trace(void) {
	struct __ptrace_syscall_info info;
	const pid_t pid = fork();
	bool may;

	if (pid == 0) {
		pause();
		_exit(0);
	}
	may = ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0 && ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) == 0 &&
	      waitpid(pid, NULL, __WALL) == pid && ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof info, &info) > 0;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, __WALL);
	return may;
}

/* ---- the command line ---- */

static int find_name(const char *name, const char *const *names, int count) {
	for (int i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0)
			return i;
	}
	fprintf(stderr, "inject: what is '%s'?\n", name);
	exit(99);
}

static void set_call(char *text) {
	char *mark = strchr(text, '#');

	options.fault.call = ANY_CALL;
	options.fault.nth = atoi(mark ? mark + 1 : text);
	options.is_one = true;
	if (!mark)
		return;
	*mark = 0;
	options.fault.call = call_number(text);
	if (options.fault.call < 0)
		find_name(text, NULL, 0);
}

static void set_option(int option, char *value) {
	struct fault *fault = &options.fault;

	switch (option) {
	case 'H':
		options.hold = realpath(value, NULL);
		break;
	case 'P':
		options.command = realpath(value, NULL);
		break;
	case 's':
		options.scenario = value;
		break;
	case 'C':
		options.contain = value;
		break;
	case 'r':
		fault->role = (enum role)find_name(value, role_names, ROLES);
		break;
	case 'c':
		set_call(value);
		break;
	case 'd':
		fault->action = (enum action)find_name(value, action_names, ACTIONS);
		break;
	case 'E':
		fault->error = error_number(value);
		break;
	case 'm':
		options.most = (size_t)atol(value);
		break;
	case 'j':
		options.jobs = atoi(value);
		break;
	case 'f':
		options.figures = value;
		break;
	case 'w':
		watchdog_ms = atoi(value) * 1000;
		break;
	case 'v':
		options.is_verbose = true;
		break;
	case 'l':
		options.is_list = true;
		break;
	case '1':
		options.is_one = true;
		break;
	default:
		exit(99);
	}
}

static void take_options(int argc, char **argv) {
	static const struct option list[] = {
		{ "hold", 1, NULL, 'H' },    { "command", 1, NULL, 'P' }, { "scenario", 1, NULL, 's' },
		{ "contain", 1, NULL, 'C' }, { "role", 1, NULL, 'r' },    { "call", 1, NULL, 'c' },
		{ "do", 1, NULL, 'd' },      { "errno", 1, NULL, 'E' },   { "most", 1, NULL, 'm' },
		{ "jobs", 1, NULL, 'j' },    { "figures", 1, NULL, 'f' }, { "watchdog", 1, NULL, 'w' },
		{ "one", 0, NULL, '1' },     { "list", 0, NULL, 'l' },    { "verbose", 0, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	options = (struct options){ .jobs = 12 };
	while ((option = getopt_long(argc, argv, "", list, NULL)) >= 0)
		set_option(option, optarg);
	if (options.fault.error && options.fault.action == NOTHING)
		options.fault.action = FAIL_ONCE;
	if (!options.hold || !options.command)
		find_name("without --hold or --command", NULL, 0);
}

/* Those that the options name; all if they name none. */
static void choose_pairs(void) {
	struct pair all[PAIRS];
	const size_t count = pairs_list(all, PAIRS);

	for (size_t i = 0; i < count; i++) {
		if (options.scenario && strcmp(options.scenario, all[i].scenario->name) != 0)
			continue;
		if (!options.contain || strcmp(options.contain, all[i].contain) == 0)
			pairs[pair_count++] = all[i];
	}
}

int main(int argc, char **argv) {
	take_options(argc, argv);
	choose_pairs();
	if (!may_trace()) {
		printf("# SKIP processes may not be traced here\n1..0 # SKIP processes may not be traced here\n");
		return SKIPPED;
	}
	return options.is_one ? run_one() : suite_run();
}
