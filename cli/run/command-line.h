/* SPDX-License-Identifier: ISC */
/* The command line of hold run. */
#ifndef CLI_RUN_COMMAND_LINE_H
#define CLI_RUN_COMMAND_LINE_H

#include "run-options.h"
#include "../common/options.h"

#include <stdbool.h>

extern const struct verb verb_run;

/* false: hold ends now, with *ret_status. --env and its like have changed the environment. */
bool run_command_line_read(struct run_command_line *ret, int argc, char **argv, int *ret_status);

void run_command_line_free(struct run_command_line *line);

#endif
