/* SPDX-License-Identifier: ISC */
/* The line of --progress on a terminal: how long the command has run, and how many processes there are. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "state.h"

/* When the line is to be drawn again: a deadline. */
int64_t progress_next(const struct run *run);

/* Draws the line if it is time. */
void progress_step(struct run *run);

/* Takes the line away, and draws it no more. */
void progress_end(struct run *run);

#endif
