/* SPDX-License-Identifier: ISC */
/*
 * What a start costs, from small programs and large ones, with few descriptors and many, and beside other live
 * children. Each child only exits. The ways take turns in one run, in a new random order each round. Medians are
 * printed: of the call alone, and of the call with the wait and the closes.
 *
 *	start CHILD CHILD-THAT-STAYS ROUNDS
 */
#include "figures.h"
#include "start-many.h"
#include "ways.h"

#include <pidhold.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static struct results { struct figures calls[WAYS], wholes[WAYS]; } results;

static double median_call(enum way_name way) {
	return figures_at(&results.calls[way], 0.5);
}

static double median(enum way_name way) {
	return figures_at(&results.wholes[way], 0.5);
}

static void start_once(struct results *ret, enum way_name way) {
	const int64_t begun = now_ns();
	int64_t started;

	ways[way].start();
	started = now_ns();
	ways[way].finish();
	figures_add(&ret->wholes[way], now_ns() - begun);
	figures_add(&ret->calls[way], started - begun);
}

static void clear(struct results *of) {
	for (int i = 0; i < WAYS; i++) {
		figures_clear(&of->calls[i]);
		figures_clear(&of->wholes[i]);
	}
}

/* Measures those chosen ways that exist here, `rounds` times more. */
static void measure_more(struct results *ret, const int *chosen, int count, int rounds) {
	struct results first = { 0 };
	int order[WAYS], there = 0;

	for (int i = 0; i < count; i++) {
		if (ways[chosen[i]].start)
			order[there++] = chosen[i];
	}
	for (int i = 0; i < there; i++)
		start_once(&first, (enum way_name)order[i]); /* work that is done once in a process is done now */
	clear(&first);
	for (int round = 0; round < rounds; round++) {
		shuffle(order, there);
		for (int i = 0; i < there; i++)
			start_once(ret, (enum way_name)order[i]);
	}
}

static void measure(const int *chosen, int count, int rounds) {
	clear(&results);
	measure_more(&results, chosen, count, rounds);
}

static void print(const int *chosen, int count) {
	printf("  %-34s %11s %11s  %-17s %s\n", "", "call", "with wait", "(quartiles)", "of the bare calls");
	for (int i = 0; i < count; i++) {
		const enum way_name way = (enum way_name)chosen[i];
		const enum way_name floor = way >= BARE_ON_TERMINAL ? BARE_ON_TERMINAL : BARE;

		if (!results.wholes[way].count) {
			printf("  %-34s is not installed\n", ways[way].name);
			continue;
		}
		printf("  %-34s %8.1f us %8.1f us  (%.1f, %.1f)", ways[way].name, median_call(way) / 1e3,
		       median(way) / 1e3, figures_at(&results.wholes[way], 0.25) / 1e3,
		       figures_at(&results.wholes[way], 0.75) / 1e3);
		if (results.wholes[floor].count)
			printf("  %.2f", median(way) / median(floor));
		putchar('\n');
	}
}

#define WAYS_OF(...) ((const int[]){ __VA_ARGS__ }), sizeof((int[]){ __VA_ARGS__ }) / sizeof(int)

static void *touch(size_t size) {
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	madvise(memory, size, MADV_NOHUGEPAGE); /* the cost of fork depends on the size of pages */
	memset(memory, 1, size);
	return memory;
}

/* ---- from a small program ---- */

static double small_on_terminal;

