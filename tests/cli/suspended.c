/* SPDX-License-Identifier: ISC */
/*
 * A library to be loaded before libc, in which an hour is added to CLOCK_BOOTTIME and its timers from 200 ms after the
 * first look at it: as if the system had been suspended for that hour.
 */
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { HOUR = 3600, MOMENT_NS = 200000000 };

static struct timespec first;

static long ns_since_first(const struct timespec *time) {
	return (time->tv_sec - first.tv_sec) * 1000000000L + time->tv_nsec - first.tv_nsec;
}

int clock_gettime(clockid_t clock, struct timespec *ret) {
	const long result = syscall(SYS_clock_gettime, clock, ret);

	if (clock != CLOCK_BOOTTIME)
		return (int)result;
	if (!first.tv_sec)
		first = *ret;
	if (ns_since_first(ret) > MOMENT_NS)
		ret->tv_sec += HOUR;
	return (int)result;
}

/* hold has one such timer that is relative: that of the limit. */
int timer_settime(timer_t timer, int flags, const struct itimerspec *new, struct itimerspec *old) {
	struct itimerspec time = *new;

	if (!(flags & TIMER_ABSTIME) && time.it_value.tv_sec >= HOUR) {
		time.it_value.tv_sec -= HOUR;
		time.it_value.tv_nsec += MOMENT_NS + 1000000;
	}
	return (int)syscall(SYS_timer_settime, timer, flags, &time, old);
}
