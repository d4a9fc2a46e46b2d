/* SPDX-License-Identifier: ISC */
#ifndef CLI_TARGET_H
#define CLI_TARGET_H

#include "options.h"

#include <pidhold.h>

/* Holds the process that an operand names, by pid or by reference. Returns what hold_adopt or hold_adopt_reference
 * returns; if that is not 0, it was said on standard error. */
int target_hold(const struct verb *verb, const char *text, struct hold **ret);

/* The same, except that HOLD_GONE is not said. */
int target_hold_if_there(const struct verb *verb, const char *text, struct hold **ret);

#endif
