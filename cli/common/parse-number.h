/* SPDX-License-Identifier: ISC */
#ifndef CLI_PARSE_NUMBER_H
#define CLI_PARSE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

enum parsed { PARSED_NOTHING = 1, PARSED_TOO_LARGE, PARSED_NUMBER };

/* A decimal number within the bounds that is the whole text, perhaps with a sign. */
bool parse_number(const char *text, int64_t least, int64_t most, int64_t *ret);

/* The same without bounds: a number that does not fit becomes the nearest that does. */
bool parse_number_clamped(const char *text, int64_t *ret);

/* The number of a process or group: digits, perhaps after a minus; such a number names no process, for a message. */
enum parsed parse_pid(const char *text, int64_t *ret);

#endif
