/* SPDX-License-Identifier: ISC */
#include "time-of-day.h"

#include <stdio.h>

char *time_of_day(const struct timespec *time, char text[TIME_OF_DAY_SIZE]) {
	struct tm day;

	text[0] = 0;
	if (gmtime_r(&time->tv_sec, &day))
		snprintf(text, TIME_OF_DAY_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ", day.tm_year + 1900,
			 day.tm_mon + 1, day.tm_mday, day.tm_hour, day.tm_min, day.tm_sec, time->tv_nsec / 1000);
	return text;
}
