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

/* It has as long as the test has: a start that waited for the stranger would be ended by the alarm. */
static int start_beside_stranger(struct hold_options *options, struct hold_error *reterr) {
	struct hold *h;
	int result;

	options->size = sizeof *options;
	options->argv = victim;
	forks_at_clone = true;
	fault_arm(disturb);
	result = hold_spawn(&h, options, reterr);
	fault_disarm();
	if (result == 0)
		expect_end(h, HOLD_HOW_EXITED, 0);
	end_stranger();
	return result;
}

TEST("a start that has executed is seen though another process keeps its pipe open") {
	const struct hold_ids ids = { .size = sizeof ids, .set = HOLD_IDS_USER, .user = getuid() };

	CHECK_EQ(start_beside_stranger(&(struct hold_options){ .start_deadline = hold_after_ms(1000000) }, NULL), 0);
	CHECK_EQ(start_beside_stranger(&(struct hold_options){ .ids = &ids }, NULL), 0);
}

TEST("one that has failed is seen as soon, with its own error") {
	const struct hold_ids ids = { .size = sizeof ids, .set = HOLD_IDS_USER, .user = getuid() };
	struct hold_error error = { .size = sizeof error };
	struct hold_options options = { .directory = "/no/such/directory", .start_deadline = hold_after_ms(1000000) };

	for (int i = 0; i < 2; i++) {
		CHECK_EQ(start_beside_stranger(&options, &error), -ENOENT);
		CHECK_EQ(error.step, HOLD_AT_DIRECTORY);
		options.start_deadline = 0;
		options.ids = &ids;
	}
}

/* On a busy machine a child may not have come to its first step in time: then it is given more. */
static void expect_late(const char *path, bool beside_stranger) {
	struct hold_error error = { .size = sizeof error };
	struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.argv = victim,
		.in = { .kind = HOLD_STDIO_FILE, .path = path },
	};
	struct hold *h;

	for (int64_t ms = 50; ms < 10000; ms *= 2) {
		options.start_deadline = hold_after_ms(ms);
		forks_at_clone = beside_stranger;
		fault_arm(disturb);
		CHECK_EQ(hold_spawn(&h, &options, &error), -ETIMEDOUT);
		fault_disarm();
		if (beside_stranger)
			end_stranger();
		if (error.step != HOLD_AT_PROCESS)
			break;
	}
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
	expect_late(path, true);
	unlink(path);
}

TEST("one that hangs is killed where no signal goes through a descriptor, and where memory is not shared") {
	char path[80];

	make_fifo(path);
	refused_call = CALL_PIDFD_SEND_SIGNAL;
	refusal = -ENOSYS;
	expect_late(path, false);
	refusal = 0;
	fault_dropped = FAULT_UNSHARED;
	expect_late(path, false);
	fault_dropped = 0;
	unlink(path);
}

CHECK_MAIN
