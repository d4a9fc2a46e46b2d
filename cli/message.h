/* SPDX-License-Identifier: ISC */
/* What the command says on standard error: a line "hold: ...", and perhaps a second one that says what to do. */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

#include <stdbool.h>

/* The exit statuses that are hold's own. */
enum { STATUS_LIMIT = 124, STATUS_FAILED = 125, STATUS_NOT_EXECUTABLE = 126, STATUS_NOT_FOUND = 127 };

/* false: it could not be written. */
__attribute__((format(printf, 1, 2))) bool say(const char *format, ...);
__attribute__((format(printf, 1, 2))) void hint(const char *format, ...);

#endif
