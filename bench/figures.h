/* SPDX-License-Identifier: ISC */
/* Times, their medians, and their targets. */
#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

#include <stddef.h>
#include <stdint.h>

int64_t now_ns(void);
int64_t thread_cpu_ns(void);

struct figures {
	int64_t *times; /* in ns */
	size_t count, room;
};

void figures_add(struct figures *figures, int64_t time);
void figures_clear(struct figures *figures);

/* The time that this fraction of the times, 0 to 1, does not exceed; 0.5: the median. */
double figures_at(struct figures *figures, double fraction);

/* Puts the order into a new random order. */
void shuffle(int *order, int count);

/*
 * Appends a line of JSON to the file that the environment variable BENCH_RECORD names, if there is one: of this plot,
 * the way's median of so many ns at x.
 */
void figures_record(const char *plot, const char *way, double x, double ns, int survivors);

__attribute__((noreturn)) void fail(const char *what);

/* Prints a figure beside its target. Missed targets are counted, for the exit status. */
void expect_at_most(const char *what, double is, double most);
void expect_at_least(const char *what, double is, double least);
int expectations_missed(void);

#endif
