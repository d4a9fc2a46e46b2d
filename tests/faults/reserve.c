/* SPDX-License-Identifier: ISC */
/* The low numbers that are kept for what is opened for a child: hold_fds_reserve, and starts among many descriptors. */
#include "../check.h"
#include "nth.h"
#include "reserved.h"
#include "strewn.h"

#include <fcntl.h>
#include <sys/stat.h>

enum { MANY = 300 };

/* ---- the call itself ---- */

static void prepare(void *context) {
	(void)context;
}

static int reserve(void *context) {
	(void)context;
	return hold_fds_reserve();
}

static int reserved_when_calm;

/* A number that cannot be had is done without, as long as there is another. */
static int wanted(const struct nth_failure *failure, int *ret_count) {
	int before = 0;

	*ret_count = reserved_when_calm;
	switch (failure->call->number) {
	case FAULT_MMAP:
		*ret_count = 0;
		return -ENOMEM;
	case SYS_memfd_create:
		*ret_count = 0;
		return failure->error;
	case SYS_fcntl:
		for (int i = 0; i < failure->index; i++)
			before += failure->calm->calls[FAULT_IN_PARENT][i].number == SYS_fcntl;
		*ret_count = before ? 1 + before : 0; /* the placeholder itself */
		return before ? 0 : failure->error;
	default:
		return 0;
	}
}

static void judge(void *context, int result, const struct nth_failure *failure) {
	int numbers[RESERVED_MOST], count = find_reserved(numbers), wanted_count = count;

	(void)context;
	CHECK_EQ(result, failure ? wanted(failure, &wanted_count) : 0);
	CHECK_EQ(count, wanted_count);
	CHECK_EQ(hold_fds_reserve(), 0); /* now, if not before */
	start_and_expect_open(NULL, 0, "open=0,1,2");
	close_reserved();
}

static bool is_plausible(const struct fault_call *call, enum fault_side side, int error) {
	(void)call, (void)side, (void)error;
	return true;
}

static int count_reserved(void) {
	int numbers[RESERVED_MOST], count;

	CHECK_EQ(hold_fds_reserve(), 0);
	count = find_reserved(numbers);
	close_reserved();
	return count;
}

TEST("hold_fds_reserve with each of its calls failing: the error is handed out, or fewer numbers do; nothing is left") {
	int context = 0, status, pid = fork(); /* what it takes once in a process is looked at in another */

	if (pid == 0)
		_exit(count_reserved());
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	reserved_when_calm = WEXITSTATUS(status);
	CHECK(reserved_when_calm > 1);
	nth_try_all(&(struct nth_subject){ "hold_fds_reserve", prepare, reserve, judge, is_plausible, sizeof context,
					   &context });
}

TEST("hold_fds_reserve twice takes no more than once, all of it low and close-on-exec") {
	int first[RESERVED_MOST], second[RESERVED_MOST], count;

	CHECK_EQ(hold_fds_reserve(), 0);
	count = find_reserved(first);
	CHECK_EQ(hold_fds_reserve(), 0);
	CHECK_EQ(find_reserved(second), count);
	CHECK_EQ(memcmp(first, second, (size_t)count * sizeof *first), 0);
	close_reserved();
}

TEST("hold_fds_reserve where no low number is left is EMFILE, and takes nothing") {
	int fds[LOW], numbers[RESERVED_MOST];

	fill(fds, LOW);
	CHECK_EQ(hold_fds_reserve(), -EMFILE);
	CHECK_EQ(find_reserved(numbers), 0);
	empty(fds, LOW);
	CHECK_EQ(hold_fds_reserve(), 0); /* there are again */
	close_reserved();
}

/* In the child what its parent was about to reserve is not being reserved by anybody. */
static int forked;

static long fork_meanwhile(const struct fault_call *call, enum fault_side side, int index) {
	int numbers[RESERVED_MOST];

	(void)index;
	if (side != FAULT_IN_PARENT || call->number != SYS_memfd_create || forked)
		return 0;
	forked = fork();
	if (forked == 0) {
		CHECK_EQ(hold_fds_reserve(), 0);
		_exit(find_reserved(numbers) > 1 ? 0 : 2);
	}
	return 0;
}

TEST("a child that was forked while numbers were reserved reserves its own") {
	int status;

	fault_arm(fork_meanwhile);
	CHECK_EQ(hold_fds_reserve(), 0);
	fault_disarm();
	CHECK_EQ(waitpid(forked, &status, 0), forked);
	CHECK_EQ(status, 0);
	close_reserved();
}

/* ---- starts ---- */

