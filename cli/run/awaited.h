/* SPDX-License-Identifier: ISC */
/* Whether the command waited for somebody to type when it was stopped by a limit. */
#ifndef CLI_RUN_AWAITED_H
#define CLI_RUN_AWAITED_H

#include "state.h"

/* Looks, before a limit stops the command. Returns what a message about the limit ends with. */
const char *awaited_note(struct run *run);

/* Looks again and again, if events are told: a wait that lasts from one look to the next is an event. */
void awaited_step(struct run *run);
int64_t awaited_next(const struct run *run);

/* What was seen, for the report: "no", "yes", "password" or "unknown". NULL: nobody has looked. */
const char *awaited_word(const struct run *run);

#endif
