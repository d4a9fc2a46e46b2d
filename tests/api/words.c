/* SPDX-License-Identifier: ISC */
/* The library's constants and statuses in words, deadlines for poll, and signals with a value. */
#include "children.h"

#include <limits.h>

static const char *text_of(struct hold_status status) {
	static char text[64];

	status.size = sizeof status;
	CHECK_EQ(hold_status_text(&status, text, sizeof text), strlen(text));
	return text;
}

TEST("a status in words") {
	CHECK_STRING(text_of((struct hold_status){ .how = HOLD_HOW_EXITED, .code = 0 }), "exited with status 0");
	CHECK_STRING(text_of((struct hold_status){ .how = HOLD_HOW_EXITED, .code = 255 }), "exited with status 255");
	CHECK_STRING(text_of((struct hold_status){ .how = HOLD_HOW_SIGNALLED, .code = SIGTERM }), "killed by SIGTERM");
	CHECK_STRING(text_of((struct hold_status){ .how = HOLD_HOW_SIGNALLED, .code = SIGSEGV, .core_dumped = 1 }),
		     "killed by SIGSEGV (core dumped)");
	CHECK_STRING(text_of((struct hold_status){ .how = HOLD_HOW_UNKNOWN, .code = -1 }),
		     "ended, and it is not known how");
	CHECK_STRING(text_of((struct hold_status){ .how = 0 }), "ended, and it is not known how");
}

TEST("a text that does not fit is cut, ends with NUL, and its whole length is returned") {
	const struct hold_status status = { .size = sizeof status, .how = HOLD_HOW_EXITED, .code = 7 };
	char text[8] = "abcdefg";

	CHECK_EQ(hold_status_text(&status, text, 7), 20);
	CHECK_STRING(text, "exited");
	CHECK_EQ(text[7], 0);
	CHECK_EQ(hold_status_text(&status, text, 1), 20);
	CHECK_STRING(text, "");
	CHECK_EQ(hold_status_text(&status, NULL, 0), 20);
	CHECK_EQ(hold_status_text(&status, NULL, 1), -EINVAL);
	CHECK_EQ(hold_status_text(NULL, text, sizeof text), -EINVAL);
	CHECK_EQ(hold_signal_name(SIGKILL, NULL, 0), 7);
	CHECK_EQ(hold_signal_name(SIGKILL, NULL, 1), -EINVAL);
}

static int code_of(int how, int code) {
	const struct hold_status status = { .size = sizeof status, .how = how, .code = code };

	return hold_status_code(&status);
}

TEST("a status as a shell has it, and never 0 where it is not known") {
	CHECK_EQ(code_of(HOLD_HOW_EXITED, 0), 0);
	CHECK_EQ(code_of(HOLD_HOW_EXITED, 255), 255);
	CHECK_EQ(code_of(HOLD_HOW_SIGNALLED, SIGKILL), 137);
	CHECK_EQ(code_of(HOLD_HOW_UNKNOWN, -1), -ENODATA);
	CHECK_EQ(code_of(0, 0), -ENODATA);
	CHECK_EQ(hold_status_code(NULL), -EINVAL);
}

#ifndef FIRST_REAL_TIME
#define FIRST_REAL_TIME 34 /* the number that glibc has; SIGRTMIN of musl is one higher */
#endif

static const char *name_of(int signal) {
	static char name[HOLD_SIGNAL_NAME_SIZE];

	CHECK_EQ(hold_signal_name(signal, name, sizeof name), strlen(name));
	return name;
}

TEST("signals have the names of kill(1), and a number that has none is told by its number") {
	CHECK_STRING(name_of(SIGTERM), "SIGTERM");
	CHECK_STRING(name_of(FIRST_REAL_TIME), "SIGRTMIN+0");
	CHECK_STRING(name_of(FIRST_REAL_TIME + 3), "SIGRTMIN+3");
	CHECK_STRING(name_of(99), "signal 99");
	CHECK_STRING(name_of(0), "signal 0");
	CHECK_STRING(name_of(INT_MIN), "signal -2147483648");
}

TEST("ways of containment have names") {
	CHECK_STRING(hold_containment_name(HOLD_CONTAIN_CGROUP), "cgroup");
	CHECK_STRING(hold_containment_name(HOLD_CONTAIN_NONE), "none");
	CHECK_STRING(hold_containment_name(1), "unknown");
	CHECK_STRING(hold_containment_name(-1), "unknown");
}

