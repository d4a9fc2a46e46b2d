/* SPDX-License-Identifier: ISC */
/*
 * inject --hold FILE [--most N] [--jobs N] [--figures FILE] [--scenario S] [--contain C]
 *	runs all that can go wrong, or about N a pair, and prints TAP: a test is a scenario with a containment.
 * inject --hold FILE --scenario S [--contain C] [--role R --call N|NAME#N [--do ACTION] [--errno E]]
 *	runs one case and prints its system calls.
 */
#include "inject.h"

#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAIRS = 64, CALLS = 4096, JOBS = 100000, SKIPPED = 77 };

struct options {
	const char *hold, *command, *scenario, *contain, *figures;
	int jobs;
	size_t most; /* cases of a pair; 0: all */
	bool is_one;
	struct fault fault;
};

/* What the workers share. */
struct shared {
	atomic_size_t next;
	size_t count;
	struct {
		enum verdict verdict;
		int status;
		size_t first, count;
		char detail[TEXT_SIZE], skip[80];
	} pairs[PAIRS];
	struct job jobs[JOBS];
};

static struct options options;
static struct pair pairs[PAIRS];
static size_t pair_count;
static struct shared *shared;

static void fail(const char *what) {
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(99);
}

/* ---- one case ---- */

static void open_stage(struct stage *stage) {
	sigset_t set;
	const int error = stage_open(stage, options.hold, options.command);

	if (error < 0) {
		errno = -error;
		fail("a folder");
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

/* ---- all of them ---- */

static void *share(size_t size) {
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail("memory");
	return memory;
}

/* Calls work(stage, i) for each i below count, by several processes. */
static void spread(size_t count, void (*work)(const struct stage *stage, size_t index)) {
	pid_t pid = 0;

	shared->next = 0;
	for (int i = 0; i < options.jobs; i++) {
		struct stage stage;

		pid = fork();
		if (pid != 0)
			continue;
		open_stage(&stage);
		for (size_t index; (index = shared->next++) < count;)
			work(&stage, index);
		stage_close(&stage);
		_exit(0);
	}
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

static struct recording *recordings;

static const char *skip_reason(const struct pair *pair, const char *detail) {
	if (!strstr(detail, "containment"))
		return "";
	if (strcmp(pair->contain, "cgroup") == 0)
		return "no control group can be made here";
	return strcmp(pair->contain, "pidns") == 0 ? "PID namespaces are not allowed here" : "there can be no keeper here";
}

static void record_pair(const struct stage *stage, size_t index) {
	static const struct fault none = { .action = NOTHING };
	struct outcome outcome;
	const int error = trace_run(stage, &pairs[index], &none, &recordings[index], NULL, &outcome);

	if (error < 0) {
		shared->pairs[index].verdict = UNTRUE;
		snprintf(shared->pairs[index].detail, TEXT_SIZE, "%s", strerror(-error));
		return;
	}
	shared->pairs[index].verdict = judge(stage, &pairs[index], &none, &outcome, shared->pairs[index].detail);
	if (shared->pairs[index].verdict != RIGHT)
		snprintf(shared->pairs[index].skip, sizeof shared->pairs[index].skip, "%s",
			 skip_reason(&pairs[index], shared->pairs[index].detail));
}

/* Neighbours take as long as each other: in this order the end is not left to one worker. */
static size_t spread_index(size_t index) {
	return (index * 7919) % shared->count;
}

static void run_job(const struct stage *stage, size_t index) {
	struct job *job = &shared->jobs[spread_index(index)];
	struct outcome outcome;
	const int error = trace_run(stage, &pairs[job->pair], &job->fault, NULL, NULL, &outcome);

	job->is_reached = outcome.is_reached;
	if (error < 0) {
		job->verdict = UNTRUE;
		snprintf(job->detail, TEXT_SIZE, "the tracer: %s", strerror(-error));
		return;
	}
	job->verdict = judge(stage, &pairs[job->pair], &job->fault, &outcome, job->detail);
	/* It is a fault of its own then, which is told once. */
	if (job->verdict == MISUSED && shared->pairs[job->pair].verdict == MISUSED)
		job->verdict = RIGHT;
}

static void plan_all(void) {
	for (size_t i = 0; i < pair_count; i++) {
		/* A limit takes its time each time. */
		const size_t most = pairs[i].scenario->has_limit ? (options.most + 2) / 3 : options.most;

		shared->pairs[i].first = shared->count;
		if (shared->pairs[i].verdict == RIGHT || shared->pairs[i].verdict == MISUSED)
			shared->count += plan_pair((int)i, &recordings[i], most, shared->jobs + shared->count,
						   JOBS - shared->count);
		shared->pairs[i].count = shared->count - shared->pairs[i].first;
	}
	if (shared->count == 7919) /* spread_index's step */
		shared->count--;
}

static void print_faults(size_t index, size_t *ret_failed, size_t *ret_reached) {
	char text[160];

	for (size_t i = 0; i < shared->pairs[index].count; i++) {
		const struct job *job = &shared->jobs[shared->pairs[index].first + i];

		*ret_reached += job->is_reached;
		if (job->verdict <= TOLD)
			continue;
		++*ret_failed;
		fault_text(&job->fault, text, sizeof text);
		printf("# %s: --scenario %s%s%s %s%s: %s\n", verdict_names[job->verdict],
		       pairs[index].scenario->name, *pairs[index].contain ? " --contain " : "", pairs[index].contain,
		       text, job->is_reached ? "" : " (not reached)", job->detail);
	}
}

static bool print_pair(size_t index) {
	const struct pair *pair = &pairs[index];
	size_t failed = 0, reached = 0;
	char name[160];

	snprintf(name, sizeof name, "hold tells the truth whatever goes wrong: %s %s", pair->scenario->name,
		 pair->contain);
	if (*shared->pairs[index].skip) {
		printf("# SKIP %s\nok %zu - %s # SKIP\n", shared->pairs[index].skip, index + 1, name);
		return true;
	}
	if (shared->pairs[index].verdict != RIGHT)
		printf("# nothing was injected: %s: %s\n", verdict_names[shared->pairs[index].verdict],
		       shared->pairs[index].detail);
	print_faults(index, &failed, &reached);
	printf("# %zu tries, %zu reached, %zu failed\n", shared->pairs[index].count, reached, failed);
	failed += shared->pairs[index].verdict != RIGHT;
	printf("%sok %zu - %s\n", failed ? "not " : "", index + 1, name);
	return !failed;
}

/* A line: action, role, verdict, how many. */
static void write_figures(void) {
	static size_t figures[ACTIONS][ROLES][VERDICTS];
	FILE *file = fopen(options.figures, "we");

	if (!file)
		fail(options.figures);
	for (size_t i = 0; i < shared->count; i++) {
		const struct job *job = &shared->jobs[i];

		if (job->is_reached || job->verdict > TOLD)
			figures[job->fault.action][job->fault.role][job->verdict]++;
	}
	for (int action = 0; action < ACTIONS; action++) {
		for (int role = 0; role < ROLES; role++) {
			for (int verdict = 0; verdict < VERDICTS; verdict++) {
				if (figures[action][role][verdict])
					fprintf(file, "%s\t%s\t%s\t%zu\n", action_names[action], role_names[role],
						verdict_names[verdict], figures[action][role][verdict]);
			}
		}
	}
	if (fclose(file) != 0)
		fail(options.figures);
}

static bool may_trace(void) {
	const pid_t pid = fork();
	bool may;

	if (pid == 0) {
		pause();
		_exit(0);
	}
	may = ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, __WALL);
	return may;
}

static int run_all(void) {
	bool all_right = true;

	shared = share(sizeof *shared);
	recordings = share(PAIRS * sizeof *recordings);
	for (size_t i = 0; i < pair_count; i++)
		recordings[i] = (struct recording){ .calls = share(CALLS * sizeof(struct seen_call)), .room = CALLS };
	spread(pair_count, record_pair);
	plan_all();
	spread(shared->count, run_job);
	for (size_t i = 0; i < pair_count; i++)
		all_right &= print_pair(i);
	printf("1..%zu\n", pair_count);
	if (options.figures)
		write_figures();
	return !all_right;
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
	case 'H': options.hold = realpath(value, NULL); break;
	case 'P': options.command = realpath(value, NULL); break;
	case 's': options.scenario = value; break;
	case 'C': options.contain = value; break;
	case 'r': fault->role = (enum role)find_name(value, role_names, ROLES); break;
	case 'c': set_call(value); break;
	case 'd': fault->action = (enum action)find_name(value, action_names, ACTIONS); break;
	case 'E': fault->error = error_number(value); break;
	case 'm': options.most = (size_t)atol(value); break;
	case 'j': options.jobs = atoi(value); break;
	case 'f': options.figures = value; break;
	case 'w': watchdog_ms = atoi(value) * 1000; break;
	case '1': options.is_one = true; break;
	default: exit(99);
	}
}

static void take_options(int argc, char **argv) {
	static const struct option list[] = {
		{ "hold", 1, NULL, 'H' },   { "command", 1, NULL, 'P' }, { "scenario", 1, NULL, 's' },
		{ "contain", 1, NULL, 'C' }, { "role", 1, NULL, 'r' },   { "call", 1, NULL, 'c' },
		{ "do", 1, NULL, 'd' },     { "errno", 1, NULL, 'E' },   { "most", 1, NULL, 'm' },
		{ "jobs", 1, NULL, 'j' },   { "figures", 1, NULL, 'f' }, { "watchdog", 1, NULL, 'w' },
		{ "one", 0, NULL, '1' },    { NULL, 0, NULL, 0 },
	};
	int option;

	options = (struct options){ .jobs = 8 };
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
	return options.is_one ? run_one() : run_all();
}
