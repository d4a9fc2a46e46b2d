/* SPDX-License-Identifier: ISC */
/*
 * The terminal that hold was started on. The command's terminal gets its special characters. Hold puts it in raw mode
 * while the relay runs, and puts its modes back on every way to end that can be caught.
 */
#ifndef CLI_USER_TERMINAL_H
#define CLI_USER_TERMINAL_H

#include <pidhold.h>

#include <stdbool.h>
#include <termios.h>

/* The first of descriptors 0, 1, 2 that is a terminal, or -1. */
int user_terminal_find(void);

/* Whether we are in its foreground; true too if it is not our controlling terminal, and so has none for us. */
bool user_terminal_is_in_front(int terminal);

/* Modes for the inner terminal: a new one's, with the special characters of `terminal` (-1: none), perhaps no echo. */
struct termios user_terminal_inner_modes(int terminal, bool echo);

/*
 * Raw, if we are in its foreground; restored by user_terminal_restore, at exit, and by signals that end us. The modes
 * of output stay as they are unless our standard output is that terminal: else the lines of others who write to it
 * would lose their carriage returns. Modes that another program has set meanwhile stay.
 */
void user_terminal_make_raw(int terminal);
void user_terminal_make_raw_again(void); /* if it was raw, and another program may have changed that */
void user_terminal_restore(void);

/* Whether it is hold's standard output. */
bool user_terminal_is_output(int terminal);

/* Whether it was made raw and is not restored. */
bool user_terminal_is_raw(void);

#endif
