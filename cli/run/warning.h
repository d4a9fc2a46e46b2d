/* SPDX-License-Identifier: ISC */
/* --warn-after: one line on standard error that the command still runs. */
#ifndef CLI_RUN_WARNING_H
#define CLI_RUN_WARNING_H

#include "state.h"

/* Once the command has been started. */
void warning_begin(struct run *run);

/* When the line is due. */
int64_t warning_next(const struct run *run);

/* Prints it if it is due, and the command, or a descendant that is waited for, has not ended. */
void warning_step(struct run *run);

#endif
