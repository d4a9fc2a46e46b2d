/* SPDX-License-Identifier: ISC */
/* The detached runs that there are records of, and what has become of each. */
#ifndef CLI_STORE_RUNS_H
#define CLI_STORE_RUNS_H

#include "record.h"

#include <stddef.h>

/* RUN_UNKNOWN: hold was killed, the machine stopped, or the end could not be written down: the processes are gone. */
enum run_state { RUN_LIVES = 1, RUN_HAS_ENDED, RUN_UNKNOWN };

struct run_entry {
	struct record record;
	enum run_state state;
	bool is_elsewhere; /* it lives, in another PID namespace or on another host */
	int64_t changed_s; /* when anything of it was last written, in seconds since 1970 */
};

const char *run_state_name(enum run_state state);

/* Loads the run of this name. false: errno says why: ENOENT, there is none; EINVAL, EPROTO as record_decode. */
bool run_load(int store, const char *name, struct run_entry *ret);
void run_unload(struct run_entry *run);

/* Whether a process holds the run of this name, also if its record cannot be read. */
bool run_is_held(int store, const char *name);

/* All runs, the oldest first; of STORE_NONE none. false: errno says why. */
struct run_list {
	struct run_entry *runs;
	size_t count, room;
};

bool runs_load(int store, struct run_list *ret);
void runs_unload(struct run_list *list);

/* Removes the directory of a run, its record first. false: errno says why. The caller has the lock. */
bool run_remove(int store, const char *name);

/*
 * Removes the records whose time has passed, then the oldest that have ended beyond RUNS_KEPT, and what a crash has
 * left. The caller has the lock.
 */
enum { RUNS_KEPT = 100 };

void runs_sweep(int store);

#endif
