/* SPDX-License-Identifier: ISC */
/* A descriptor whose end ends the command: the other end is held by somebody who may be gone without a word. */
#ifndef CLI_LIFELINE_H
#define CLI_LIFELINE_H

#include <stdbool.h>

/* Of an option's argument. -1: said on standard error. It does not pass to the command. */
int lifeline_take(const char *text);

/* Whether it is at its end; what arrives there is thrown away. revents: what poll told of it. */
bool lifeline_has_ended(int fd, short revents);

#endif
