/* SPDX-License-Identifier: ISC */
#ifndef OS_CHILD_FORK_H
#define OS_CHILD_FORK_H

#include "handoff.h"

/*
 * The child of a fork replays the plan, reports through handoff->status_fd, and executes the program. Other threads of
 * its parent may have held any lock at the fork: it calls only what is async-signal-safe.
 */
__attribute__((noreturn)) void fork_child_run(struct os_handoff *handoff);

#endif
