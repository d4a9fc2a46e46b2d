/* SPDX-License-Identifier: ISC */
/*
 * core/plan.c against a model of the child: a table of descriptors and what a process may do after what, on which its
 * operations are carried out as os/start/child.c does. Where the child may choose a number the model draws one.
 */
#include "../check.h"

#include "core/plan.h"

#include <limits.h>
#include <sys/resource.h>

enum {
	NUMBERS = 160,
	RANDOM_NUMBERS = 24, /* what is open at first lies below this */
	CHOSEN_NUMBERS = 50, /* and what the child chooses below this */
	PASSES = 10,
	LIMITS = 3,
	ROUNDS = 20000
};

/* Which open file a number stands for: 1 to 999 the parent's, and these. */
enum { ODD_FILE = 1000, LAST_FILE, OPENED_FILE = 2000, STRANGERS_FILE = 3000, STATUS_FILE = 4000 };

struct child {
	int file[NUMBERS]; /* 0: closed */
	bool close_on_exec[NUMBERS];
	int status_fd; /* the pipe to the parent, or -1 */
	int limit;     /* on descriptors */
	int death_signal;
	bool leads_session, has_moved, has_user;
	int done[OS_LISTEN_PID + 1]; /* how often each action was */
};

/* What is put to the test: a table, and what of it is to pass. */
struct input {
	struct child child;
	struct hold_pass pass[PASSES];
	struct hold_limit limits[LIMITS];
	struct hold_options options;
	struct plan_input plan;
};

static const char *const paths[] = { "file 0", "file 1", "file 2" };

static uint32_t state;

static void seed(uint32_t number) {
	printf("# seed %u\n", (unsigned)number);
	state = number;
}

/* 0 to limit - 1: xorshift. */
static int draw(int limit) {
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return (int)(state % (uint32_t)limit);
}

/* ---- the model ---- */

static bool is_open(const struct child *child, int fd) {
	return fd >= 0 && fd < NUMBERS && child->file[fd];
}

static bool is_target(const struct os_plan *plan, int number) {
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->operations[i].action == OS_PLACE && plan->operations[i].number == number)
			return true;
	}
	return false;
}

/* Moves what `fd` stands for to a free number where nothing is to be placed. */
static int put_aside(struct child *child, const struct os_plan *plan, int fd) {
	int number;

	if (!is_open(child, fd))
		return -EBADF;
	do
		number = 3 + draw(CHOSEN_NUMBERS - 3);
	while (child->file[number] || is_target(plan, number));
	CHECK(number < child->limit);
	child->file[number] = child->file[fd];
	child->close_on_exec[number] = true;
	return number;
}

/* Which file it is tells the path and the way in which it was opened. */
static int file_of(const struct plan_stream *stream) {
	return OPENED_FILE + 10 * (int)stream->how + stream->path[5] - '0';
}

static void open_in(struct child *child, struct os_plan *plan, const struct os_operation *operation) {
	const struct plan_stream stream = { .path = operation->path, .how = (enum os_open)operation->last };
	int fd = 0;

	CHECK(!child->has_moved); /* its path counts from the parent's working directory */
	CHECK(!child->has_user);
	while (child->file[fd])
		fd++;
	CHECK(fd < child->limit);
	child->file[fd] = file_of(&stream);
	child->close_on_exec[fd] = true;
	plan->sources[operation->source] = fd;
	if (is_target(plan, fd)) {
		plan->sources[operation->source] = put_aside(child, plan, fd);
		child->file[fd] = 0;
	}
}

static int lift_in(struct child *child, struct os_plan *plan, int source) {
	int number = put_aside(child, plan, plan->sources[source]);

	if (number < 0)
		return number;
	plan->sources[source] = number;
	return 0;
}

static int place_in(struct child *child, int fd, int number) {
	if (!is_open(child, fd) || number >= child->limit)
		return -EBADF;
	CHECK(number != child->status_fd);
	child->file[number] = child->file[fd];
	child->close_on_exec[number] = false;
	return 0;
}

static void close_in(struct child *child, int first, int last) {
	CHECK(first <= last);
	for (int fd = first; fd <= last && fd < NUMBERS; fd++) {
		if (fd != child->status_fd)
			child->file[fd] = 0;
	}
}

