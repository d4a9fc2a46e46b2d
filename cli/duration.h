/* SPDX-License-Identifier: ISC */
#ifndef CLI_DURATION_H
#define CLI_DURATION_H

#include <stdbool.h>
#include <stdint.h>

enum { DURATION_TEXT_SIZE = 32 };

/* 500ms, 1.5s, 2m, 1h30m, "1h 30m"; a bare number is seconds. Nanoseconds; false: not a duration, or too long. */
bool duration_parse(const char *text, int64_t *ret_ns);

/* Rounded up: no time is shorter than was asked for. */
int64_t duration_ms(int64_t ns);

/* "1.5s": as short as it is exact to the millisecond, below one to the microsecond. Returns `text`. */
char *duration_text(int64_t ns, char text[DURATION_TEXT_SIZE]);

#endif
