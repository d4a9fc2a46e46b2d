/* SPDX-License-Identifier: ISC */
#ifndef CLI_SAME_FILE_H
#define CLI_SAME_FILE_H

#include <stdbool.h>

/* Whether two paths lead to one file, also to one that is still to be made. */
bool same_file(const char *a, const char *b);

#endif