/* Only the descriptors that the plan deals with may fail here; all else is a rule of the kernel's that it keeps. */
static int perform_in(struct child *child, struct os_plan *plan, const struct os_operation *operation) {
	child->done[operation->action]++;
	switch (operation->action) {
	case OS_OPEN:
		open_in(child, plan, operation);
		return 0;
	case OS_LIFT:
		return lift_in(child, plan, operation->source);
	case OS_PLACE:
		return place_in(child, plan->sources[operation->source], operation->number);
	case OS_CLOSE_RANGE:
		close_in(child, operation->number, operation->last);
		return 0;
	case OS_NEW_SESSION:
		child->leads_session = true;
		return 0;
	case OS_CONTROLLING_TERMINAL:
		CHECK(child->leads_session);
		return is_open(child, plan->sources[operation->source]) ? 0 : -EBADF;
	case OS_NICE:
		CHECK(!child->has_user);                              /* who may not lower it */
		CHECK_EQ(operation->last != 0, child->leads_session); /* whose autogroup is new */
		return 0;
	case OS_OOM_SCORE:
	case OS_IO_PRIORITY:
		CHECK(!child->has_user);
		return 0;
	case OS_DIRECTORY:
		child->has_moved = true;
		return 0;
	case OS_LIMIT:
		CHECK(!child->has_user); /* who may not raise it */
		if (operation->number == RLIMIT_NOFILE)
			child->limit = (int)*(const uint64_t *)operation->data;
		return 0;
	case OS_GROUPS:
	case OS_GROUP_ID:
		CHECK(!child->has_user);
		child->death_signal = 0;
		return 0;
	case OS_USER_ID:
		child->has_user = true;
		child->death_signal = 0;
		return 0;
	case OS_PARENT_DEATH_SIGNAL:
		child->death_signal = operation->number;
		return 0;
	case OS_NEW_GROUP:
	case OS_UMASK:
	case OS_NO_NEW_PRIVS:
	case OS_LISTEN_PID:
	case OS_FOREGROUND:
		return 0;
	}
	check_fail(__FILE__, __LINE__, "an action that there is");
	return 0;
}

static void lift_status_in(struct child *child, const struct os_plan *plan) {
	int higher;

	if (child->status_fd < 0 || !is_target(plan, child->status_fd))
		return;
	higher = put_aside(child, plan, child->status_fd);
	child->file[child->status_fd] = 0;
	child->status_fd = higher;
}

/* Everything up to and with exec, but for the cut. Returns 0, or the error of operation *ret_failed. */
static int replay(struct child *child, struct os_plan *plan, int *ret_failed) {
	int error;

	lift_status_in(child, plan);
	for (size_t i = 0; i < plan->count; i++) {
		error = perform_in(child, plan, &plan->operations[i]);
		if (error < 0) {
			*ret_failed = (int)i;
			return error;
		}
	}
	for (int fd = 0; fd < NUMBERS; fd++) {
		if (child->close_on_exec[fd])
			child->file[fd] = 0;
	}
	return 0;
}

/* ---- random inputs ---- */

/* Never the pipe: it was made after the caller named its descriptors. */
static bool is_source(const struct child *child, int fd) {
	return child->file[fd] && fd != child->status_fd;
}

static int draw_open(const struct child *child) {
	int fd;

	do
		fd = draw(RANDOM_NUMBERS);
	while (!is_source(child, fd));
	return fd;
}

static void draw_table(struct child *child) {
	int density = 1 + draw(4);

	memset(child, 0, sizeof *child);
	child->limit = INT_MAX;
	for (int fd = 0; fd < RANDOM_NUMBERS; fd++) {
		if (draw(fd < 3 ? 6 : 4) < density) {
			child->file[fd] = 1 + fd;
			child->close_on_exec[fd] = draw(2);
		}
	}
	child->file[draw(RANDOM_NUMBERS)] = ODD_FILE;
	child->status_fd = -1;
	if (draw(2)) {
		child->status_fd = 3 + draw(RANDOM_NUMBERS - 4);
		child->file[child->status_fd] = STATUS_FILE;
		child->close_on_exec[child->status_fd] = true;
	}
	child->file[RANDOM_NUMBERS - 1] = LAST_FILE; /* one at least is open that is not the pipe */
}

