/* SPDX-License-Identifier: ISC */
/* The limits of the whole tree, as they are written on the command line. */
#ifndef CLI_RUN_TREE_LIMIT_H
#define CLI_RUN_TREE_LIMIT_H

#include <pidhold.h>

#include <stdbool.h>

enum tree_limit { TREE_MEMORY, TREE_TASKS, TREE_CPUS, TREE_CPU_TIME, TREE_IO_WEIGHT };

/* "512M", "100", "1.5", "30s", "50". false: said on standard error. */
bool tree_limit_parse(enum tree_limit which, const char *text, struct hold_tree_limits *ret);

/* Whether any is given; and whether one of them needs a controller. */
bool tree_limits_are_given(const struct hold_tree_limits *limits);
bool tree_limits_need_controllers(const struct hold_tree_limits *limits);

/* Says why a limit cannot be set, and what would make it possible. */
void tree_limit_say_refused(const char *command, const struct hold_error *error);

#endif
