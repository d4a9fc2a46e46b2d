/* SPDX-License-Identifier: ISC */
/* The ends and the holes of the descriptor table: numbers at the limit, and numbers that are not open. */
#include "../check.h"
#include "faults.h"

#include <pidhold.h>

#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>

enum { LIMIT = 64 };

static void limit_descriptors(void) {
	struct rlimit limit;

	CHECK_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = LIMIT;
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static int start_passing(const struct hold_pass *pass, size_t count, const char *fact, struct hold_error *reterr) {
	const char *const argv[] = { ACTOR, fact, NULL };
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.argv = argv,
		.pass = pass,
		.pass_count = count,
	};
	struct hold_status status = { .size = sizeof status };
	struct hold *h;
	int result = hold_spawn(&h, &options, reterr);

	if (result < 0)
		return result;
	CHECK_EQ(hold_wait(h, hold_after_ms(15000), &status), 0);
	CHECK_EQ(status.how, HOLD_HOW_EXITED);
	CHECK_EQ(status.code, 0);
	hold_release(h);
	return 0;
}

/* As the first start of a process, which has a pipe of its own, and as a later one. */
static void expect_passing(const struct hold_pass *pass, size_t count, const char *fact) {
	struct hold_error error = { .size = sizeof error };

	for (int i = 0; i < 2; i++) {
		if (start_passing(pass, count, fact, &error) < 0) {
			printf("# %s start: %s %s: %s\n", i ? "later" : "first", hold_step_name(error.step),
			       error.object, strerror(-error.code));
			CHECK_EQ(error.code, 0);
		}
	}
}

static void expect_refusal(const struct hold_pass *pass, size_t count, const char *object) {
	struct hold_error error = { .size = sizeof error };

	for (int i = 0; i < 2; i++) {
		CHECK_EQ(start_passing(pass, count, "open=", &error), -EBADF);
		CHECK_STRING(hold_step_name(error.step), hold_step_name(HOLD_AT_DESCRIPTOR));
		CHECK_STRING(error.object, object);
	}
}

TEST("a descriptor passes as the last number that the limit allows") {
	const struct hold_pass pass = { 1, LIMIT - 1 };

	limit_descriptors();
	expect_passing(&pass, 1, "open=0,1,2,63");
}

TEST("a descriptor passes as the last number but one, its source lying among the targets") {
	const struct hold_pass pass[] = { { 1, LIMIT - 2 }, { 2, 3 } };

	limit_descriptors();
	expect_passing(pass, 2, "open=0,1,2,3,62");
}

TEST("a number beyond the limit is EBADF at that descriptor") {
	const struct hold_pass pass = { 1, LIMIT };

	limit_descriptors();
	expect_refusal(&pass, 1, "1 as 64");
}

TEST("a number far beyond the limit is EBADF at that descriptor, beside one that is not") {
	const struct hold_pass pass[] = { { 2, 3 }, { 1, 1000000 } };

	limit_descriptors();
	expect_refusal(pass, 2, "1 as 1000000");
}

TEST("a number far beyond the limit is EBADF as soon, where another descriptor lies in the way") {
	const struct hold_pass pass[] = { { 1, 5 }, { 5, INT_MAX - 1 } };
	const struct hold_pass beside_file[] = { { 1, 3 }, { 1, 4 }, { 1, INT_MAX - 1 } };
	const char *const argv[] = { ACTOR, NULL };
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.argv = argv,
		.in = { .kind = HOLD_STDIO_NULL },
		.pass = beside_file,
		.pass_count = 3,
	};
	struct hold_error error = { .size = sizeof error };
	struct hold *h;

	CHECK_EQ(dup2(1, 5), 5);
	expect_refusal(pass, 2, "5 as 2147483646");
	close(5);
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(hold_spawn(&h, &options, &error), -EBADF);
		CHECK_STRING(error.object, "1 as 2147483646");
	}
}

/* Number `which` of those that are not open, from 0: what is opened next gets the first. */
static int hole(int which) {
	int fd = 3;

	while (fcntl(fd, F_GETFD) >= 0 || which-- > 0)
		fd++;
	return fd;
}

TEST("a descriptor that is not open is EBADF, also where the library itself opens something at its number") {
	struct hold_error error = { .size = sizeof error };
	const char *const argv[] = { ACTOR, NULL };
	const struct hold_terminal terminal = { .size = sizeof terminal };
	struct hold_options options = {
		.size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = argv, .pass_count = 1
	};
	struct hold *h;
	struct hold_pass pass;

	for (int ahead = 0; ahead < 4; ahead++) { /* what is opened: the null device, a pipe's two ends, a terminal's */
		for (int kind = 0; kind < 3; kind++) {
			pass = (struct hold_pass){ hole(ahead), 40 };
			options.pass = &pass;
			options.in.kind = kind == 0   ? HOLD_STDIO_NULL
					  : kind == 1 ? HOLD_STDIO_PIPE
						      : HOLD_STDIO_DEFAULT;
			options.terminal = kind == 2 ? &terminal : NULL;
			CHECK_EQ(hold_spawn(&h, &options, &error), -EBADF);
			CHECK_STRING(hold_step_name(error.step), "descriptor");
		}
	}
}

TEST("a standard stream from a descriptor that is not open is EBADF, also where something is opened at its number") {
	struct hold_error error = { .size = sizeof error };
	const char *const argv[] = { ACTOR, NULL };
	struct hold_options options = { .size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = argv };
	struct hold *h;

	for (int ahead = 0; ahead < 3; ahead++) {
		options.in.kind = HOLD_STDIO_PIPE;
		options.out = (struct hold_stdio){ .kind = HOLD_STDIO_FD, .fd = hole(ahead) };
		CHECK_EQ(hold_spawn(&h, &options, &error), -EBADF);
		CHECK_STRING(hold_step_name(error.step), "standard output");
	}
}

TEST("where memory is not shared, no number hides the pipe that tells of a failure") {
	const char *argv[] = { ACTOR, NULL };
	struct hold_pass pass[4];
	struct hold_options options = {
		.size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = argv, .pass = pass, .pass_count = 4
	};
	struct hold_error error = { .size = sizeof error };
	struct hold_status status = { .size = sizeof status };
	struct hold *h;

	fault_dropped = FAULT_UNSHARED;
	for (int i = 0; i < 4; i++)
		pass[i] = (struct hold_pass){ 1, hole(i) };
	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	CHECK_EQ(hold_wait(h, hold_after_ms(15000), &status), 0);
	CHECK(status.how == HOLD_HOW_EXITED && status.code == 0);
	hold_release(h);
	argv[0] = "/no/such/program";
	CHECK_EQ(hold_spawn(&h, &options, &error), -ENOENT);
	CHECK_STRING(hold_step_name(error.step), "program");
}

CHECK_MAIN