TEST("no constant of one family equals one of another, and 0 is a default alone") {
	static const int constants[] = {
		HOLD_PENDING,          HOLD_GONE,
		HOLD_SURVIVORS,        HOLD_NONE_SEEN,
		HOLD_ENOUGH,           HOLD_STDIO_INHERIT,
		HOLD_STDIO_NULL,       HOLD_STDIO_PIPE,
		HOLD_STDIO_FD,         HOLD_STDIO_FILE,
		HOLD_STDIO_APPEND,     HOLD_STDIO_LIKE_STDOUT,
		HOLD_ON_RELEASE_KILL,  HOLD_ON_RELEASE_LEAVE,
		HOLD_CONTAIN_BEST,     HOLD_CONTAIN_NONE,
		HOLD_CONTAIN_GROUP,    HOLD_CONTAIN_KEEPER,
		HOLD_CONTAIN_PIDNS,    HOLD_CONTAIN_CGROUP,
		HOLD_TABLE_CUT,        HOLD_TABLE_FETCHED,
		HOLD_TABLE_COPIED,     HOLD_HOW_EXITED,
		HOLD_HOW_SIGNALLED,    HOLD_HOW_UNKNOWN,
		HOLD_JOB_STOPPED,      HOLD_JOB_CONTINUED,
		HOLD_RESTORE_AT_DEATH, HOLD_RESTORE_UNTIL_RELEASE,
		HOLD_AT_OPTION,        HOLD_AT_TREE_LIMIT,
	};

	for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
		CHECK(constants[i] != 0);
		for (size_t j = 0; j < i; j++)
			CHECK(constants[i] != constants[j]);
	}
}

TEST("the milliseconds until a deadline are rounded up, and end at the ends") {
	const int64_t ms = 1000000;
	int left;

	CHECK_EQ(hold_ms_until(HOLD_FOREVER), -1);
	CHECK_EQ(hold_ms_until(HOLD_NOW), 0);
	CHECK_EQ(hold_ms_until(0), 0);
	CHECK_EQ(hold_ms_until(INT64_MIN), 0);
	CHECK_EQ(hold_ms_until(hold_now()), 0);
	CHECK_EQ(hold_ms_until(HOLD_FOREVER - 1), INT_MAX);
	left = hold_ms_until(hold_now() + 3600 * 1000 * ms + 1);
	CHECK(left > 3500 * 1000 && left <= 3600 * 1000 + 1);
	CHECK(hold_after_ms(-5) < hold_now());
	CHECK_EQ(hold_after_ms(INT64_MIN), HOLD_NOW);
}

TEST("a deadline of HOLD_NOW for a start has passed, and none is no limit") {
	struct hold_options options = { .size = sizeof options, .argv = ARGV("true"), .start_deadline = HOLD_NOW };
	struct hold *h;

	CHECK_EQ(hold_spawn(&h, &options, NULL), -ETIMEDOUT);
	options.start_deadline = 0;
	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
}

static void print_value(int signal, siginfo_t *info, void *context) {
	(void)signal;
	(void)context;
	if (info->si_code == SI_QUEUE)
		_exit(info->si_value.sival_int);
	_exit(99);
}

/* ---- a signal with a value ---- */

/* A process of this program's, which ends with the value that its signal has. */
static int fork_listener(void) {
	struct sigaction action = { .sa_sigaction = print_value, .sa_flags = SA_SIGINFO };
	sigset_t set;
	int pid;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	CHECK_EQ(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	pid = fork();
	if (pid == 0) {
		sigaction(SIGRTMIN, &action, NULL);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		for (;;)
			pause();
	}
	CHECK(pid > 0);
	CHECK_EQ(sigprocmask(SIG_UNBLOCK, &set, NULL), 0);
	return pid;
}

TEST("a signal arrives with its value") {
	int pid, status, pidfd = hold_pidfd_open(getpid(), 0);
	struct hold *h;

	if (pidfd < 0)
		SKIP("no process descriptors on this system");
	close(pidfd);
	pid = fork_listener();
	CHECK_EQ(hold_adopt(&h, pid), 0);
	CHECK_EQ(hold_signal_value(h, 1000, 1), -EINVAL);
	CHECK_EQ(hold_signal_value(h, -1, 1), -EINVAL);
	CHECK_EQ(hold_signal_value(h, SIGRTMIN, 42), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 42);
	CHECK_EQ(hold_signal_value(h, SIGRTMIN, 42), HOLD_GONE);
	CHECK_EQ(hold_signal_value(NULL, SIGRTMIN, 1), -EINVAL);
	hold_release(h);
}

CHECK_MAIN
