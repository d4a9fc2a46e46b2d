/* SPDX-License-Identifier: ISC */
/*
 * A library to be loaded before libc, in which an hour is added to CLOCK_BOOTTIME and its timers from 200 ms after the
 * first look at it: as if the system had been suspended for that hour.
 */
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Where a long has 32 bits and a time has 64, both functions have other names for the linker, and use other calls. */
#ifdef SYS_clock_gettime64
enum { CALL_CLOCK_GETTIME = SYS_clock_gettime64, CALL_TIMER_SETTIME = SYS_timer_settime64 };
#else
enum { CALL_CLOCK_GETTIME = SYS_clock_gettime, CALL_TIMER_SETTIME = SYS_timer_settime };
#endif

enum { HOUR = 3600, MOMENT_NS = 200000000 };

static struct timespec first;

static int64_t ns_since_first(const struct timespec *time) {
	return (time->tv_sec - first.tv_sec) * 1000000000 + time->tv_nsec - first.tv_nsec;
}

int clock_gettime(clockid_t clock, struct timespec *ret) {
	const long result = syscall(CALL_CLOCK_GETTIME, clock, ret);

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
	return (int)syscall(CALL_TIMER_SETTIME, timer, flags, &time, old);
}
