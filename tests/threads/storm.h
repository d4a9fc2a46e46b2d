/* SPDX-License-Identifier: ISC */
/*
 * Threads that use the library at random, each on holds of its own, and strangers beside them that use the system. A
 * model knows what each call must answer: the exit status that a command was told to give, the signal that was sent to
 * it, the step at which a start must fail, the bytes that were printed.
 */
#ifndef TESTS_THREADS_STORM_H
#define TESTS_THREADS_STORM_H

#include <pidhold.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { MESSAGES_MAX = 30 };

struct storm {
	const char *program; /* tests/actors/exit-with.c */
	char directory[64];  /* with a fifo that nobody opens, a file that is no program, and one without the right */
	uint64_t seed;
	int seconds, failing_percent;
	long failing_wanted; /* after so many failing starts the storm ends; 0: when the time is over */
	int ways[8], way_count;
	_Atomic bool is_over;
	_Atomic long starts, failing, calls, strangers, wrong;
};

extern struct storm storm;

/* One thread's. */
struct worker {
	uint64_t random;
	int index;
	const char *volatile act; /* for the watchdog */
};

uint64_t next_random(struct worker *w);
int below(struct worker *w, int limit);

/* Counts something that the model does not allow, and tells of the first ones. */
__attribute__((format(printf, 2, 3))) void wrong(const struct worker *w, const char *format, ...);

/* Whether the call answered what it must; counts the call. */
bool is_right(const struct worker *w, const char *call, long is, long wanted);

/* One random thing each, from start to end. */
void act_with_hold(struct worker *w);
void act_with_failing_start(struct worker *w);

/* Bodies of threads. */
void *run_pipes(void *worker);
void *run_forks(void *worker);
void *run_posix_spawns(void *worker);
void *run_ids(void *worker);

#endif