static bool is_passed_as(const struct input *input, int target) {
	for (size_t i = 0; i < input->options.pass_count; i++) {
		if (input->pass[i].as == target)
			return true;
	}
	return false;
}

static void draw_passes(struct input *input) {
	const struct child *child = &input->child;
	int count = draw(PASSES + 1), target;

	for (int i = 0; i < count; i++) {
		do
			target = 3 + draw(draw(2) ? RANDOM_NUMBERS : 12);
		while (is_passed_as(input, target));
		input->pass[i] = (struct hold_pass){ draw_open(child), target };
		input->options.pass_count++;
	}
	if (count >= 2 && is_source(child, input->pass[0].as) && is_source(child, input->pass[1].as)) {
		input->pass[0].fd = input->pass[1].as; /* a swap */
		input->pass[1].fd = input->pass[0].as;
	}
	if (count >= 3 && draw(2)) /* one source in two places */
		input->pass[2].fd = input->pass[0].fd;
	input->options.pass = input->pass;
}

static struct plan_stream draw_stream(const struct child *child, int number) {
	struct plan_stream stream = { .fd = -1 };

	switch (draw(number == 2 ? 4 : 3)) {
	case 0:
		stream.fd = draw_open(child);
		break;
	case 1:
		stream.path = paths[number];
		stream.how = (enum os_open)draw(OS_OPEN_NULL + 1);
		break;
	case 2: /* as inherited */
		stream.fd = child->file[number] ? number : -1;
		break;
	default:
		stream.is_stdout = true;
	}
	return stream;
}

static void draw_settings(struct input *input) {
	struct hold_options *options = &input->options;
	const uint64_t flags[] = { HOLD_NEW_SESSION,     HOLD_NEW_GROUP,    HOLD_SET_UMASK, HOLD_SET_OOM_SCORE,
				   HOLD_SET_IO_PRIORITY, HOLD_NO_NEW_PRIVS, HOLD_KEEP_MASK, HOLD_SET_LISTEN_PID };

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		options->flags |= draw(3) ? 0 : flags[i];
	options->nice = draw(3) - 1;
	options->directory = draw(2) ? "/" : NULL;
	options->parent_death_signal = draw(2) ? 0 : 15;
	options->limit_count = (size_t)draw(LIMITS + 1);
	options->limits = input->limits;
	for (size_t i = 0; i < options->limit_count; i++) {
		input->limits[i].resource = draw(2) ? RLIMIT_NOFILE : RLIMIT_CORE;
		input->limits[i].soft = input->limits[i].hard = (uint64_t)draw(RANDOM_NUMBERS); /* below targets too */
	}
	input->plan.ids.set = draw(2) ? 0 : (uint32_t)draw(8);
}

static void draw_input(struct input *input) {
	memset(input, 0, sizeof *input);
	draw_table(&input->child);
	input->options.size = sizeof input->options;
	input->plan.options = &input->options;
	input->plan.subordinate = draw(4) ? -1 : draw_open(&input->child);
	for (int i = 0; i < 3; i++)
		input->plan.streams[i] = draw_stream(&input->child, i);
	draw_passes(input);
	draw_settings(input);
	if (draw(3) == 0)
		input->options.flags |= HOLD_PASS_ALL;
}

static void print_stream(const struct plan_stream *stream) {
	if (stream->path)
		printf(" %s", stream->path);
	else if (stream->is_stdout)
		printf(" as 1");
	else
		printf(" %d", stream->fd);
}

static void print_input(const struct input *input) {
	printf("# streams");
	for (int i = 0; i < 3; i++)
		print_stream(&input->plan.streams[i]);
	printf(", terminal %d, pipe %d, flags %llx, ids %x; open:", input->plan.subordinate, input->child.status_fd,
	       (unsigned long long)input->options.flags, (unsigned)input->plan.ids.set);
	for (int fd = 0; fd < NUMBERS; fd++) {
		if (input->child.file[fd])
			printf(" %d%s", fd, input->child.close_on_exec[fd] ? "c" : "");
	}
	for (size_t i = 0; i < input->options.pass_count; i++)
		printf("%s %d as %d", i ? "," : "; pass", input->pass[i].fd, input->pass[i].as);
	printf("\n");
}

/* ---- what is to come of them ---- */

static bool passes_all(const struct input *input) {
	return input->options.flags & HOLD_PASS_ALL;
}

