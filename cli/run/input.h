/* SPDX-License-Identifier: ISC */
/* When hold takes the keys of the user's terminal. */
#ifndef CLI_RUN_INPUT_H
#define CLI_RUN_INPUT_H

#include "state.h"

/*
 * Where the input comes from: standard input; with "--stdin -" the controlling terminal, since the command has standard
 * input itself; -1: nothing is read, as where
 * standard input is the lifeline.
 */
int input_source(const struct run_command_line *line);

/*
 * Whether the command is to have the keys. If hold's output is no terminal, a program at the end of the pipe may read
 * the keys, as a pager does. So they are left to it until the command itself waits for input, or changes the modes of
 * its terminal, as programs do that read keys.
 */
bool input_is_wanted(struct run *run);

/* When that is to be looked at again: a deadline. */
int64_t input_next_look(const struct run *run);

#endif
