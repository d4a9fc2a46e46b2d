/* SPDX-License-Identifier: ISC */
/* hold_forkpty with each of its calls, and each of its child's, made to fail. */
#include "../check.h"
#include "nth.h"

#include <pidhold.h>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

enum { CHILDS_STATUS = 42 };

struct forked {
	struct hold_terminal terminal;
	struct termios modes;
	struct hold_forkpty_options options;
	int master, threads;
};

static void prepare(void *context) {
	struct forked *forked = context;

	forked->modes.c_cflag = CREAD | CS8 | B38400;
	forked->terminal = (struct hold_terminal){ sizeof forked->terminal, { 30, 90, 0, 0 }, &forked->modes };
	forked->options.size = sizeof forked->options;
	forked->options.terminal = &forked->terminal;
	forked->master = forked->threads = -7;
}

/*
 * The child ends at once, and its status tells whether all is there that it was promised. Its end is awaited here: its
 * last calls, after those that the parent waits for, may be the ones that are to fail.
 */
static int act(void *context) {
	struct forked *forked = context;
	int result = hold_forkpty(&forked->master, &forked->threads, &forked->options);
	struct winsize size;
	siginfo_t end;

	if (result == 0)
		_exit(forked->master == -1 && isatty(0) && isatty(1) && isatty(2) && tcgetpgrp(0) == getpid() &&
				      fcntl(3, F_GETFD) < 0 && ioctl(0, TIOCGWINSZ, &size) == 0 && size.ws_row == 30
			      ? CHILDS_STATUS
			      : 1);
	if (result > 0)
		waitid(P_PID, (id_t)result, &end, WEXITED | WNOWAIT);
	return result;
}

/* /proc/PID/stat, where the threads are counted. */
static bool is_of_threads(const struct fault_call *call) {
	return call->number == SYS_openat && !strncmp(call->path, "/proc/", 6);
}

static int wanted(const struct nth_failure *failure) {
	const struct fault_call *call = failure->call;
	int code = failure->error;

	switch (call->number) {
	case SYS_openat:
		if (is_of_threads(call)) /* how many there are is then not known */
			return 0;
		if (code == -ENOENT && !strcmp(call->path, "/dev/ptmx"))
			return access("/dev/pts/ptmx", R_OK | W_OK) == 0 ? 0 : -errno;
		return code;
	case SYS_ioctl:
		if ((unsigned long)call->b == TIOCGPTPEER &&
		    (code == -EINVAL || code == -ENOTTY || code == -ENOSYS || code == -EPERM))
			return 0;
		return code;
	case FAULT_TCSETATTR:
	case FAULT_FORK:
	case SYS_pipe2:
	case SYS_setsid:
	case SYS_dup3:
		return code;
	default: /* close has closed; poll and read go on; without the process's descriptor the pipe alone tells */
		return 0;
	}
}

static void judge(void *context, int result, const struct nth_failure *failure) {
	struct forked *forked = context;
	const struct fault_call *call = failure ? failure->call : NULL;
	bool is_untold = call && is_of_threads(call);
	int status;

	if (result > 0) {
		CHECK_EQ(waitpid(result, &status, 0), result);
		close(forked->master); /* not before: it would hang up on the child */
		CHECK_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, CHILDS_STATUS);
		CHECK_EQ(forked->threads, is_untold ? 0 : 1);
	} else {
		CHECK_EQ(forked->master, -7);
		CHECK_EQ(forked->threads, -7);
	}
	CHECK_EQ(result > 0 ? 0 : result, failure ? wanted(failure) : 0);
}

/*
 * A poll of two descriptors allocates nothing; files in /proc and terminals' ends are opened and read uninterrupted; of
 * the pipe between the two each end stays open until it has been used.
 */
static bool is_plausible(const struct fault_call *call, enum fault_side side, int error) {
	(void)side;
	if (call->number == SYS_read)
		return call->c == sizeof(int) && error == EINTR;
	return !(call->number == SYS_ppoll && error == ENOMEM) && !(call->number == SYS_openat && error == EINTR) &&
	       call->number != SYS_write;
}

TEST("a fork on a terminal: whatever fails is handed out, and nothing is left") {
	struct forked forked = { .options = { .size = 0 } };
	struct nth_subject subject = { "hold_forkpty", prepare, act, judge, is_plausible, sizeof forked, &forked };

	nth_try_all(&subject);
}

CHECK_MAIN
