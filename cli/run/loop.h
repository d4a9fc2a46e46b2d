/* SPDX-License-Identifier: ISC */
/* The main loop of hold run: each turn waits for the first event and handles it. */
#ifndef CLI_RUN_LOOP_H
#define CLI_RUN_LOOP_H

#include "state.h"

/* One turn, up to the deadline, or to an earlier limit or rung, which is then handled. */
void run_turn(struct run *run, int64_t deadline);

/* Does what is due: the time limit, the next rung of the ladder. */
void run_act(struct run *run);

/* Waits until the command has ended, or hold has given it up. */
void run_wait(struct run *run);

/* Hold itself cannot go on, with `what` and a negative errno: the running command is killed, with its descendants. */
void run_fail(struct run *run, const char *what, int error);

int64_t run_earliest(int64_t a, int64_t b);

#endif
