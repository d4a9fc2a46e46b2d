/* SPDX-License-Identifier: ISC */
#ifndef CLI_DURATION_H
#define CLI_DURATION_H

#include <stdbool.h>
#include <stdint.h>

enum { DURATION_TEXT_SIZE = 32 };

/*
 * 500ms, 1.5s, 2m, 1h30m, "1h 30m"; a bare number is seconds. Nanoseconds, a fraction of one rounded up: a positive
 * duration is never 0. false: errno is EINVAL, not a duration; or ERANGE, more nanoseconds than 63 bits can count.
 */
bool duration_parse(const char *text, int64_t *ret_ns);

/*
 * As in timeout(1): what strtold reads, then s, m, h or d. A duration too long to be waited for is no limit and stored
 * as 0, which also means no limit. A positive duration is 1 ns at least. false: not a duration.
 */
bool duration_parse_as_timeout(const char *text, int64_t *ret_ns);

/* Rounded up: no time is shorter than was asked for. */
int64_t duration_ms(int64_t ns);

/* "1.5s": the shortest text that is exact to the millisecond, below 1 ms to the microsecond. Returns `text`. */
char *duration_text(int64_t ns, char text[DURATION_TEXT_SIZE]);

#endif
