/* SPDX-License-Identifier: ISC */
#ifndef CLI_LIMIT_H
#define CLI_LIMIT_H

#include <pidhold.h>

#include <stdbool.h>

/* "nofile=1024", "nofile=512:1024", "core=unlimited", sizes as "as=2G". false: said on standard error. */
bool limit_parse(const char *text, struct hold_limit *ret);

/* The name of a resource: "nofile". */
const char *limit_name(int resource);

#endif
