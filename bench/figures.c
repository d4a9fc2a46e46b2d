/* SPDX-License-Identifier: ISC */
#include "figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int missed;

static int64_t read_clock(clockid_t clock) {
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t now_ns(void) {
	return read_clock(CLOCK_MONOTONIC);
}

int64_t thread_cpu_ns(void) {
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

void fail(const char *what) {
	perror(what);
	exit(2);
}

void figures_add(struct figures *figures, int64_t time) {
	if (figures->count == figures->room) {
		figures->room = figures->room ? 2 * figures->room : 64;
		figures->times = realloc(figures->times, figures->room * sizeof *figures->times);
		if (!figures->times)
			fail("realloc");
	}
	figures->times[figures->count++] = time;
}

void figures_clear(struct figures *figures) {
	free(figures->times);
	*figures = (struct figures){ NULL, 0, 0 };
}

static int compare(const void *one, const void *other) {
	const int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

	return (a > b) - (a < b);
}

double figures_at(struct figures *figures, double fraction) {
	if (!figures->count)
		return 0;
	qsort(figures->times, figures->count, sizeof *figures->times, compare);
	return (double)figures->times[(size_t)(fraction * (double)(figures->count - 1))];
}

void shuffle(int *order, int count) {
	for (int i = count - 1; i > 0; i--) {
		int j = rand() % (i + 1), kept = order[i];

		order[i] = order[j];
		order[j] = kept;
	}
}

void figures_record(const char *plot, const char *way, double x, double ns, int survivors) {
	const char *path = getenv("BENCH_RECORD");
	FILE *file = path ? fopen(path, "ae") : NULL;

	if (!file)
		return;
	fprintf(file, "{\"plot\": \"%s\", \"way\": \"%s\", \"x\": %.0f, \"ns\": %.0f, \"survivors\": %d}\n", plot, way,
		x, ns, survivors);
	fclose(file);
}

static void expect(const char *what, double is, const char *how, double wanted, int is_met) {
	missed += !is_met;
	printf("  %-66s %8.2f   at %s %6.2f   %s\n", what, is, how, wanted, is_met ? "met" : "MISSED");
}

void expect_at_most(const char *what, double is, double most) {
	expect(what, is, "most ", most, is <= most);
}

void expect_at_least(const char *what, double is, double least) {
	expect(what, is, "least", least, is >= least);
}

int expectations_missed(void) {
	return missed;
}
