/* SPDX-License-Identifier: ISC */
#ifndef CLI_RUN_OVER_H
#define CLI_RUN_OVER_H

#include "state.h"

/*
 * Whether all that a limit may end is over: the command, and with --orphans wait its descendants. Hold may look at a
 * limit late, after it was stopped itself; a command that had ended by then keeps its own status.
 */
bool run_is_over(struct run *run);

#endif
