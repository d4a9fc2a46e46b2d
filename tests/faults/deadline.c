/* SPDX-License-Identifier: ISC */
/* Starts with a deadline beside a fork of another thread's, and on systems that lack what such a start uses. */
#include "../check.h"
#include "faults.h"
#include "strewn.h"

#include <fcntl.h>
#include <sys/stat.h>

pid_t __real_fork(void);

static pid_t stranger;
static bool forks_at_clone;
static long refused_call, refusal;

/* A process that has whatever the program had open when the child was made, the pipe to the child too. */
static long disturb(const struct fault_call *call, enum fault_side side, int index) {
	(void)index;
	if (forks_at_clone && side == FAULT_IN_PARENT && call->number == FAULT_CLONE3) {
		forks_at_clone = false;
		stranger = __real_fork();
		if (stranger == 0) {
			for (;;)
				pause();
		}
	}
	return side == FAULT_IN_PARENT && call->number == refused_call ? refusal : 0;
}

static void end_stranger(void) {
	CHECK(stranger > 0);
	CHECK(kill(stranger, SIGKILL) == 0 && waitpid(stranger, NULL, 0) == stranger);
	stranger = 0;
}

static const char *const victim[] = { ACTOR, NULL };

TEST("a start that has executed is not late because another process keeps its pipe open") {
	const struct hold_options options = { .size = sizeof options,
					      .argv = victim,
					      .start_deadline = hold_after_ms(1500) };
	struct hold *h;

	forks_at_clone = true;
	fault_arm(disturb);
	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	fault_disarm();
	expect_end(h, HOLD_EXITED, 0);
	end_stranger();
}

static void expect_late(const char *path) {
	struct hold_error error = { .size = sizeof error };
	const struct hold_options options = {
		.size = sizeof options,
		.argv = victim,
		.in = { .kind = HOLD_FILE, .path = path },
		.start_deadline = hold_after_ms(700),
	};
	struct hold *h;

	fault_arm(disturb);
	CHECK_EQ(hold_spawn(&h, &options, &error), -ETIMEDOUT);
	fault_disarm();
	CHECK_EQ(error.step, HOLD_AT_STDIN);
	CHECK_STRING(error.object, path);
}

static void make_fifo(char path[80]) {
	const char *place = getenv("TMPDIR");

	snprintf(path, 80, "%.60s/pidhold-XXXXXX", place && *place ? place : P_tmpdir);
	CHECK(mkdtemp(path));
	CHECK(rmdir(path) == 0 && mkfifo(path, 0600) == 0);
}

TEST("one that hangs is late though another process keeps its pipe open") {
	char path[80];

	make_fifo(path);
	forks_at_clone = true;
	expect_late(path);
	end_stranger();
	unlink(path);
}

TEST("one that hangs is killed where no signal goes through a descriptor, and where memory is not shared") {
	char path[80];

	make_fifo(path);
	refused_call = CALL_PIDFD_SEND_SIGNAL;
	refusal = -ENOSYS;
	expect_late(path);
	refusal = 0;
	fault_dropped = FAULT_UNSHARED;
	expect_late(path);
	fault_dropped = 0;
	unlink(path);
}

CHECK_MAIN
