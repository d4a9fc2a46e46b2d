/* SPDX-License-Identifier: ISC */
/*
 * Nothing else makes a write to a terminal come back: the kernel has no RWF_NOWAIT for terminals, O_NONBLOCK would be
 * set for those who share the open file too, and what poll tells may be over when the write begins, by ^S for one. So a
 * signal interrupts the write. It comes again and again, since one that came just before the write would be lost.
 */
#include "blocking-write.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

/* By default it is ignored: should one of them come at a wrong time, it does nothing. */
enum { WAKER = SIGURG, MOMENT_NS = 50000000 };

static void wake(int signal) {
	(void)signal;
}

static bool make_timer(timer_t *ret) {
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = WAKER };

	return timer_create(CLOCK_MONOTONIC, &event, ret) == 0;
}

ssize_t blocking_write(int fd, const char *bytes, size_t size) {
	static const struct itimerspec often = { { 0, MOMENT_NS }, { 0, MOMENT_NS } }, never;
	const struct sigaction action = { .sa_handler = wake };
	static timer_t timer;
	static bool is_made;
	struct sigaction action_before;
	sigset_t waker, before;
	ssize_t n;
	int error;

	if (!is_made && !(is_made = make_timer(&timer))) {
		errno = EAGAIN; /* rather nothing than for ever */
		return -1;
	}
	sigemptyset(&waker);
	sigaddset(&waker, WAKER);
	sigaction(WAKER, &action, &action_before);
	sigprocmask(SIG_UNBLOCK, &waker, &before);
	timer_settime(timer, 0, &often, NULL);
	n = write(fd, bytes, size);
	error = errno == EINTR ? EAGAIN : errno;
	timer_settime(timer, 0, &never, NULL);
	/* None is left from before the timer was stopped: they are not blocked until here. */
	sigprocmask(SIG_SETMASK, &before, NULL);
	sigaction(WAKER, &action_before, NULL);
	errno = error;
	return n;
}
