/* SPDX-License-Identifier: ISC */
/* hold run, once its command line has been read. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "command-line.h"
#include "detached.h"

/* Starts the command, holds it until its end, and returns hold's exit status. detached: NULL, or the run's record. */
int run_line(struct run_command_line *line, struct detached *detached);

#endif