/* The file that number fd is to stand for in the new process; 0: closed. */
static int wanted_file(const struct input *input, int fd) {
	const struct child *parent = &input->child;
	const struct plan_stream *stream = fd < 3 ? &input->plan.streams[fd] : NULL;

	if (stream && stream->is_stdout)
		return wanted_file(input, 1);
	if (stream && stream->path)
		return file_of(stream);
	if (stream && stream->fd >= 0)
		return parent->file[stream->fd];
	for (size_t i = 0; i < input->options.pass_count; i++) {
		if (input->pass[i].as == fd)
			return parent->file[input->pass[i].fd];
	}
	return passes_all(input) && !parent->close_on_exec[fd] ? parent->file[fd] : 0;
}

static void check_table(const struct input *input, const struct child *child) {
	for (int fd = 0; fd < NUMBERS; fd++) {
		int wanted = wanted_file(input, fd);

		if (child->file[fd] != wanted) {
			print_input(input);
			printf("# number %d stands for %d, not %d\n", fd, child->file[fd], wanted);
			CHECK(child->file[fd] == wanted);
		}
	}
}

/* The rest of what was asked for was done, once each, and nothing else. */
static void check_settings(const struct input *input, const struct child *child) {
	const struct hold_options *options = &input->options;
	const uint64_t flags = options->flags;
	const bool session = flags & HOLD_NEW_SESSION || input->plan.subordinate >= 0;
	const struct {
		enum os_action action;
		size_t count;
	} wanted[] = {
		{ OS_NEW_SESSION, session },
		{ OS_NEW_GROUP, flags & HOLD_NEW_GROUP && !session },
		{ OS_CONTROLLING_TERMINAL, input->plan.subordinate >= 0 },
		{ OS_UMASK, (flags & HOLD_SET_UMASK) != 0 },
		{ OS_NICE, options->nice != 0 },
		{ OS_LIMIT, options->limit_count },
		{ OS_OOM_SCORE, (flags & HOLD_SET_OOM_SCORE) != 0 },
		{ OS_IO_PRIORITY, (flags & HOLD_SET_IO_PRIORITY) != 0 },
		{ OS_GROUPS, (input->plan.ids.set & HOLD_IDS_GROUPS) != 0 },
		{ OS_GROUP_ID, (input->plan.ids.set & HOLD_IDS_GROUP) != 0 },
		{ OS_USER_ID, (input->plan.ids.set & HOLD_IDS_USER) != 0 },
		{ OS_NO_NEW_PRIVS, (flags & HOLD_NO_NEW_PRIVS) != 0 },
		{ OS_LISTEN_PID, (flags & HOLD_SET_LISTEN_PID) != 0 },
		{ OS_DIRECTORY, options->directory != NULL },
	};

	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		CHECK_EQ(child->done[wanted[i].action], wanted[i].count);
	CHECK_EQ(child->death_signal, options->parent_death_signal);
}

static bool is_needed(const struct input *input, int fd) {
	bool needed = fd == input->plan.subordinate;

	for (int i = 0; i < 3; i++)
		needed |= fd == input->plan.streams[i].fd;
	for (size_t i = 0; i < input->options.pass_count; i++)
		needed |= fd == input->pass[i].fd;
	return needed;
}

/* The table is the parent's until the cut, whose other threads open and close there what nobody named. */
static void cut_in(struct child *child, const struct input *input, int cut) {
	for (int fd = 0; fd < NUMBERS; fd++) {
		if (is_needed(input, fd) || draw(3))
			continue;
		child->file[fd] = draw(3) ? STRANGERS_FILE + fd : 0;
		child->close_on_exec[fd] = draw(2);
	}
	for (int fd = cut; fd < NUMBERS; fd++)
		child->file[fd] = 0;
}

/* One above the highest source that lies below `low`. */
static int above_sources(const struct os_plan *plan, int low) {
	int highest = -1;

	for (size_t i = 0; i < plan->source_count; i++) {
		if (plan->sources[i] > highest && plan->sources[i] < low)
			highest = plan->sources[i];
	}
	return highest + 1;
}

