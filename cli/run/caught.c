/* SPDX-License-Identifier: ISC */
#include "caught.h"

#include <pidhold.h>

#include <errno.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
	SIGNALS = 64,
	LOOK_NS = 20000000,        /* between two looks where no call waits for descriptors and signals together */
	ALARM_AGAIN_NS = 200000000 /* a SIGCONT is lost if a stop signal is sent in the same moment */
};

static volatile sig_atomic_t sent[SIGNALS + 1], sent_by_kernel[SIGNALS + 1];
static sigset_t callers_mask, waiting_mask, ignored_by_caller;
static int64_t alarm_at = HOLD_FOREVER;

/* As the kernel does with pending signals: SIGCONT discards stop signals before it, and a stop signal SIGCONT. */
static void take_back(int signal) {
	static const int stops[] = { SIGTSTP, SIGTTIN, SIGTTOU };

	for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
		if (signal == SIGCONT)
			sent[stops[i]] = sent_by_kernel[stops[i]] = 0;
		else if (signal == stops[i])
			sent[SIGCONT] = sent_by_kernel[SIGCONT] = 0;
	}
}

static void note(int signal, siginfo_t *info, void *context) {
	const bool is_kernels = info->si_code > 0 && signal != SIGCHLD; /* of SIGCHLD the sender does not matter */

	(void)context;
	if (info->si_code == SI_TIMER && signal == SIGCONT) /* the alarm of caught_wake_at */
		return;
	if (info->si_code == SI_USER && info->si_pid == getpid()) /* SIGXFSZ of our own write, which also fails */
		return;
	if (is_kernels && sigismember(&ignored_by_caller, signal) == 1)
		return;
	take_back(signal);
	if (is_kernels)
		sent_by_kernel[signal]++;
	else
		sent[signal]++;
}

bool caught_begin(void) {
	sigemptyset(&ignored_by_caller);
	if (sigprocmask(SIG_SETMASK, NULL, &callers_mask) < 0)
		return false;
	waiting_mask = callers_mask;
	return true;
}

uint64_t caught_callers_mask(void) {
	uint64_t mask = 0;

	for (int signal = 1; signal <= SIGNALS; signal++) {
		if (sigismember(&callers_mask, signal) == 1)
			mask |= HOLD_SIGNAL_BIT(signal);
	}
	return mask;
}

/* Installs the handler and stores the former action. false: errno says why. */
static bool handle(int signal, struct sigaction *ret_old) {
	struct sigaction action = { .sa_sigaction = note, .sa_flags = SA_SIGINFO };

	sigfillset(&action.sa_mask);
	return sigaction(signal, &action, ret_old) == 0;
}

static bool listen_to(int signal) {
	struct sigaction old;

	if (!handle(signal, &old))
		return false;
	if (old.sa_handler != SIG_IGN || signal == SIGCHLD) {
		sigdelset(&waiting_mask, signal);
		return true;
	}
	if (signal == SIGINT || signal == SIGQUIT)
		sigaddset(&ignored_by_caller, signal);
	return sigaction(signal, &old, NULL) == 0;
}

bool caught_listen(const sigset_t *signals) {
	if (sigprocmask(SIG_BLOCK, signals, NULL) < 0)
		return false;
	for (int signal = 1; signal <= SIGNALS; signal++) {
		if (sigismember(signals, signal) == 1 && !listen_to(signal))
			return false;
	}
	return true;
}

void caught_listen_to_ignored(void) {
	for (int signal = 1; signal <= SIGNALS; signal++) {
		if (sigismember(&ignored_by_caller, signal) == 1 && handle(signal, NULL))
			sigdelset(&waiting_mask, signal);
	}
}

/*
 * Where ppoll fails (a filter refuses it, memory is short): a wait that is short, since a signal that arrives between
 * two of these calls does not end it.
 */
