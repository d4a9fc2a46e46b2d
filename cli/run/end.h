/* SPDX-License-Identifier: ISC */
/* What is to be done once the command has ended, or was given up: its last output, and what it has left. */
#ifndef CLI_RUN_END_H
#define CLI_RUN_END_H

#include "state.h"

/* To the last byte, for as long as somebody reads it. */
void run_deliver_rest(struct run *run);

/* What the command has left is given a moment, or all the time that it wants; then it is ended, and named. */
void run_end_descendants(struct run *run);

/* Lines about those that are left, and those that were. */
void run_say_left(const struct run *run);

#endif
