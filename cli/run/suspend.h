/* SPDX-License-Identifier: ISC */
/* The command and hold are one job for the shell: when one of them is stopped or continued, so is the other. */
#ifndef CLI_RUN_SUSPEND_H
#define CLI_RUN_SUSPEND_H

#include "state.h"

/* Makes the user's terminal raw, if it is input and hold is in its foreground. */
void run_take_terminal(struct run *run);
void run_give_terminal_back(const struct run *run);

/* Adds to the output what switches off all that the command has switched on. false: there is nothing, or no room. */
bool run_put_screen_back(struct run *run);

/* Notices that the terminal is another program's: when it is hold's again the command's screen is drawn anew. */
void run_look_at_front(struct run *run);

/* The command's terminal gets the size of the user's, unless it has one of its own. */
void run_follow_size(const struct run *run);

/* With a terminal of the command's: SIGTSTP has come to hold, typed at the user's terminal or from a process. */
void run_suspend(struct run *run, bool was_typed);

/* Without one: hold was stopped and continued. */
void run_go_on(struct run *run);

/* The command may have stopped, or has been stopped for a while: then hold stops with it, for the shell to see. */
void run_notice_stop(struct run *run);
void run_look_at_stop(struct run *run);

/* When a job goes on, its terminal is one row larger for a moment, so that a full-screen program draws anew. */
void run_redraw(struct run *run);
void run_look_at_size(struct run *run);

#endif
