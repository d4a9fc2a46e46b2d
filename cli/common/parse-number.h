/* SPDX-License-Identifier: ISC */
#ifndef CLI_PARSE_NUMBER_H
#define CLI_PARSE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

enum parsed { PARSED_NOTHING = 1, PARSED_TOO_LARGE, PARSED_NUMBER };

/* A decimal number that is the whole text, with a sign perhaps, within the bounds. */
bool parse_number(const char *text, int64_t least, int64_t most, int64_t *ret);

/* The same without bounds: one that does not fit is the nearest that does. */
bool parse_number_clamped(const char *text, int64_t *ret);

/* The number of a process or group: digits, behind a minus perhaps, which names no process and is for a message. */
enum parsed parse_pid(const char *text, int64_t *ret);

#endif
