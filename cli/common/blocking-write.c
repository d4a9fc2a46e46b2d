/* SPDX-License-Identifier: ISC */
/*
 * Only a signal makes a blocked write to a terminal return: the kernel has no RWF_NOWAIT for terminals, O_NONBLOCK
 * would be set for all that share the open file, and what poll reports may have changed when the write begins, after ^S
 * for example. So a timer's signal interrupts the write. It is repeated, since one just before the write would be lost.
 */
#include "blocking-write.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

/* By default it is ignored: if it comes at a wrong time, it does nothing. */
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
		errno = EAGAIN; /* without a timer the write might block for ever */
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
	/* No signal of the timer is pending: until here they are not blocked. */
	if (sigismember(&before, WAKER) == 1)
		sigprocmask(SIG_BLOCK, &waker, NULL);
	sigaction(WAKER, &action_before, NULL);
	errno = error;
	return n;
}