static int wait_otherwise(struct pollfd *fds, unsigned count, const struct timespec *timeout) {
	struct timespec look = { 0, LOOK_NS };
	sigset_t before;
	int result, error;

	if (timeout && timeout->tv_sec == 0 && timeout->tv_nsec < look.tv_nsec)
		look = *timeout;
	sigprocmask(SIG_SETMASK, &waiting_mask, &before);
	result = poll(fds, count, (int)(look.tv_nsec / 1000000));
	error = errno;
	if (result < 0 && error != EINTR)
		nanosleep(&look, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return result;
}

bool caught_wait(struct pollfd *fds, unsigned count, int64_t deadline) {
	struct timespec timeout = { 0, 0 };
	const struct timespec *limit = deadline == HOLD_FOREVER ? NULL : &timeout;
	int64_t left;
	int result;

	if (limit) {
		left = deadline - hold_now();
		if (left > 0)
			timeout =
				(struct timespec){ .tv_sec = left / 1000000000, .tv_nsec = (long)(left % 1000000000) };
	}
	result = ppoll(fds, count, limit, &waiting_mask);
	if (result < 0 && errno != EINTR)
		result = wait_otherwise(fds, count, limit);
	for (unsigned i = 0; i < count && result <= 0; i++)
		fds[i].revents = 0;
	return result >= 0 || errno == EINTR;
}

int caught_take(bool *ret_from_kernel) {
	for (int signal = 1; signal <= SIGNALS; signal++) {
		volatile sig_atomic_t *count = sent[signal] ? &sent[signal] : &sent_by_kernel[signal];

		if (*count > 0) {
			*ret_from_kernel = count == &sent_by_kernel[signal];
			--*count; /* no handler runs now: the signals are blocked */
			return signal;
		}
	}
	return 0;
}

/* After a stop: the SIGCONT that has continued us went to all that was stopped with us, so it is not passed on. */
static void forget_continuation(void) {
	const struct timespec now = { 0, 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCONT);
	while (sigtimedwait(&set, NULL, &now) == SIGCONT)
		;
	sent[SIGCONT] = sent_by_kernel[SIGCONT] = 0;
}

void caught_stop(int signal) {
	struct sigaction usual = { .sa_handler = SIG_DFL }, before;
	sigset_t set;

	/* SIGCONT has come already; a stop signal that is raised now would discard it. */
	sigpending(&set);
	if (sigismember(&set, SIGCONT) == 1)
		return;
	if (signal == SIGSTOP) {
		raise(SIGSTOP);
		forget_continuation();
		return;
	}
	sigemptyset(&set);
	sigaddset(&set, signal);
	sigaction(signal, &usual, &before);
	raise(signal); /* it is blocked: until the next call a SIGCONT discards it */
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(signal, &before, NULL);
	forget_continuation();
}

/* A timer's signal continues a stopped process as any other SIGCONT does. */
void caught_wake_at(int64_t deadline) {
	static timer_t timer;
	static enum { NOT_MADE, MADE, REFUSED } state;
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGCONT };
	struct itimerspec when = { { 0, 0 }, { 0, 0 } };

	if (deadline == alarm_at || state == REFUSED)
		return;
	if (state == NOT_MADE)
		state = timer_create(CLOCK_MONOTONIC, &event, &timer) == 0 ? MADE : REFUSED;
	if (state == REFUSED)
		return;
	alarm_at = deadline;
	if (deadline != HOLD_FOREVER) {
		deadline = deadline > 0 ? deadline : 1; /* 0 disarms it */
		when.it_value =
			(struct timespec){ .tv_sec = deadline / 1000000000, .tv_nsec = (long)(deadline % 1000000000) };
		when.it_interval.tv_nsec = ALARM_AGAIN_NS;
	}
	timer_settime(timer, TIMER_ABSTIME, &when, NULL);
}

void caught_die_of(int signal) {
	static const struct rlimit none = { 0, 0 }; /* a core dump of hold would replace the command's */
	struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t set;

	setrlimit(RLIMIT_CORE, &none);
	sigaction(signal, &usual, NULL);
	sigemptyset(&set);
	sigaddset(&set, signal);
	raise(signal);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	_exit(128 + signal); /* it is ignored or has no such default */
}
