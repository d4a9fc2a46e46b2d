/* SPDX-License-Identifier: ISC */
/* The names of detached runs. They begin with a letter, so that no pid and no reference is one. */
#ifndef CLI_STORE_NAME_H
#define CLI_STORE_NAME_H

#include <stdbool.h>

enum { RUN_NAME_SIZE = 65 };

/* Whether it begins with a letter, has nothing but letters, digits and ._- then, and is no longer than 64 bytes. */
bool run_name_is_valid(const char *name);

/* A name for a run that was given none: from its command, and a part that differs each time. */
void run_name_make(const char *command, char name[RUN_NAME_SIZE]);

#endif