/* What lies at `low` or above comes back on the lowest free numbers, but for those at which something is placed. */
static void fetch_in(struct child *child, const struct child *parent, struct os_plan *plan, int low) {
	int fd;

	for (size_t i = 0; i < plan->source_count; i++) {
		if (plan->sources[i] < low)
			continue;
		for (fd = 0; child->file[fd]; fd++)
			;
		child->file[fd] = parent->file[plan->sources[i]];
		child->close_on_exec[fd] = true;
		plan->sources[i] = fd;
		if (is_target(plan, fd)) {
			plan->sources[i] = put_aside(child, plan, fd);
			child->file[fd] = 0;
		}
	}
}

enum { COPY = -1 };

/* The table is cut below `low`, or COPY. */
static void check_round(const struct input *input, int low) {
	struct child child = input->child;
	struct plan plan;
	int pass, failed, error;

	CHECK_EQ(plan_make(&plan, &input->plan, &pass), 0);
	CHECK_EQ(plan.os.changes_ids, input->plan.ids.set != 0);
	CHECK_EQ(plan.os.pass_all, passes_all(input));
	if (low != COPY) {
		cut_in(&child, input, above_sources(&plan.os, low));
		fetch_in(&child, &input->child, &plan.os, low);
	}
	error = replay(&child, &plan.os, &failed);
	if (error < 0) {
		print_input(input);
		printf("# operation %d failed\n", failed);
		CHECK_EQ(error, 0);
	}
	check_table(input, &child);
	check_settings(input, &child);
	plan_free(&plan);
}

TEST("exactly the named descriptors are open after exec, each with its source, and all that was asked for is done") {
	struct input input;

	seed(20240917);
	for (int round = 0; round < ROUNDS; round++) {
		draw_input(&input);
		check_round(&input, COPY);
	}
}

static void check_cuts(int lowest, int highest) {
	struct input input;
	int cuts = 0;

	while (cuts < ROUNDS) {
		draw_input(&input);
		if (input.child.status_fd >= 0 || passes_all(&input)) /* then it is copied */
			continue;
		check_round(&input, lowest + draw(highest - lowest + 1));
		cuts++;
	}
}

TEST("the same where the table is cut above the highest source, and other threads' files have landed below it") {
	seed(20250309);
	check_cuts(NUMBERS, NUMBERS);
}

TEST("the same where it is cut low, and what lies above is fetched") {
	seed(20260117);
	check_cuts(0, RANDOM_NUMBERS);
}

TEST("a descriptor that is not open fails at the step, and as the pass, that named it") {
	struct input input;
	struct plan plan;
	struct child child;
	int pass, failed, victim, named, rounds = 0;

	seed(7);
	while (rounds < ROUNDS / 10) {
		draw_input(&input);
		if (!input.options.pass_count)
			continue;
		victim = draw((int)input.options.pass_count);
		named = input.pass[victim].fd = CHOSEN_NUMBERS + draw(4); /* above all that is ever open */
		CHECK_EQ(plan_make(&plan, &input.plan, &pass), 0);
		child = input.child;
		CHECK_EQ(replay(&child, &plan.os, &failed), -EBADF);
		CHECK_EQ(plan.origins[failed].step, HOLD_AT_DESCRIPTOR);
		CHECK_EQ(plan.origins[failed].numbers[0], named);
		rounds++;
		plan_free(&plan);
	}
}

TEST("two descriptors that are to pass as one number are refused, and the second is named") {
	struct input input;
	struct plan plan;
	int pass, first, second;

	seed(99);
	for (int round = 0; round < ROUNDS / 10;) {
		draw_input(&input);
		if (input.options.pass_count < 2)
			continue;
		first = draw((int)input.options.pass_count - 1);
		second = first + 1 + draw((int)input.options.pass_count - first - 1);
		input.pass[second].as = input.pass[first].as;
		pass = -1;
		CHECK_EQ(plan_make(&plan, &input.plan, &pass), -EINVAL);
		CHECK_EQ(pass, second);
		round++;
	}
}

#define STANDARD_STREAMS \
	{ \
		{ .fd = 0 }, { .fd = 1 }, { \
			.fd = 2 \
		} \
	}

