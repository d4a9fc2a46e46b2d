/* SPDX-License-Identifier: ISC */
/*
 * The fault injector: runs the real `hold` under ptrace, makes one thing go wrong at one system call of one of its
 * processes, and judges what came of it. docs/testing.md explains it.
 */
#ifndef INJECT_H
#define INJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* Front: hold itself. Starter: its child until that executes the keeper. Command: until it executes its program. */
enum role { FRONT, STARTER, KEEPER, COMMAND, ROLES };
enum action {
	NOTHING,
	FAIL_ONCE,
	FAIL_ON,
	PARTIAL, /* read or write moves PART bytes at most */
	DELAY_BEFORE,
	DELAY_AFTER,
	KILL_ROLE,
	STOP_ROLE,
	TERM_FRONT,
	ACTIONS
};

extern const char *const role_names[ROLES];
extern const char *const action_names[ACTIONS];

enum {
	ANY_CALL = -1,
	ERRORS_MAX = 8,
	TEXT_SIZE = 240,
	PART = 3,
	DELAY_MS = 40,
	STOP_MS = 300, /* after which who was stopped is continued, where nothing else has to continue it */
	LIMIT_MS = 300 /* the time limit in the scenarios that have one */
};

/* Where: the nth call of that number in a role, counted from 1; with ANY_CALL the nth of all. */
struct fault {
	enum action action;
	enum role role;
	long call;
	int nth;
	int error; /* an errno, of FAIL_ONCE and FAIL_ON */
};

/* ---- calls.c: what the kernel could answer ---- */

/* Of the descriptor of read and write. */
enum stream { FILE_STREAM, PIPE_STREAM, SOCKET_STREAM, MESSAGES };

struct seen_call {
	enum role role;
	long call;
	enum stream stream;
	uint64_t args[6];
};

const char *call_name(long number);
long call_number(const char *name); /* -1: there is none */
/* How many errors the call could end with; of those that last, if is_lasting. */
size_t call_errors(const struct seen_call *call, bool is_lasting, int *ret_errors);
/* Whether this read or write may move less than it was told to. */
bool call_may_be_partial(const struct seen_call *call);
/* The kernel does what such a call asks for even if it answers with an error, as close does. */
bool call_acts_anyway(long number);
const char *error_name(int error);
int error_number(const char *name);

/* ---- scenarios.c ---- */

struct scenario {
	const char *name;
	const char *args; /* of hold, separated by spaces. %C: the containment, %P: the target's number */
	const char *containments;
	const char *command; /* and its arguments */
	const char *target;  /* the arguments of an inject-command that is there before; NULL: there is none */
	int target_lines;    /* that its processes write before they are all there */
	int status;          /* what hold exits with when nothing goes wrong */
	/* is_first: hold is process 1 of a PID namespace, as in a container */
	bool has_limit, on_terminal, talks, has_report, is_strict, has_lifeline, is_first;
};

struct pair {
	const struct scenario *scenario;
	char contain[8]; /* "": hold has no such option here */
};

extern const struct scenario scenarios[];
extern const size_t scenario_count;
size_t pairs_list(struct pair *pairs, size_t room);

/* ---- stage.c: the directory, files and terminal of a worker; a run's beginning ---- */

struct stage {
	const char *hold;
	char command_directory[512];
	char directory[256];
	char group[512]; /* a control group of this worker's own; "": there is none */
	int terminal;    /* the subordinate side, the worker's controlling terminal; -1: there is none */
	int master;
};

int stage_open(struct stage *stage, const char *hold, const char *command);
void stage_close(struct stage *stage);
void stage_clean(const struct stage *stage);
/* Starts the scenario's target, if it has one, and waits until that runs. Its number, 0, or -1. */
pid_t stage_target(const struct stage *stage, const struct pair *pair);
/* A child that executes hold when a byte arrives in the pipe, or a negative errno. */
pid_t stage_front(const struct stage *stage, const struct pair *pair, pid_t target, int *ret_pipe);
void stage_read(const struct stage *stage, const char *name, char *text, size_t size);
/* A start of another hold, which removes what earlier ones had to leave. */
void stage_sweep(const struct stage *stage);
/* The name of a group that hold has left; false if there is none. */
bool stage_group_is_left(const struct stage *stage, char *name, size_t size);

/* ---- trace.c ---- */

struct recording {
	struct seen_call *calls;
	size_t count, room;
};

struct outcome {
	bool is_reached, is_hung, modes_differ, is_left, target_runs, continued;
	int wait_status; /* of the front */
	int64_t elapsed_ms;
	char misuse[TEXT_SIZE]; /* the first EBADF or ECHILD that the tracer saw */
	char where[TEXT_SIZE];  /* who is left, or was alive when time was up, and in which call */
};

/* Runs one case up to its end. recording and log may be NULL. 0, or a negative errno if it cannot be traced. */
int trace_run(const struct stage *stage, const struct pair *pair, const struct fault *fault,
	      struct recording *recording, FILE *log, struct outcome *ret);
extern int watchdog_ms, grace_ms;

/* ---- registers-*.c: a machine is a file ---- */

int registers_set_call(pid_t pid, long number);   /* at the entry of a call */
int registers_set_size(pid_t pid, long size);     /* there too: the third argument. At the exit it must be set back. */
int registers_set_result(pid_t pid, long result); /* at its exit */

/* ---- look.c ---- */

bool look_is_running(pid_t pid);
bool look_is_asleep(pid_t pid);
/* All that descends from this process. */
size_t look_descendants(pid_t *pids, size_t room);
void look_describe(pid_t pid, char *text, size_t size);
int64_t now_ms(void);

/* ---- judge.c ---- */

enum verdict {
	RIGHT,
	TOLD, /* right, as hold said what went wrong */
	HUNG,
	RAN_TWICE,
	RAN_UNSAID, /* "not started" although it ran */
	UNTRUE,     /* an exit status that is not true */
	SILENT,     /* a failure without a cause */
	LEFT,       /* something lives on, and nothing was said */
	GROUP,      /* a control group is left, in which nobody is */
	OUTPUT,     /* output, report or audit file lack something, and nothing was said */
	MODES,      /* the user's terminal is not as before */
	MISUSED,    /* a descriptor or child that is not there was used */
	VERDICTS
};

extern const char *const verdict_names[VERDICTS];
enum verdict judge(const struct stage *stage, const struct pair *pair, const struct fault *fault,
		   const struct outcome *outcome, char *ret_detail);

/* ---- count.c ---- */

/* Runs a case whose calls are bounded again, until there are no more than allowed, or often enough. */
void count_again(const struct stage *stage, const struct pair *pair, struct recording *recording);
/* Prints a line of TAP for such a case, and counts it. false: there were more calls than allowed. */
bool count_print(const struct pair *pair, const struct recording *recording, const char *skip, size_t *number);

/* ---- plan.c ---- */

struct job {
	int pair;
	struct fault fault;
	enum verdict verdict;
	bool is_reached;
	char detail[TEXT_SIZE];
};

/* Adds to jobs what can go wrong in a pair: all of it, or about `most`, evenly spread, if that is not 0. */
size_t plan_pair(int pair, const struct recording *recording, enum action only, size_t most, struct job *jobs,
		 size_t room);
void fault_text(const struct fault *fault, char *text, size_t size);

#endif
