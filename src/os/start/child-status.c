/* SPDX-License-Identifier: ISC */
#include "child-status.h"
#include "os/wait-child.h"
#include "base/clock.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

enum { STATUS_LOOK_MS = 50, READ_TRIES = 10 };

static bool child_has_ended(int pid, int pidfd) {
	siginfo_t info;
	int result;

	if (pidfd >= 0)
		return os_wait_readable(pidfd, 0) == 0;
	result = wait_child(-1, pid, WEXITED | WNOHANG | WNOWAIT, &info, NULL);
	return result == -ECHILD || (result == 0 && info.si_pid);
}

static void take_message(struct os_handoff *handoff, const struct os_message *message) {
	handoff->niceness = message->niceness;
	handoff->autogroup = message->autogroup;
	if (message->what == OS_EXECUTING)
		handoff->executing = 1;
	else if (message->what == OS_BEGUN)
		handoff->has_begun = 1;
	else
		handoff->failed = message->what;
	handoff->error = message->error;
}

/* A read that fails may succeed the next time, and the message must not be lost. */
int status_receive_one(struct os_handoff *handoff, int fd) {
	struct os_message message;
	long size;

	for (int i = 0; i < READ_TRIES; i++) {
		size = call_read(fd, &message, sizeof message);
		if (size < 0 && size != -EINTR) /* another call may work, where it is a socket */
			size = call_receive_from(fd, &message, sizeof message);
		if (size >= 0)
			break;
		if (size != -EINTR && size != -ECONNRESET) /* -ECONNRESET comes once, before the messages */
			os_sleep(clock_after_ms(STATUS_LOOK_MS));
	}
	if (size < 0)
		return (int)size;
	if (size != (long)sizeof message || (message.error != 0 && !os_is_error(message.error)))
		return 0;
	take_message(handoff, &message);
	return message.error == 0;
}

/*
 * Whether the child has executed its program or has ended. The descriptor may not show it: a process that another
 * thread forked, before this thread closed its end, keeps it open. So the kernel is asked.
 */
static bool is_over(const struct os_handoff *handoff, int pid, int pidfd) {
	if (child_has_ended(pid, pidfd))
		return true;
	return handoff->executing && os_has_executed(pid) && !child_has_ended(pid, pidfd);
}

/* With the caller's mask: its signals are handled first. */
static bool is_given_up(const struct os_handoff *handoff) {
	uint64_t before;
	bool answer;

	if (!handoff->plan->give_up)
		return false;
	call_sigprocmask(SIG_SETMASK, &handoff->callers_mask, &before);
	answer = handoff->plan->give_up(handoff->plan->give_up_context) != 0;
	call_sigprocmask(SIG_SETMASK, &before, NULL);
	return answer;
}

/* The end is waited for, and not each message: so this thread is woken once. */
int status_receive(struct os_handoff *handoff, int pid, int pidfd, int fd, int64_t deadline) {
	int64_t slice;
	int result;
	bool has_end;

	for (;;) {
		slice = clock_after_ms(STATUS_LOOK_MS);
		has_end = os_wait_hung_up(fd, clock_earliest(slice, deadline)) != 1;
		while (has_end || os_wait_readable(fd, 0) != 1) {
			result = status_receive_one(handoff, fd);
			if (result < 0 && !handoff->executing)
				handoff->error = result;
			if (result <= 0)
				return 0;
		}
		if (is_over(handoff, pid, pidfd)) {
			while (os_wait_readable(fd, 0) == 0 && status_receive_one(handoff, fd) > 0)
				;
			return 0;
		}
		handoff->is_given_up = is_given_up(handoff);
		if (handoff->is_given_up || clock_now() >= deadline)
			return 1;
	}
}

int status_outcome(const struct os_handoff *handoff, int *ret_failed) {
	*ret_failed = OS_FAILED_PROCESS;
	if (handoff->error < 0) {
		*ret_failed = handoff->failed;
		return handoff->error;
	}
	if (handoff->is_late) {
		*ret_failed = handoff->executing ? OS_FAILED_EXEC : handoff->failed;
		return handoff->is_given_up ? -ECANCELED : -ETIMEDOUT;
	}
	return handoff->executing ? 0 : -ECHILD; /* it was killed on its way */
}
