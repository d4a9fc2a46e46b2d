/* SPDX-License-Identifier: ISC */
/* hold run --detach. */
#ifndef CLI_DETACH_H
#define CLI_DETACH_H

#include "../run/command-line.h"

/* Starts the command in the background, and returns when its program has been executed, or could not be. */
int detach_run(struct run_command_line *line);

#endif
