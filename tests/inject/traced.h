/* SPDX-License-Identifier: ISC */
/* What trace.c and watch.c share of a run. */
#ifndef TRACED_H
#define TRACED_H

#include "inject.h"

enum { TRACEES = 64, NUMBERS = 1024 };

struct tracee {
	pid_t pid;
	enum role role;
	bool has_role, waits_for_role, counts, is_counted, is_late, is_partial, is_gone;
	unsigned long loader_begin, loader_end;
	long call; /* that it is in; -1: none */
	uint64_t args[6];
	int nth;    /* of this call in this role */
	int answer; /* the errno with which it is made to fail */
	int64_t resume_at, entered_at;
};

struct run {
	const struct stage *stage;
	const struct pair *pair;
	const struct fault *fault;
	struct recording *recording;
	FILE *log;
	struct outcome *outcome;
	struct tracee tracees[TRACEES];
	size_t tracee_count;
	int calls[ROLES];            /* how many there were */
	int numbers[ROLES][NUMBERS]; /* the same, by their number */
	pid_t front, target, stopped;
	bool target_is_told;
	int64_t began_at, ended_at, stopped_at;
};

extern struct run run;

/* ---- step.c ---- */

struct tracee *find_tracee(pid_t pid); /* NULL: there is none */
struct tracee *add_tracee(pid_t pid);  /* or the one that there is; NULL: there are too many */
void resume(struct tracee *tracee, int signal);
void adopt_child(struct tracee *parent);
bool note_exec(struct tracee *tracee); /* false: it is not traced any more */
void stop_at_call(struct tracee *tracee);

/* ---- watch.c ---- */

void log_line(const struct tracee *tracee, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_call(const struct tracee *tracee, long result);
void describe_call(const struct tracee *tracee, struct seen_call *ret);
void watch_misuse(const struct tracee *tracee, long result);
bool target_runs(void);

#endif