TEST("a pass that names a standard stream's number beside that stream is refused") {
	const struct hold_pass pass = { 5, 3 };
	struct hold_options options = { .size = sizeof options, .pass = &pass, .pass_count = 1 };
	struct plan_input input = { .options = &options, .streams = STANDARD_STREAMS, .subordinate = -1 };
	struct hold_pass upon_stream = { 5, 2 };
	struct plan plan;
	int number = -1;

	CHECK_EQ(plan_make(&plan, &input, &number), 0);
	plan_free(&plan);
	options.pass = &upon_stream;
	CHECK_EQ(plan_make(&plan, &input, &number), -EINVAL);
	CHECK_EQ(number, 0);
}

static size_t position(const struct plan *plan, enum os_action action) {
	for (size_t i = 0; i < plan->os.count; i++) {
		if (plan->os.operations[i].action == action)
			return i;
	}
	return SIZE_MAX;
}

TEST("a terminal brings its session with it, before it and before any descriptor moves") {
	const struct hold_pass pass = { 4, 3 };
	struct hold_options options = { .size = sizeof options, .pass = &pass, .pass_count = 1 };
	struct plan_input input = {
		.options = &options,
		.streams = { { .fd = 3 }, { .fd = 3 }, { .fd = 3 } },
		.subordinate = 3,
	};
	struct plan plan;
	int number;

	CHECK_EQ(plan_make(&plan, &input, &number), 0);
	CHECK_EQ(position(&plan, OS_NEW_SESSION), 0);
	CHECK_EQ(position(&plan, OS_CONTROLLING_TERMINAL), 1);
	CHECK_EQ(plan.os.sources[plan.os.operations[1].source], 3);
	CHECK(position(&plan, OS_LIFT) > 1);
	CHECK(position(&plan, OS_LIFT) < plan.os.count);
	CHECK_EQ(position(&plan, OS_NEW_GROUP), SIZE_MAX);
	plan_free(&plan);
}

TEST("a new session makes a new group needless; a new group alone is made; neither is made unasked") {
	struct hold_options options = { .size = sizeof options, .flags = HOLD_NEW_SESSION | HOLD_NEW_GROUP };
	struct plan_input input = { .options = &options, .streams = STANDARD_STREAMS, .subordinate = -1 };
	struct plan plan;
	int number;

	CHECK_EQ(plan_make(&plan, &input, &number), 0);
	CHECK_EQ(position(&plan, OS_NEW_SESSION), 0);
	CHECK_EQ(position(&plan, OS_NEW_GROUP), SIZE_MAX); /* the leader of a session may not leave its group */
	plan_free(&plan);
	options.flags = HOLD_NEW_GROUP;
	CHECK_EQ(plan_make(&plan, &input, &number), 0);
	CHECK_EQ(position(&plan, OS_NEW_SESSION), SIZE_MAX);
	CHECK_EQ(position(&plan, OS_NEW_GROUP), 0);
	CHECK_EQ(plan.origins[0].step, HOLD_AT_GROUP);
	plan_free(&plan);
	options.flags = 0;
	CHECK_EQ(plan_make(&plan, &input, &number), 0);
	CHECK_EQ(position(&plan, OS_NEW_SESSION), SIZE_MAX);
	CHECK_EQ(position(&plan, OS_NEW_GROUP), SIZE_MAX);
	plan_free(&plan);
}

TEST("standard error that goes where a closed standard output goes is closed") {
	struct hold_options options = { .size = sizeof options };
	struct plan_input input = {
		.options = &options,
		.streams = { { .fd = 0 }, { .fd = -1 }, { .fd = -1, .is_stdout = true } },
		.subordinate = -1,
	};
	struct plan plan;
	int number;

	CHECK_EQ(plan_make(&plan, &input, &number), 0);
	CHECK_EQ(plan.os.count, 2); /* standard input stays, all else is closed */
	CHECK_EQ(position(&plan, OS_PLACE), 0);
	CHECK_EQ(plan.os.operations[1].action, OS_CLOSE_RANGE);
	CHECK_EQ(plan.os.operations[1].number, 1);
	plan_free(&plan);
}