/* A start whose pipes and terminal are above all others, if nothing is done about it. */
static void start_with_pipes(void) {
	static const char *const argv[] = { ACTOR, "open=0,1,2", "session", NULL };
	const struct hold_terminal terminal = { .size = sizeof terminal };
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.argv = argv,
		.in = { .kind = HOLD_STDIO_PIPE },
		.err = { .kind = HOLD_STDIO_PIPE },
		.terminal = &terminal,
	};
	struct hold *h;

	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	expect_end(h, HOLD_HOW_EXITED, 0);
}

/* Where the last start cut the table. */
static long last_cut(void) {
	long cut = -1;

	for (int i = 0; i < faults->count[FAULT_IN_CHILD]; i++) {
		const struct fault_call *call = &faults->calls[FAULT_IN_CHILD][i];

		if (call->number == CALL_CLOSE_RANGE && call->c == 2 /* CLOSE_RANGE_UNSHARE */)
			cut = call->a;
	}
	return cut;
}

static void expect_low_cuts(int starts) {
	for (int i = 0; i < starts; i++) {
		fault_arm(NULL);
		start_with_pipes();
		CHECK(last_cut() >= 0);
		CHECK(last_cut() <= LOW);
	}
	fault_disarm();
}

TEST("the numbers reserved serve start after start among many descriptors, and each cuts the table low") {
	int fds[MANY], before[RESERVED_MOST], after[RESERVED_MOST], count;

	CHECK_EQ(hold_fds_reserve(), 0);
	fill(fds, MANY);
	start_with_pipes();
	count = find_reserved(before);
	expect_low_cuts(20); /* more than there are numbers */
	CHECK_EQ(find_reserved(after), count);
	CHECK_EQ(memcmp(before, after, (size_t)count * sizeof *before), 0);
	empty(fds, MANY);
	close_reserved();
}

TEST("without hold_fds_reserve the numbers are taken by the first start that opens something at 32 or above") {
	int fds[MANY], numbers[RESERVED_MOST];

	start_with_pipes();
	CHECK_EQ(find_reserved(numbers), 0); /* not in a program with few */
	fill(fds, 40);
	start_with_pipes();
	CHECK(find_reserved(numbers) > 1);
	fill(fds + 40, MANY - 40);
	expect_low_cuts(2);
	empty(fds, MANY);
	close_reserved();
}

TEST("among many descriptors with no low number left a start is as right as ever") {
	int fds[MANY];

	fill(fds, MANY);
	for (int i = 0; i < 3; i++)
		start_with_pipes();
	empty(fds, MANY);
}

static bool is_one_file(int fd, const struct stat *known) {
	struct stat file;

	return fstat(fd, &file) == 0 && file.st_ino == known->st_ino && file.st_dev == known->st_dev;
}

TEST("what a stranger opened at a number that was reserved, and that somebody closed, is left alone") {
	int fds[MANY], numbers[RESERVED_MOST], count, ends[2];
	struct stat pipe_there;

	CHECK_EQ(hold_fds_reserve(), 0);
	fill(fds, MANY);
	start_with_pipes();
	count = find_reserved(numbers);
	CHECK(count > 1);
	CHECK_EQ(pipe(ends), 0);
	CHECK_EQ(fstat(ends[0], &pipe_there), 0);
	for (int i = 0; i < count; i++)
		CHECK_EQ(dup2(ends[0], numbers[i]), numbers[i]);
	for (int i = 0; i < 10; i++)
		start_with_pipes();
	for (int i = 0; i < count; i++) {
		CHECK(is_one_file(numbers[i], &pipe_there));
		close(numbers[i]);
	}
	close(ends[0]);
	close(ends[1]);
	empty(fds, MANY);
}

TEST("numbers that somebody closed are taken anew by hold_fds_reserve") {
	int numbers[RESERVED_MOST];

	CHECK_EQ(hold_fds_reserve(), 0);
	close_reserved();
	CHECK_EQ(hold_fds_reserve(), 0);
	CHECK(find_reserved(numbers) > 1);
	close_reserved();
}

TEST("a forked child uses the numbers as its own, and its parent's stay as they are") {
	int fds[MANY], before[RESERVED_MOST], after[RESERVED_MOST], count, status, pid;

	CHECK_EQ(hold_fds_reserve(), 0);
	fill(fds, MANY);
	start_with_pipes();
	count = find_reserved(before);
	pid = fork();
	if (pid == 0) {
		start_with_pipes();
		expect_low_cuts(10);
		_exit(0);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(find_reserved(after), count);
	CHECK_EQ(memcmp(before, after, (size_t)count * sizeof *before), 0);
	expect_low_cuts(2);
	empty(fds, MANY);
	close_reserved();
}

CHECK_MAIN
