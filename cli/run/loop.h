/* SPDX-License-Identifier: ISC */
/* The loop in which hold run lives: each turn waits for whatever comes first and does what it asks for. */
#ifndef CLI_RUN_LOOP_H
#define CLI_RUN_LOOP_H

#include "state.h"

/* One turn, up to the deadline or whatever is due before, which is then done. */
void run_turn(struct run *run, int64_t deadline);

/* What is due: the time limit strikes, the ladder goes on. */
void run_act(struct run *run);

/* Until the command has ended, or hold has given it up. */
void run_wait(struct run *run);

int64_t run_earliest(int64_t a, int64_t b);

#endif
