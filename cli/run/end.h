/* SPDX-License-Identifier: ISC */
/* What is to be done once the command has ended, or was given up: about its last output, and about orphans. */
#ifndef CLI_RUN_END_H
#define CLI_RUN_END_H

#include "state.h"

/* Delivers the output up to now to its last byte, as long as it is read. false: the rest of it was given up. */
bool run_deliver_rest(struct run *run);

/* The same of what is to be delivered already. */
bool run_deliver(struct run *run);

/* Gives orphans a moment, or with --orphans wait all the time that they need; then ends them, and stores them. */
void run_end_descendants(struct run *run);

/* Prints lines about processes that are left, and about orphans that were. */
void run_say_left(const struct run *run);

#endif