/* Every option, and sources that all lie in each other's places, with gaps between: the longest plan there is. */
static void make_longest(struct plan *ret, bool with_files) {
	static const struct hold_pass pass[] = { { 12, 4 }, { 4, 6 }, { 6, 8 }, { 8, 10 }, { 10, 12 } };
	static const struct hold_limit limits[] = { { .resource = RLIMIT_NOFILE, .soft = 1, .hard = 1 },
						    { .resource = RLIMIT_CORE } };
	static const uint32_t groups[] = { 7, 8, 9 };
	static const struct hold_options options = {
		.size = sizeof options,
		.flags = HOLD_NEW_SESSION | HOLD_NEW_GROUP | HOLD_SET_UMASK | HOLD_SET_OOM_SCORE |
			 HOLD_SET_IO_PRIORITY | HOLD_NO_NEW_PRIVS,
		.umask = 0,
		.nice = 1,
		.parent_death_signal = 15,
		.directory = "/",
		.oom_score_adj = -5,
		.io_priority = 2 << 13 | 7,
		.limits = limits,
		.limit_count = 2,
		.pass = pass,
		.pass_count = 5,
	};
	struct plan_input input = {
		.options = &options,
		.streams = { { .fd = 1 }, { .fd = 2 }, { .fd = 0 } },
		.subordinate = 3,
		.ids = { .set = HOLD_IDS_USER | HOLD_IDS_GROUP | HOLD_IDS_GROUPS,
			 .user = 5,
			 .group = 6,
			 .groups = groups,
			 .group_count = 3 },
	};
	int number;

	for (int i = 0; i < 3 && with_files; i++)
		input.streams[i] = (struct plan_stream){ .fd = -1, .path = paths[i], .how = OS_OPEN_APPEND };
	CHECK_EQ(plan_make(ret, &input, &number), 0);
}

struct wanted_operation {
	enum os_action action;
	int step, number;
};

