/* SPDX-License-Identifier: ISC */
/* Detached runs as lines for people. */
#ifndef CLI_STORE_RUN_TEXT_H
#define CLI_STORE_RUN_TEXT_H

#include "runs.h"

/* For a list, with this many columns for the name: the line above the others, and that of a run. */
void run_print_title(int width);
void run_print_line(const struct run_entry *run, int width);

/* All that there is to say of one run, in several lines. */
void run_print(const struct run_entry *run);

#endif
