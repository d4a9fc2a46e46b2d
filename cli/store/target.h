/* SPDX-License-Identifier: ISC */
/* The operand of a verb: a process by its pid or reference, or a detached run by its name. */
#ifndef CLI_STORE_TARGET_H
#define CLI_STORE_TARGET_H

#include "../common/options.h"

#include <pidhold.h>

/*
 * Holds it; of a run, the command. 0; HOLD_GONE, it has ended; or a negative errno. The last two are said on standard
 * error, after the verb.
 */
int target_hold(const struct verb *verb, const char *text, struct hold **ret);

/* The same, and HOLD_GONE is not said. */
int target_hold_if_there(const struct verb *verb, const char *text, struct hold **ret);

#endif
