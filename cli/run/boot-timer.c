/* SPDX-License-Identifier: ISC */
#include "boot-timer.h"

#include <pidhold.h>

#include <signal.h>
#include <time.h>

/* A SIGCONT is lost if a stop signal is sent in the same moment, so the timer repeats it. */
enum { NS_PER_S = 1000000000, AGAIN_NS = 200000000 };

static timer_t timer;
static int64_t limit = HOLD_FOREVER;

static int64_t now(void) {
	struct timespec time;

	clock_gettime(CLOCK_BOOTTIME, &time); /* cannot fail: the timer of this clock was made */
	return (int64_t)time.tv_sec * NS_PER_S + time.tv_nsec;
}

bool boot_timer_begin(int64_t ns) {
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGCONT };
	const struct itimerspec time = { .it_value = { .tv_sec = ns / NS_PER_S, .tv_nsec = (long)(ns % NS_PER_S) },
					 .it_interval = { .tv_nsec = AGAIN_NS } };

	if (timer_create(CLOCK_BOOTTIME, &event, &timer) < 0)
		return false;
	limit = ns < HOLD_FOREVER - now() ? now() + ns : HOLD_FOREVER - 1;
	return timer_settime(timer, 0, &time, NULL) == 0;
}

bool boot_timer_has_struck(void) {
	return limit != HOLD_FOREVER && now() >= limit;
}

void boot_timer_end(void) {
	if (limit != HOLD_FOREVER)
		timer_delete(timer);
	limit = HOLD_FOREVER;
}
