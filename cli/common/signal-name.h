/* SPDX-License-Identifier: ISC */
#ifndef CLI_SIGNAL_NAME_H
#define CLI_SIGNAL_NAME_H

#include <pidhold.h>

#include <stddef.h>

enum { SIGNAL_NAME_SIZE = HOLD_SIGNAL_NAME_SIZE };

/* The number of TERM, SIGTERM, term, 15, RTMIN+3; -1: no such signal. 0 is the signal that only tests. */
int signal_number(const char *text);

/* "SIGTERM", "SIGRTMIN+3"; "signal 99" for one that has no name. Returns `text`. */
char *signal_name(int signal, char text[SIGNAL_NAME_SIZE]);

/* The name that is most like a wrong one, or NULL. */
const char *signal_suggest(const char *text);

#endif
