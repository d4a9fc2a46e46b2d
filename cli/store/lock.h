/* SPDX-License-Identifier: ISC */
/*
 * The lock of the store: who makes or removes the directory of a run has it meanwhile, for a moment. And the lock of
 * each run: the process that holds the run has it until that process ends. Processes of another PID namespace, or of
 * another host that shares the store, see the lock and not the process.
 */
#ifndef CLI_STORE_LOCK_H
#define CLI_STORE_LOCK_H

#include <stdbool.h>

#define RUN_LOCK_FILE "lock"

/* Waits for it, 10 s at most. Returns a descriptor, whose close gives it back; -1: said, after the verb. */
int store_lock(const char *verb, int store);

/*
 * Takes the lock of the run in this directory, for as long as this process lives. Its descriptor stays open: this
 * process must not open the file again, since the kernel gives the lock back when any descriptor of it is closed.
 * false: errno says why.
 */
bool run_lock(int directory);

/* Whether another process has the lock of the run, or may have it: that cannot be found out. */
bool run_is_locked(int directory);

#endif
