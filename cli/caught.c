/* SPDX-License-Identifier: ISC */
#include "caught.h"

#include <pidhold.h>

#include <time.h>
#include <unistd.h>

enum { SIGNALS = 64 };

static volatile sig_atomic_t sent[SIGNALS + 1], sent_by_terminal[SIGNALS + 1];
static sigset_t callers_mask, waiting_mask;

static void note(int signal, siginfo_t *info, void *context) {
	(void)context;
	/* Above 0 are the kernel's reasons (SI_KERNEL for a terminal's), a process's are not; CHLD is the kernel's. */
	if (info->si_code > 0 && signal != SIGCHLD)
		sent_by_terminal[signal]++;
	else
		sent[signal]++;
}

void caught_begin(void) {
	sigprocmask(SIG_SETMASK, NULL, &callers_mask);
	waiting_mask = callers_mask;
}

uint64_t caught_callers_mask(void) {
	uint64_t mask = 0;

	for (int signal = 1; signal <= SIGNALS; signal++) {
		if (sigismember(&callers_mask, signal) == 1)
			mask |= HOLD_SIGNAL_BIT(signal);
	}
	return mask;
}

void caught_listen(int signal) {
	struct sigaction action = { .sa_sigaction = note, .sa_flags = SA_SIGINFO }, old;
	sigset_t set;

	sigaction(signal, NULL, &old);
	if (old.sa_handler == SIG_IGN && signal != SIGCHLD)
		return;
	sigfillset(&action.sa_mask);
	sigemptyset(&set);
	sigaddset(&set, signal);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigdelset(&waiting_mask, signal);
	sigaction(signal, &action, NULL);
}

void caught_wait(struct pollfd *fds, unsigned count, int64_t deadline) {
	struct timespec timeout = { 0, 0 };
	int64_t left;

	if (deadline != HOLD_FOREVER) {
		left = deadline - hold_after_ms(0);
		if (left > 0)
			timeout = (struct timespec){ .tv_sec = left / 1000000000, .tv_nsec = left % 1000000000 };
	}
	if (ppoll(fds, count, deadline == HOLD_FOREVER ? NULL : &timeout, &waiting_mask) <= 0) {
		for (unsigned i = 0; i < count; i++)
			fds[i].revents = 0;
	}
}

int caught_take(bool *ret_from_terminal) {
	for (int signal = 1; signal <= SIGNALS; signal++) {
		volatile sig_atomic_t *count = sent[signal] ? &sent[signal] : &sent_by_terminal[signal];

		if (*count > 0) {
			*ret_from_terminal = count == &sent_by_terminal[signal];
			--*count; /* no handler runs now: the signals are blocked */
			return signal;
		}
	}
	return 0;
}

void caught_die_of(int signal) {
	struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t set;

	sigaction(signal, &usual, NULL);
	sigemptyset(&set);
	sigaddset(&set, signal);
	raise(signal);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	_exit(128 + signal); /* it is ignored or has no such default */
}
