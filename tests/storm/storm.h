/* SPDX-License-Identifier: ISC */
/* Storms over the command: what is attacked, how, and what has to hold afterwards. */
#ifndef TESTS_STORM_H
#define TESTS_STORM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

enum role { FRONT, KEEPER, COMMAND, ROLES };
enum act { SPARED, KILLED, STOPPED, PAUSED /* stopped, and continued later */ };

struct attack {
	const char *name;
	enum act acts[ROLES];
};

extern const struct attack attacks[];
extern const int attack_count;

enum { ATTACKS_MAX = 16, WAYS_MAX = 6, STATUS_LOST = 255 };

/* Of one attack in one containment. Written by several processes. */
struct figures {
	_Atomic int tries, met;    /* and those that met a process to attack */
	_Atomic int hung;          /* did not return in ten times the bound */
	_Atomic int untrue;        /* a status that is not true, or a command that ran twice */
	_Atomic int untold;        /* processes were left, and not told of, though the front or the keeper lived */
	_Atomic int left, unswept; /* where both were killed; and after the next hold with a control group */
	_Atomic int modes;         /* the terminal's modes were not put back */
};

struct storm {
	const char *hold, *member;
	_Atomic bool is_over;
	_Atomic int told; /* lines */
	bool has_way[2][WAYS_MAX];
	struct figures figures[WAYS_MAX][ATTACKS_MAX];
};

extern struct storm *storm;
extern const char *const ways[WAYS_MAX];

/* What a run is, and what came of it. */
struct run {
	const struct attack *attack;
	int way;
	bool stays, has_terminal, is_user;
	uint64_t delay_us, pause_us;
	/* outcome */
	bool has_ended, was_met[ROLES];
	int status, signal, ran, left;
	char errors[1024];
	struct termios before, after;
};

/* A descriptor of the process that has this role in the run of `front`, -1: there is none now. */
int find_role(pid_t front, enum role role, const char *member);

void run_once(struct run *run);
void judge(const struct run *run);

/* The figures as a table, on standard output and, if not NULL, into a file. Returns how much is wrong. */
int write_table(const char *path, uint64_t seed, int seconds);

#endif