static void from_small(int rounds) {
	void *memory = touch(10 << 20);
	double peer;

	printf("from 10 MiB and 10 descriptors, %d rounds\n", rounds);
	/* Ways that fork leave caches and page tables cold for the next way: they are measured separately. */
	measure(WAYS_OF(BARE, HOLD, POSIX_SPAWN, BARE_ON_TERMINAL, HOLD_ON_TERMINAL, HOLD_CONTAINED), rounds);
	print(WAYS_OF(BARE, HOLD, POSIX_SPAWN, BARE_ON_TERMINAL, HOLD_ON_TERMINAL, HOLD_CONTAINED));
	small_on_terminal = median(HOLD_ON_TERMINAL);
	expect_at_most("on a terminal, of the bare calls", small_on_terminal / median(BARE_ON_TERMINAL), 1.20);
	expect_at_most("with a keeper, of the same without", median(HOLD_CONTAINED) / small_on_terminal, 2.50);
	expect_at_most("the call, of posix_spawn's", median_call(HOLD) / median_call(POSIX_SPAWN), 1.30);
	measure(WAYS_OF(BARE, HOLD, LIBUV, GLIB, FORK, BARE_ON_TERMINAL, HOLD_ON_TERMINAL, FORKPTY), rounds);
	print(WAYS_OF(BARE, HOLD, LIBUV, GLIB, FORK, BARE_ON_TERMINAL, HOLD_ON_TERMINAL, FORKPTY));
	peer = median(FORKPTY);
	expect_at_most("on a terminal, of forkpty and exec", median(HOLD_ON_TERMINAL) / peer, 1.0);
	munmap(memory, 10 << 20);
}

/* ---- from a large program ---- */

