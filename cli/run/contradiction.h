/* SPDX-License-Identifier: ISC */
/* Options of hold run that contradict each other, which shows when all of them were read. */
#ifndef CLI_RUN_CONTRADICTION_H
#define CLI_RUN_CONTRADICTION_H

#include "run-options.h"

/* Whether there are such options. Then a message says which, and a hint names the way out. */
bool options_contradict(const struct run_command_line *line, const struct run_pending *pending);

#endif
