/* SPDX-License-Identifier: ISC */
#include "caught.h"

#include <pidhold.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum {
	SIGNALS = 64,
	READ_AT_ONCE = 8,          /* signals; more are read in turns */
	LOOK_NS = 20000000,        /* between two looks where no call waits for the descriptors */
	ALARM_AGAIN_NS = 200000000 /* a SIGCONT is lost if a stop signal is sent in the same moment */
};

static int sent[SIGNALS + 1], sent_by_kernel[SIGNALS + 1];
static sigset_t callers_mask;
static bool hears_ignored;
static int signal_fd = -1;
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

/* A blocked signal arrives although it is ignored. */
static bool is_unheard(int signal, bool is_kernels) {
	const bool may_be_heard = signal == SIGINT || signal == SIGQUIT;
	struct sigaction action;

	if (signal == SIGCHLD) /* heed_children */
		return false;
	if (sigaction(signal, NULL, &action) < 0 || action.sa_handler != SIG_IGN)
		return false;
	return is_kernels || !may_be_heard || !hears_ignored;
}

/* Returns whether the signal is one to be handled that may change what the descriptors have: SIGCHLD does not. */
static bool note(const struct signalfd_siginfo *info) {
	const int signal = (int)info->ssi_signo;
	const bool is_kernels = info->ssi_code > 0 && signal != SIGCHLD; /* of SIGCHLD the sender does not matter */

	if (signal > SIGNALS)
		return false;
	if (info->ssi_code == SI_TIMER && signal == SIGCONT) /* the alarm of caught_wake_at */
		return false;
	if (info->ssi_code == SI_USER && info->ssi_pid == (uint32_t)getpid()) /* SIGXFSZ of our own failed write */
		return false;
	if (is_unheard(signal, is_kernels))
		return false;
	take_back(signal);
	if (is_kernels)
		sent_by_kernel[signal]++;
	else
		sent[signal]++;
	return signal != SIGCHLD;
}

/* A read that fails is tried again at the next turn: the descriptor stays readable. */
static bool read_signals(void) {
	struct signalfd_siginfo info[READ_AT_ONCE];
	bool is_noted = false;
	ssize_t size;

	do {
		size = read(signal_fd, info, sizeof info);
		for (ssize_t i = 0; i < size / (ssize_t)sizeof *info; i++)
			is_noted |= note(&info[i]);
	} while (size == (ssize_t)sizeof info);
	return is_noted;
}

/* The kernel reaps the children of a process that ignores SIGCHLD, and then nothing learns how they ended. */
static bool heed_children(void) {
	struct sigaction usual = { .sa_handler = SIG_DFL };

	return sigaction(SIGCHLD, &usual, NULL) == 0;
}

/* A standard stream that is closed stays closed. */
static bool open_signals(const sigset_t *signals) {
	const int fd = signalfd(-1, signals, SFD_NONBLOCK | SFD_CLOEXEC);

	signal_fd = fd;
	if (fd < 0 || fd > STDERR_FILENO)
		return fd >= 0;
	signal_fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(fd);
	return signal_fd >= 0;
}

bool caught_listen(const sigset_t *signals) {
	sigset_t blocked = *signals;

	sigaddset(&blocked, SIGPIPE); /* the write's error is handled */
	if (sigprocmask(SIG_BLOCK, &blocked, &callers_mask) < 0 || !heed_children())
		return false;
	return open_signals(signals);
}

uint64_t caught_callers_mask(void) {
	uint64_t mask = 0;

	for (int signal = 1; signal <= SIGNALS; signal++) {
		if (sigismember(&callers_mask, signal) == 1)
			mask |= HOLD_SIGNAL_BIT(signal);
	}
	return mask;
}

void caught_listen_to_ignored(void) {
	hears_ignored = true;
}

/* Where ppoll fails (a filter refuses it, memory is short): a wait that is short. */
static int wait_otherwise(struct pollfd *fds, unsigned count, const struct timespec *timeout) {
	struct timespec look = { 0, LOOK_NS };
	int result, error;

	if (timeout && timeout->tv_sec == 0 && timeout->tv_nsec < look.tv_nsec)
		look = *timeout;
	result = poll(fds, count, (int)(look.tv_nsec / 1000000));
	error = errno;
	if (result < 0 && error != EINTR)
		nanosleep(&look, NULL);
	errno = error;
	return result;
}

static struct timespec time_until(int64_t deadline) {
	const int64_t left = deadline - hold_now();

	if (left <= 0)
		return (struct timespec){ 0, 0 };
	return (struct timespec){ .tv_sec = left / 1000000000, .tv_nsec = (long)(left % 1000000000) };
}

/*
 * The entries that ask for something, so that they are no more than the descriptors that this process may have: the
 * kernel refuses more, also if they ask for nothing.
 */
static unsigned pack(const struct pollfd *fds, unsigned count, struct pollfd packed[CAUGHT_FDS_MOST + 1]) {
	unsigned packed_count = 0;

	for (unsigned i = 0; i < count; i++) {
		if (fds[i].fd >= 0)
			packed[packed_count++] = fds[i];
	}
	return packed_count;
}

static void unpack(struct pollfd *fds, unsigned count, const struct pollfd *packed) {
	for (unsigned i = 0; i < count; i++)
		fds[i].revents = fds[i].fd >= 0 ? (packed++)->revents : 0;
}

/*
 * The signals are looked for also where the wait has failed. They are handled before the descriptors, which are looked
 * at again afterwards: a terminal may have other modes then.
 */
bool caught_wait(struct pollfd *fds, unsigned count, int64_t deadline) {
	struct timespec timeout = { 0, 0 };
	const struct timespec *limit = deadline == HOLD_FOREVER ? NULL : &timeout;
	struct pollfd *const signals = &fds[count], packed[CAUGHT_FDS_MOST + 1];
	unsigned packed_count;
	int result, error;

	*signals = (struct pollfd){ .fd = signal_fd, .events = POLLIN };
	if (limit)
		timeout = time_until(deadline);
	packed_count = pack(fds, count + 1, packed);
	result = ppoll(packed, packed_count, limit, NULL);
	if (result < 0 && errno != EINTR)
		result = wait_otherwise(packed, packed_count, limit);
	error = errno;
	unpack(fds, count + 1, packed);
	if ((result < 0 || signals->revents) && read_signals())
		result = result > 0 ? 0 : result;
	for (unsigned i = 0; i <= count && result <= 0; i++)
		fds[i].revents = 0;
	errno = error;
	return result >= 0 || errno == EINTR;
}

int caught_take(bool *ret_from_kernel) {
	for (int signal = 1; signal <= SIGNALS; signal++) {
		int *count = sent[signal] ? &sent[signal] : &sent_by_kernel[signal];

		if (*count > 0) {
			*ret_from_kernel = count == &sent_by_kernel[signal];
			--*count;
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
