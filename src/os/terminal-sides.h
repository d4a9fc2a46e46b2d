/* SPDX-License-Identifier: ISC */
/* How the two sides of a new terminal are opened; os_terminal_open_other is in the same file. */
#ifndef OS_TERMINAL_SIDES_H
#define OS_TERMINAL_SIDES_H

int terminal_open_master(void);
int terminal_open_subordinate(int master); /* of a master that was just opened */

#endif
