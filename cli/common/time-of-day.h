/* SPDX-License-Identifier: ISC */
#ifndef CLI_TIME_OF_DAY_H
#define CLI_TIME_OF_DAY_H

#include <time.h>

enum { TIME_OF_DAY_SIZE = 128 };

/* "2026-12-01T09:00:00.123456Z". Returns `text`; "": the year cannot be written so. */
char *time_of_day(const struct timespec *time, char text[TIME_OF_DAY_SIZE]);

#endif
