/* SPDX-License-Identifier: ISC */
/* What makes the process that holds a detached run independent of its caller. */
#ifndef CLI_DETACH_BACKGROUND_H
#define CLI_DETACH_BACKGROUND_H

#include "../run/command-line.h"

/*
 * A session of its own, and none of the caller's descriptors above 2 except those of the command line and `kept`: a
 * pipe that stays open here would keep its reader waiting. false: errno says why.
 */
bool background_enter(const struct run_command_line *line, const int *kept, size_t count);

#endif
