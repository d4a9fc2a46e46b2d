/* SPDX-License-Identifier: ISC */
/*
 * The time to end a tree of processes, from the decision until no process of the tree is left, nor any that held it;
 * and how many processes each way leaves. The ways take turns in one run; times are medians. pkill and psutil do not
 * know of the processes that they leave: then their time is not that of an end.
 *
 *	tree WHAT-GROWS THE-SCRIPT-FOR-PSUTIL ROUNDS
 */
#include "capped.h"
#include "figures.h"
#include "tree-ways.h"

#include <pidhold.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { FEW = 100, MANY = 1000, VERY_MANY = 10000, SPARE = 300 };

static const char *const shapes[] = { "wide", "chain", "daemons", "forking" };

enum { SHAPES = sizeof shapes / sizeof *shapes };

static bool is_available[TREE_WAYS];

struct result {
	struct figures times;
	int survivors; /* at most, in one round */
};

static void end_once(enum tree_way_name way, const char *shape, int count, struct result *result) {
	int64_t begun;
	int left;

	tree_ways[way].start(shape, count);
	begun = now_ns();
	tree_ways[way].end();
	figures_add(&result->times, now_ns() - begun);
	left = capped_count_others(tree_ways_helper());
	result->survivors = left > result->survivors ? left : result->survivors;
	capped_end_others(tree_ways_helper());
}

static void print(struct result *results, const char *shape, int count) {
	const double floor = figures_at(&results[BY_HAND].times, 0.5);

	for (int way = 0; way < TREE_WAYS; way++) {
		struct figures *times = &results[way].times;
		const double median = figures_at(times, 0.5);

		if (!times->count)
			continue;
		printf("  %-34s %9.2f ms  (%.2f, %.2f)", tree_ways[way].name, median / 1e6,
		       figures_at(times, 0.25) / 1e6, figures_at(times, 0.75) / 1e6);
		if (floor > 0)
			printf("  %6.2f of the floor", median / floor);
		if (strcmp(shape, "daemons") == 0)
			figures_record("trees", tree_ways[way].name, count, median, results[way].survivors);
		printf("%s%.0d\n", results[way].survivors ? "  survivors: " : "", results[way].survivors);
	}
}

static void expect_ratio(struct result *results, enum tree_way_name one, enum tree_way_name other, const char *what,
			 void (*expect)(const char *what, double is, double wanted), double wanted) {
	if (results[one].times.count && results[other].times.count)
		expect(what, figures_at(&results[one].times, 0.5) / figures_at(&results[other].times, 0.5), wanted);
}

static void expect_all(struct result *results, int count) {
	int left = 0;

	for (int way = OUR_CGROUP; way <= OUR_KEEPER; way++)
		left += results[way].survivors;
	expect_at_most("survivors of ours", left, 0);
	expect_ratio(results, OUR_CGROUP, BY_HAND, "cgroup, of the floor", expect_at_most, 1.1);
	expect_ratio(results, OUR_KEEPER, BY_HAND, "keeper, of the floor", expect_at_most, 2);
	if (count <= FEW && !results[PSUTIL].survivors)
		expect_ratio(results, PSUTIL, OUR_KEEPER, "a script with psutil, of keeper", expect_at_least, 3);
}

static void measure(const char *shape, int count, int ways, int rounds) {
	struct result results[TREE_WAYS] = { { { 0 }, 0 } };
	int order[TREE_WAYS];

	for (int way = 0; way < ways; way++)
		order[way] = way;
	for (int round = 0; round < rounds; round++) {
		shuffle(order, ways);
		for (int i = 0; i < ways; i++) {
			if (is_available[order[i]])
				end_once((enum tree_way_name)order[i], shape, count, &results[order[i]]);
		}
	}
	printf("\n%d processes, %s, %d rounds\n", count, shape, rounds);
	print(results, shape, count);
	expect_all(results, count);
	for (int way = 0; way < ways; way++)
		figures_clear(&results[way].times);
}

/* ---- the memory of a keeper ---- */

static long kib_of(pid_t pid, const char *name) {
	char path[64], line[128];
	long kib = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file)) {
		if (strncmp(line, name, strlen(name)) == 0)
			kib = atol(line + strlen(name));
	}
	if (file)
		fclose(file);
	return kib;
}

static void measure_keeper(void) {
	pid_t keeper;

	if (!is_available[OUR_KEEPER])
		return;
	tree_ways[OUR_KEEPER].start("wide", 1);
	keeper = tree_ways_keeper();
	printf("a keeper in memory: %ld KiB of pages, %ld of page tables\n", kib_of(keeper, "VmRSS:"),
	       kib_of(keeper, "VmPTE:"));
	expect_at_most("KiB of both", (double)(kib_of(keeper, "VmRSS:") + kib_of(keeper, "VmPTE:")), 64);
	tree_ways[OUR_KEEPER].end();
}

static bool allows_very_many(void) {
	struct rlimit processes;
	FILE *file = fopen("/proc/sys/kernel/pid_max", "re");
	long most = 0;

	if (!file || fscanf(file, "%ld", &most) != 1)
		most = 0;
	if (file)
		fclose(file);
	getrlimit(RLIMIT_NPROC, &processes);
	return most > 2 * VERY_MANY && processes.rlim_cur > 2 * VERY_MANY;
}

static void measure_all(int rounds) {
	for (int shape = 0; shape < SHAPES; shape++)
		measure(shapes[shape], FEW, TREE_WAYS, rounds);
	for (int shape = 0; shape < SHAPES; shape++)
		measure(shapes[shape], MANY, TREE_WAYS, rounds / 3 + 1);
	if (!is_available[OUR_CGROUP] || !allows_very_many()) {
		printf("\n%d processes: not measured, there is no control group or they are not allowed\n", VERY_MANY);
		return;
	}
	for (int shape = 0; shape < SHAPES; shape++)
		measure(shapes[shape], VERY_MANY, OUR_CGROUP + 1, rounds / 10 + 1);
}

/* A descriptor for each process of a tree. */
static void allow_descriptors(void) {
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

int main(int argc, char **argv) {
	const int rounds = argc > 3 ? atoi(argv[3]) : 0;

	if (rounds < 1) {
		fprintf(stderr, "usage: tree WHAT-GROWS THE-SCRIPT-FOR-PSUTIL ROUNDS\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	allow_descriptors();
	if (!capped_begin(VERY_MANY + SPARE)) {
		printf("nothing is measured: no control group with a limit on processes can be made here\n");
		return 0;
	}
	hold_orphans_adopt(1); /* so that processes that are left are reaped here */
	tree_ways_begin(argv[1], argv[2]);
	for (int way = 0; way < TREE_WAYS; way++) {
		is_available[way] = tree_way_is_available((enum tree_way_name)way);
		if (!is_available[way])
			printf("not to be had here: %s\n", tree_ways[way].name);
	}
	measure_keeper();
	measure_all(rounds);
	tree_ways_end();
	capped_end_others(0);
	capped_end();
	printf("\n%d missed\n", expectations_missed());
	return expectations_missed() > 0;
}