static long faults_of(void) {
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

/* How many write faults a start of this kind leaves behind in `pages` pages of ours. */
static long faults_left(enum way_name way, char *memory, size_t pages) {
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	long before;

	start_once(&results, way);
	before = faults_of();
	for (size_t i = 0; i < pages; i++)
		((volatile char *)memory)[i * page]++;
	return faults_of() - before;
}

/* The size of a large program, in MiB: half of that where memory is short, or half again. */
static size_t large(void) {
	struct sysinfo machine;
	size_t mib = 8192;

	sysinfo(&machine);
	while (mib > 64 && (uint64_t)mib << 20 > (uint64_t)machine.freeram * machine.mem_unit / 5 * 4)
		mib /= 2;
	return mib;
}

static void from_large(int rounds) {
	const size_t mib = large();
	char *memory;

	memory = touch(mib << 20);
	printf("\nfrom %zu MiB%s, %d rounds (of forkpty %d)\n", mib, mib < 8192 ? " (not 8192: memory is short)" : "",
	       rounds, rounds / 50 + 3);
	measure(WAYS_OF(BARE, HOLD, BARE_ON_TERMINAL, HOLD_ON_TERMINAL), rounds);
	for (int i = 0; i < rounds / 50 + 3; i++)
		start_once(&results, FORKPTY);
	print(WAYS_OF(BARE, HOLD, BARE_ON_TERMINAL, HOLD_ON_TERMINAL, FORKPTY));
	expect_at_most("on a terminal, of the same from 10 MiB", median(HOLD_ON_TERMINAL) / small_on_terminal, 1.30);
	expect_at_least("forkpty and exec, of it", median(FORKPTY) / median(HOLD_ON_TERMINAL),
			mib < 8192 ? 500.0 * (double)mib / 8192 : 500);
	printf("  write faults in 1,000 of our pages after a fork: %ld\n", faults_left(FORK, memory, 1000));
	expect_at_most("the same after hold_spawn", (double)faults_left(HOLD_ON_TERMINAL, memory, 1000), 0);
	munmap(memory, mib << 20);
}

/* ---- with many descriptors ---- */

enum { DESCRIPTORS = 19000, TURNS = 10 };

static int most_descriptors(void) {
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur < DESCRIPTORS + 100 ? (int)limit.rlim_cur - 100 : DESCRIPTORS;
}

/* Returns the highest descriptor. */
static int open_up_to(int count) {
	int fd = 0;

	while (fd >= 0 && fd < count - 1)
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return fd;
}

static void expect_table(const char *what, enum way_name way, int table) {
	ways[way].start();
	ways[way].finish();
	expect_at_most(what, ways_table == table ? 0 : 1, 0);
}

#define AMONG_MANY WAYS_OF(HOLD, HOLD_HIGH, POSIX_SPAWN, POSIX_SPAWN_CLOSING, HOLD_ON_TERMINAL)

/* Takes turns with few open and with many, so that other work of the machine affects both. */
static void measure_few_and_many(int most, int rounds, struct results *ret_few) {
	const int lowest = dup(2);
	int highest;

	close(lowest);
	clear(&results);
	for (int turn = 0; turn < TURNS; turn++) {
		ways_high = 2;
		measure_more(ret_few, AMONG_MANY, rounds / TURNS + 1);
		highest = ways_high = open_up_to(most);
		measure_more(&results, AMONG_MANY, rounds / TURNS + 1);
		if (turn == TURNS - 1) {
			expect_table("starts whose table was not cut", HOLD, HOLD_TABLE_CUT);
			expect_table("starts on a terminal whose table was not cut", HOLD_ON_TERMINAL, HOLD_TABLE_CUT);
			expect_table("starts passing the highest that did not fetch it", HOLD_HIGH, HOLD_TABLE_FETCHED);
		}
		for (int fd = lowest; fd <= highest; fd++)
			close(fd);
	}
}

static double of_few(struct results *few, enum way_name way) {
	return median(way) / figures_at(&few->wholes[way], 0.5);
}

static void among_many_descriptors(int rounds) {
	const int most = most_descriptors();
	struct results few = { 0 };

	printf("\nwith %d descriptors%s, %d rounds\n", most, most < DESCRIPTORS ? " (the limit allows no more)" : "",
	       rounds);
	measure_few_and_many(most, rounds, &few);
	print(AMONG_MANY);
	expect_at_most("with wait, of the same with 10", of_few(&few, HOLD), 1.30);
	expect_at_most("passing the highest, of the same with 10", of_few(&few, HOLD_HIGH), 1.30);
	expect_at_most("on a terminal, of the same with 10", of_few(&few, HOLD_ON_TERMINAL), 1.30);
	/* A plain posix_spawn leaves the closing to exec, which wakes the caller before it closes: so with the wait. */
	expect_at_most("with wait, of posix_spawn's", median(HOLD) / median(POSIX_SPAWN), 0.20);
	expect_at_most("the call, of that of a posix_spawn that closes",
		       median_call(HOLD) / median_call(POSIX_SPAWN_CLOSING), 0.20);
	expect_at_most("the call passing the highest, of the same",
		       median_call(HOLD_HIGH) / median_call(POSIX_SPAWN_CLOSING), 0.20);
	clear(&few);
}

/* ---- for the plots ---- */

#define PLOTTED WAYS_OF(BARE, HOLD, POSIX_SPAWN, FORK, LIBUV, GLIB, BARE_ON_TERMINAL, HOLD_ON_TERMINAL, FORKPTY)

static void record(const char *plot, const int *chosen, int count, double x) {
	for (int i = 0; i < count; i++) {
		if (results.wholes[chosen[i]].count)
			figures_record(plot, ways[chosen[i]].name, x, median((enum way_name)chosen[i]), 0);
	}
}

static void plot_memory(int rounds) {
	const size_t most = large();
	void *memory;

	for (size_t mib = 64; mib <= most; mib = mib < most && mib * 4 > most ? most : mib * 4) {
		memory = touch(mib << 20);
		measure(PLOTTED, rounds / 25 + 3);
		record("memory", PLOTTED, (double)mib);
		munmap(memory, mib << 20);
	}
}

static void plot_descriptors(int rounds) {
	static const int counts[] = { 10, 100, 1000, 10000, DESCRIPTORS };
	const int most = most_descriptors(), lowest = dup(2);

	close(lowest);
	for (size_t i = 0; i < sizeof counts / sizeof *counts && counts[i] <= most; i++) {
		const int highest = open_up_to(counts[i]);

		measure(PLOTTED, rounds / 25 + 3);
		record("descriptors", PLOTTED, counts[i]);
		for (int fd = lowest; fd <= highest; fd++)
			close(fd);
	}
}

int main(int argc, char **argv) {
	const int rounds = argc > 3 ? atoi(argv[3]) : 0;

	if (rounds < 1) {
		fprintf(stderr, "usage: start CHILD CHILD-THAT-STAYS ROUNDS\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	ways_child = argv[1];
	hold_fds_reserve();
	from_small(rounds);
	among_many_descriptors(rounds);
	from_eight_threads(argv[1]);
	beside_children(argv[2]);
	from_large(rounds);
	if (getenv("BENCH_RECORD")) {
		plot_memory(rounds);
		plot_descriptors(rounds);
	}
	printf("\n%d missed\n", expectations_missed());
	return expectations_missed() > 0;
}
