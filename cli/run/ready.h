/* SPDX-License-Identifier: ISC */
/* --ready-fd: the command tells that it is ready by a line that it writes to a descriptor. */
#ifndef CLI_RUN_READY_H
#define CLI_RUN_READY_H

#include "state.h"

#include <poll.h>

/* Makes the pipe and adds its end to what the command gets. false: errno says why. */
bool ready_open(struct run *run);

/* The program has been executed, or not: the command's end of the pipe is its own. */
void ready_close_writer(struct run *run);

/* What is to be polled for, and what is done then. */
struct pollfd ready_poll(const struct run *run);
void ready_look(struct run *run, short revents);

/* Takes what the command wrote before it ended. Its descendants may still write, until the pipe is closed. */
void ready_take_rest(struct run *run);
void ready_end(struct run *run);

#endif
