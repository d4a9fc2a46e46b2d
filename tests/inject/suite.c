/* SPDX-License-Identifier: ISC */
/* All cases, by several processes that take the next one each: TAP, and figures for the table in docs/testing.md. */
#include "options.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALLS = 4096, JOBS = 100000, STEP = 7919 };

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

static struct shared *shared;

static void *share(size_t size) {
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail("memory");
	return memory;
}

static volatile sig_atomic_t is_to_end;

static void end_soon(int signal) {
	(void)signal;
	is_to_end = 1;
}

/* If the test is killed, a worker ends its case, removes its directory and its group, and ends. */
static void end_with(pid_t parent) {
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = end_soon }, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(99);
}

/* Calls work(stage, i) for each i below count, by several processes. */
static void spread(size_t count, void (*work)(const struct stage *stage, size_t index)) {
	const pid_t parent = getpid();
	pid_t pid;

	shared->next = 0;
	for (int i = 0; i < options.jobs; i++) {
		struct stage stage;

		pid = fork();
		if (pid != 0)
			continue;
		end_with(parent);
		open_stage(&stage);
		for (size_t index; !is_to_end && (index = shared->next++) < count;)
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
	if (strcmp(pair->contain, "pidns") == 0)
		return "PID namespaces are not allowed here";
	return "there can be no keeper here";
}

static void record_pair(const struct stage *stage, size_t index) {
	static const struct fault none = { .action = NOTHING };
	struct outcome outcome;
	const int error = trace_run(stage, &pairs[index], &none, &recordings[index], NULL, &outcome);

	if (error < 0) {
		shared->pairs[index].verdict = UNTRUE;
		if (pairs[index].scenario->is_first)
			strcpy(shared->pairs[index].skip, "PID namespaces are not allowed here");
		snprintf(shared->pairs[index].detail, TEXT_SIZE, "%s", strerror(-error));
		return;
	}
	count_again(stage, &pairs[index], &recordings[index]);
	shared->pairs[index].verdict = judge(stage, &pairs[index], &none, &outcome, shared->pairs[index].detail);
	if (shared->pairs[index].verdict == TOLD)
		snprintf(shared->pairs[index].skip, sizeof shared->pairs[index].skip, "%s",
			 skip_reason(&pairs[index], shared->pairs[index].detail));
}

/* Neighbours take as long as each other: in this order the end is not left to one worker. */
static size_t spread_index(size_t index) {
	return (index * STEP) % shared->count;
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
		if (shared->pairs[i].verdict <= TOLD || shared->pairs[i].verdict == MISUSED)
			shared->count += plan_pair((int)i, &recordings[i], options.fault.action, most,
						   shared->jobs + shared->count, JOBS - shared->count);
		shared->pairs[i].count = shared->count - shared->pairs[i].first;
	}
	if (shared->count % STEP == 0 && shared->count) /* its steps would not come to all of them */
		shared->count--;
}

static void case_text(const struct job *job, char *text, size_t size) {
	const struct pair *pair = &pairs[job->pair];
	char fault[160];

	fault_text(&job->fault, fault, sizeof fault);
	snprintf(text, size, "--scenario %s%s%s %s", pair->scenario->name, *pair->contain ? " --contain " : "",
		 pair->contain, fault);
}

static void print_faults(size_t index, size_t *ret_failed, size_t *ret_reached) {
	char text[300];

	for (size_t i = 0; i < shared->pairs[index].count; i++) {
		const struct job *job = &shared->jobs[shared->pairs[index].first + i];

		*ret_reached += job->is_reached;
		if (job->verdict == RIGHT || (job->verdict == TOLD && !options.is_verbose))
			continue;
		*ret_failed += job->verdict > TOLD;
		case_text(job, text, sizeof text);
		printf("# %s: %s%s: %s\n", verdict_names[job->verdict], text, job->is_reached ? "" : " (not reached)",
		       job->detail);
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
	if (shared->pairs[index].verdict > TOLD)
		printf("# nothing was injected: %s: %s\n", verdict_names[shared->pairs[index].verdict],
		       shared->pairs[index].detail);
	print_faults(index, &failed, &reached);
	printf("# %zu tries, %zu reached, %zu failed\n", shared->pairs[index].count, reached, failed);
	failed += shared->pairs[index].verdict > TOLD;
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

static void print_list(void) {
	char text[300];

	for (size_t i = 0; i < shared->count; i++) {
		case_text(&shared->jobs[i], text, sizeof text);
		puts(text);
	}
}

int suite_run(void) {
	size_t number = pair_count;
	bool all_right = true;

	shared = share(sizeof *shared);
	recordings = share(PAIRS * sizeof *recordings);
	for (size_t i = 0; i < pair_count; i++)
		recordings[i] = (struct recording){ .calls = share(CALLS * sizeof(struct seen_call)), .room = CALLS };
	spread(pair_count, record_pair);
	plan_all();
	if (options.is_list) {
		print_list();
		return 0;
	}
	spread(shared->count, run_job);
	for (size_t i = 0; i < pair_count; i++)
		all_right &= print_pair(i);
	for (size_t i = 0; i < pair_count; i++)
		all_right &= count_print(&pairs[i], &recordings[i], shared->pairs[i].skip, &number);
	printf("1..%zu\n", number);
	if (options.figures)
		write_figures();
	return !all_right;
}
