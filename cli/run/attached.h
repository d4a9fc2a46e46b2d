/* SPDX-License-Identifier: ISC */
/* Those who have attached to a detached run, and the terminal of its command. */
#ifndef CLI_RUN_ATTACHED_H
#define CLI_RUN_ATTACHED_H

#include "state.h"

/* Types what they have typed, and makes the terminal as small as the smallest of theirs. */
void attached_step(struct run *run);

#endif
