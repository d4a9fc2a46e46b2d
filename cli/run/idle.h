/* SPDX-License-Identifier: ISC */
/* --idle-timeout: the command is stopped when neither it nor a descendant has done anything for a while. */
#ifndef CLI_RUN_IDLE_H
#define CLI_RUN_IDLE_H

#include "state.h"

/* Once the command has been started. */
void idle_begin(struct run *run);

/* When to look again. */
int64_t idle_next(const struct run *run);

/* Looks if it is time to, and begins the ladder if the limit is reached. */
void idle_step(struct run *run);

#endif
