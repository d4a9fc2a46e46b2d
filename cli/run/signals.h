/* SPDX-License-Identifier: ISC */
/* The signals that come to hold run: which it listens to, and what it does with them. */
#ifndef CLI_RUN_SIGNALS_H
#define CLI_RUN_SIGNALS_H

#include "state.h"

/* false: errno says why not. */
bool run_listen(const struct run *run);

/* Handles all signals that have come. */
void run_handle_signals(struct run *run);

/* The same after the command's end, while the last output is delivered. Returns whether a signal ends the delivery. */
bool run_handle_last_signals(struct run *run);

#endif
