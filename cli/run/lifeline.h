/* SPDX-License-Identifier: ISC */
/* A descriptor whose end of file ends the command: the process that has the other end may die without a message. */
#ifndef CLI_LIFELINE_H
#define CLI_LIFELINE_H

#include <stdbool.h>

/* Takes it from an option's argument. -1: said on standard error. It does not pass to the command. */
int lifeline_take(const char *text);

/* Whether it is at its end; what arrives there is thrown away. revents: as poll returned them. */
bool lifeline_has_ended(int fd, short revents);

#endif