static void check_operations(const struct plan *plan, size_t first, const struct wanted_operation *wanted,
			     size_t count) {
	for (size_t i = 0; i < count; i++) {
		CHECK_EQ(plan->os.operations[first + i].action, wanted[i].action);
		CHECK_EQ(plan->origins[first + i].step, wanted[i].step);
		if (wanted[i].number >= 0)
			CHECK_EQ(plan->os.operations[first + i].number, wanted[i].number);
	}
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

TEST("with every option at once the plan fits its room, and each operation knows its step") {
	static const struct wanted_operation first[] = {
		{ OS_NEW_SESSION, HOLD_AT_SESSION, -1 }, { OS_CONTROLLING_TERMINAL, HOLD_AT_CONTROLLING_TERMINAL, -1 },
		{ OS_UMASK, HOLD_AT_OPTION, 0 },         { OS_NICE, HOLD_AT_NICENESS, 1 },
		{ OS_OOM_SCORE, HOLD_AT_OOM_SCORE, -5 }, { OS_IO_PRIORITY, HOLD_AT_IO_PRIORITY, 2 << 13 | 7 },
		{ OS_DIRECTORY, HOLD_AT_DIRECTORY, -1 }, { OS_LIFT, HOLD_AT_STDIN, -1 },
	};
	struct plan plan;

	make_longest(&plan, false);
	CHECK_EQ(plan.os.count, 7 + 8 + 8 + 6 + 2 + 5);
	check_operations(&plan, 0, first, COUNT(first));
	plan_free(&plan);
}

TEST("limits come when the descriptors are in place, ids after them, groups before the user, the death signal last") {
	static const struct wanted_operation last[] = {
		{ OS_CLOSE_RANGE, HOLD_AT_DESCRIPTOR, 13 },
		{ OS_LIMIT, HOLD_AT_LIMIT, RLIMIT_NOFILE },
		{ OS_LIMIT, HOLD_AT_LIMIT, RLIMIT_CORE },
		{ OS_GROUPS, HOLD_AT_GROUPS, 3 },
		{ OS_GROUP_ID, HOLD_AT_GROUP_ID, 6 },
		{ OS_USER_ID, HOLD_AT_USER_ID, 5 },
		{ OS_NO_NEW_PRIVS, HOLD_AT_NO_NEW_PRIVS, -1 },
		{ OS_PARENT_DEATH_SIGNAL, HOLD_AT_PARENT_DEATH_SIGNAL, 15 },
	};
	struct plan plan;

	for (int with_files = 0; with_files < 2; with_files++) {
		make_longest(&plan, with_files);
		check_operations(&plan, plan.os.count - COUNT(last), last, COUNT(last));
		plan_free(&plan);
	}
}

TEST("files are opened before anything else, at the steps of their streams") {
	static const struct wanted_operation first[] = {
		{ OS_OPEN, HOLD_AT_STDIN, -1 },
		{ OS_OPEN, HOLD_AT_STDOUT, -1 },
		{ OS_OPEN, HOLD_AT_STDERR, -1 },
		{ OS_NEW_SESSION, HOLD_AT_SESSION, -1 },
	};
	struct plan plan;

	make_longest(&plan, true);
	check_operations(&plan, 0, first, COUNT(first));
	for (int i = 0; i < 3; i++) {
		CHECK_STRING(plan.os.operations[i].path, paths[i]);
		CHECK_EQ(plan.os.operations[i].last, OS_OPEN_APPEND);
	}
	CHECK_EQ(plan.os.count, 3 + 7 + 5 + 8 + 6 + 2 + 5);
	plan_free(&plan);
}

/* ---- what a failure is told to be about ---- */

/* The object of the failure of the operation that is the first of its action. */
static const char *object_of(const struct plan *plan, enum os_action action) {
	static struct hold_error error;
	const size_t at = position(plan, action);

	CHECK(at < plan->os.count);
	error = (struct hold_error){ .size = sizeof error };
	CHECK_EQ(failure_of(&error, -EPERM, &plan->origins[at]), -EPERM);
	CHECK_EQ(error.code, -EPERM);
	CHECK_EQ(error.step, plan->origins[at].step);
	return error.object;
}

TEST("the object of each operation is what it asks the system for") {
	struct plan plan;

	make_longest(&plan, true);
	CHECK_STRING(object_of(&plan, OS_OPEN), "file 0");
	CHECK_STRING(object_of(&plan, OS_NEW_SESSION), "");
	CHECK_STRING(object_of(&plan, OS_CONTROLLING_TERMINAL), "");
	CHECK_STRING(object_of(&plan, OS_UMASK), "umask");
	CHECK_STRING(object_of(&plan, OS_NICE), "+1");
	CHECK_STRING(object_of(&plan, OS_OOM_SCORE), "-5");
	CHECK_STRING(object_of(&plan, OS_IO_PRIORITY), "16391");
	CHECK_STRING(object_of(&plan, OS_DIRECTORY), "/");
	CHECK_STRING(object_of(&plan, OS_LIFT), "12 as 4");
	CHECK_STRING(object_of(&plan, OS_PLACE), "file 0");
	CHECK_STRING(object_of(&plan, OS_CLOSE_RANGE), "table");
	CHECK_STRING(object_of(&plan, OS_LIMIT), "7"); /* RLIMIT_NOFILE */
	CHECK_STRING(object_of(&plan, OS_GROUPS), "");
	CHECK_STRING(object_of(&plan, OS_GROUP_ID), "6");
	CHECK_STRING(object_of(&plan, OS_USER_ID), "5");
	CHECK_STRING(object_of(&plan, OS_NO_NEW_PRIVS), "");
	CHECK_STRING(object_of(&plan, OS_PARENT_DEATH_SIGNAL), "15");
	plan_free(&plan);
}

/* Of a plan with these options. */
static void check_object(const struct hold_options *options, bool has_keeper, enum os_action action,
			 const char *wanted) {
	struct plan_input input = {
		.options = options,
		.streams = STANDARD_STREAMS,
		.subordinate = -1,
		.has_keeper = has_keeper,
		.ids = { .set = HOLD_IDS_USER, .user = UINT32_MAX - 1 },
	};
	struct plan plan;
	int number;

	CHECK_EQ(plan_make(&plan, &input, &number), 0);
	CHECK_STRING(object_of(&plan, action), wanted);
	plan_free(&plan);
}

TEST("the object of a death signal that a keeper needs is that signal, which no option asked for") {
	const struct hold_options options = { .size = sizeof options };

	check_object(&options, true, OS_PARENT_DEATH_SIGNAL, "9");
}

TEST("the object of an id is never below 0; a niceness has its sign; a stream's descriptor has the caller's number") {
	const struct hold_options options = { .size = sizeof options, .nice = -3, .in = { HOLD_STDIO_FD, 7, NULL } };

	check_object(&options, false, OS_USER_ID, "4294967294");
	check_object(&options, false, OS_NICE, "-3");
	check_object(&options, false, OS_PLACE, "from descriptor 7");
}

CHECK_MAIN
