/* SPDX-License-Identifier: ISC */
#include "time-of-day.h"

#include <stdio.h>

char *time_of_day(const struct timespec *time, char text[TIME_OF_DAY_SIZE]) {
	struct tm day;
	size_t length = 0;

	if (gmtime_r(&time->tv_sec, &day))
		length = strftime(text, TIME_OF_DAY_SIZE / 2, "%Y-%m-%dT%H:%M:%S", &day);
	if (length)
		snprintf(text + length, TIME_OF_DAY_SIZE / 2, ".%06ldZ", time->tv_nsec / 1000);
	else
		text[0] = 0;
	return text;
}
