/* SPDX-License-Identifier: ISC */
/* core/plan.c against a model of a descriptor table, in which its operations are carried out as os/child.c does. */
#include "../check.h"

#include "core/plan.h"

enum { NUMBERS = 160, RANDOM_NUMBERS = 24, PASSES = 10, STATUS_FILE = 100000, ROUNDS = 20000 };

struct table {
	int file[NUMBERS]; /* which open file a number stands for; 0: closed */
	bool close_on_exec[NUMBERS];
	int status_fd; /* the pipe to the parent, or -1 */
};

/* What is put to the test: a table, and what of it is to pass. */
struct input {
	struct table table;
	struct hold_pass pass[PASSES];
	struct hold_options options;
	struct plan_input plan;
};

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

static int lift_in(struct table *table, int fd, int lowest) {
	if (fd < 0 || fd >= NUMBERS || !table->file[fd])
		return -EBADF;
	for (int number = lowest; number < NUMBERS; number++) {
		if (!table->file[number]) {
			table->file[number] = table->file[fd];
			table->close_on_exec[number] = true;
			return number;
		}
	}
	return -EMFILE;
}

static int place_in(struct table *table, int fd, int number) {
	if (fd < 0 || fd >= NUMBERS || !table->file[fd])
		return -EBADF;
	CHECK(number != table->status_fd);
	table->file[number] = table->file[fd];
	table->close_on_exec[number] = false;
	return 0;
}

static int perform_in(struct table *table, struct os_plan *plan, const struct os_operation *operation) {
	int result;

	switch (operation->action) {
	case OS_LIFT:
		result = lift_in(table, plan->sources[operation->source], operation->number);
		if (result >= 0)
			plan->sources[operation->source] = result;
		return result < 0 ? result : 0;
	case OS_PLACE:
		return place_in(table, plan->sources[operation->source], operation->number);
	case OS_CLOSE_RANGE:
		CHECK(operation->number <= operation->last);
		for (int fd = operation->number; fd <= operation->last && fd < NUMBERS; fd++) {
			if (fd != table->status_fd)
				table->file[fd] = 0;
		}
		return 0;
	case OS_CONTROLLING_TERMINAL:
		return table->file[operation->number] ? 0 : -EBADF;
	default:
		return 0;
	}
}

/* Everything up to and with exec. Returns 0, or the error of operation *ret_failed. */
static int replay(struct table *table, struct os_plan *plan, int *ret_failed) {
	int error;

	if (table->status_fd >= 0 && table->status_fd < plan->first_free) {
		int higher = lift_in(table, table->status_fd, plan->first_free);

		CHECK(higher >= 0);
		table->file[table->status_fd] = 0;
		table->status_fd = higher;
	}
	for (size_t i = 0; i < plan->count; i++) {
		error = perform_in(table, plan, &plan->operations[i]);
		if (error < 0) {
			*ret_failed = (int)i;
			return error;
		}
	}
	for (int fd = 0; fd < NUMBERS; fd++) {
		if (table->close_on_exec[fd])
			table->file[fd] = 0;
	}
	return 0;
}

/* ---- random inputs ---- */

/* Never the pipe: it was made after the caller named its descriptors. */
static bool is_source(const struct table *table, int fd) {
	return table->file[fd] && fd != table->status_fd;
}

static int draw_open(const struct table *table) {
	int fd;

	do
		fd = draw(RANDOM_NUMBERS);
	while (!is_source(table, fd));
	return fd;
}

static void draw_table(struct table *table) {
	int density = 1 + draw(4);

	memset(table, 0, sizeof *table);
	for (int fd = 0; fd < RANDOM_NUMBERS; fd++) {
		if (draw(4) < density) {
			table->file[fd] = 1 + fd;
			table->close_on_exec[fd] = draw(2);
		}
	}
	table->file[draw(RANDOM_NUMBERS)] = 1000;
	table->status_fd = -1;
	if (draw(2)) {
		table->status_fd = 3 + draw(RANDOM_NUMBERS - 4);
		table->file[table->status_fd] = STATUS_FILE;
		table->close_on_exec[table->status_fd] = true;
	}
	table->file[RANDOM_NUMBERS - 1] = 1001; /* one at least is open that is not the pipe */
}

static bool is_named(const struct input *input, int target) {
	for (size_t i = 0; i < input->options.pass_count; i++) {
		if (input->pass[i].as == target)
			return true;
	}
	return target < 3 && input->plan.streams[target] >= 0;
}

static void draw_passes(struct input *input) {
	int count = draw(PASSES + 1), target;

	for (int i = 0; i < count; i++) {
		do
			target = 3 + draw(draw(2) ? RANDOM_NUMBERS : 12);
		while (is_named(input, target));
		input->pass[i] = (struct hold_pass){ draw_open(&input->table), target };
		input->options.pass_count++;
	}
	if (count >= 2 && is_source(&input->table, input->pass[0].as) && is_source(&input->table, input->pass[1].as)) {
		input->pass[0].fd = input->pass[1].as; /* a swap */
		input->pass[1].fd = input->pass[0].as;
	}
	if (count >= 3 && draw(2)) /* one source in two places */
		input->pass[2].fd = input->pass[0].fd;
	input->options.pass = input->pass;
}

static void draw_input(struct input *input) {
	memset(input, 0, sizeof *input);
	draw_table(&input->table);
	input->options.size = sizeof input->options;
	input->plan.options = &input->options;
	input->plan.subordinate = draw(4) ? -1 : draw_open(&input->table);
	for (int i = 0; i < 3; i++)
		input->plan.streams[i] = draw(4) ? draw_open(&input->table) : -1;
	draw_passes(input);
	if (draw(3) == 0)
		input->options.flags |= HOLD_PASS_ALL;
	if (draw(3) == 0)
		input->options.flags |= HOLD_NEW_GROUP;
}

static void print_input(const struct input *input) {
	const int *streams = input->plan.streams;

	printf("# streams %d %d %d, terminal %d, pipe %d, flags %llx; open:", streams[0], streams[1], streams[2],
	       input->plan.subordinate, input->table.status_fd, (unsigned long long)input->options.flags);
	for (int fd = 0; fd < NUMBERS; fd++) {
		if (input->table.file[fd])
			printf(" %d%s", fd, input->table.close_on_exec[fd] ? "c" : "");
	}
	for (size_t i = 0; i < input->options.pass_count; i++)
		printf("%s %d as %d", i ? "," : "; pass", input->pass[i].fd, input->pass[i].as);
	printf("\n");
}

/* The file that number fd is to stand for in the new process; 0: closed. */
static int wanted_file(const struct input *input, int fd) {
	const struct table *table = &input->table;

	if (fd < 3 && input->plan.streams[fd] >= 0)
		return table->file[input->plan.streams[fd]];
	for (size_t i = 0; i < input->options.pass_count; i++) {
		if (input->pass[i].as == fd)
			return table->file[input->pass[i].fd];
	}
	return input->options.flags & HOLD_PASS_ALL && !table->close_on_exec[fd] ? table->file[fd] : 0;
}

static void check_table(const struct input *input, const struct table *table) {
	for (int fd = 0; fd < NUMBERS; fd++) {
		int wanted = wanted_file(input, fd);

		if (table->file[fd] != wanted) {
			print_input(input);
			printf("# number %d stands for %d, not %d\n", fd, table->file[fd], wanted);
			CHECK(table->file[fd] == wanted);
		}
	}
}

TEST("exactly the named descriptors are open after exec, each with its own source, whatever lies where") {
	struct input input;
	struct plan plan;
	struct table table;
	int pass, failed, error;

	seed(20240917);
	for (int round = 0; round < ROUNDS; round++) {
		draw_input(&input);
		CHECK_EQ(plan_make(&plan, &input.plan, &pass), 0);
		table = input.table;
		error = replay(&table, &plan.os, &failed);
		if (error < 0) {
			print_input(&input);
			printf("# operation %d failed\n", failed);
			CHECK_EQ(error, 0);
		}
		check_table(&input, &table);
		plan_free(&plan);
	}
}

TEST("a descriptor that is not open fails at the step, and as the pass, that named it") {
	struct input input;
	struct plan plan;
	struct table table;
	int pass, failed, victim, named, rounds = 0;

	seed(7);
	while (rounds < ROUNDS / 10) {
		draw_input(&input);
		if (!input.options.pass_count)
			continue;
		victim = draw((int)input.options.pass_count);
		named = input.pass[victim].fd = RANDOM_NUMBERS + 20 + draw(4); /* above all that is open */
		CHECK_EQ(plan_make(&plan, &input.plan, &pass), 0);
		table = input.table;
		CHECK_EQ(replay(&table, &plan.os, &failed), -EBADF);
		CHECK_EQ(plan.origins[failed].step, HOLD_AT_DESCRIPTOR);
		CHECK_EQ(input.pass[plan.origins[failed].number].fd, named);
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

TEST("a pass that names a standard stream's number beside that stream is refused") {
	const struct hold_pass pass = { 5, 3 };
	struct hold_options options = { .size = sizeof options, .pass = &pass, .pass_count = 1 };
	struct plan_input input = { .options = &options, .streams = { 0, 1, 2 }, .subordinate = -1 };
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
	struct plan_input input = { .options = &options, .streams = { 3, 3, 3 }, .subordinate = 3 };
	struct plan plan;
	int number;

	CHECK_EQ(plan_make(&plan, &input, &number), 0);
	CHECK_EQ(position(&plan, OS_NEW_SESSION), 0);
	CHECK_EQ(position(&plan, OS_CONTROLLING_TERMINAL), 1);
	CHECK_EQ(plan.os.operations[1].number, 3);
	CHECK(position(&plan, OS_LIFT) > 1);
	CHECK_EQ(position(&plan, OS_NEW_GROUP), SIZE_MAX);
	plan_free(&plan);
}

TEST("a new session makes a new group needless; a new group alone is made; neither is made unasked") {
	struct hold_options options = { .size = sizeof options, .flags = HOLD_NEW_SESSION | HOLD_NEW_GROUP };
	struct plan_input input = { .options = &options, .streams = { 0, 1, 2 }, .subordinate = -1 };
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

TEST("with every option at once the plan fits its room, and each operation knows its step") {
	static const struct { enum os_action action; int step; } wanted[] = {
		{ OS_NEW_SESSION, HOLD_AT_SESSION },
		{ OS_CONTROLLING_TERMINAL, HOLD_AT_CONTROLLING_TERMINAL },
		{ OS_UMASK, HOLD_AT_OPTION },
		{ OS_NICE, HOLD_AT_NICENESS },
		{ OS_PARENT_DEATH_SIGNAL, HOLD_AT_PARENT_DEATH_SIGNAL },
		{ OS_DIRECTORY, HOLD_AT_DIRECTORY },
		{ OS_LIFT, HOLD_AT_STDIN },
	};
	/* Sources that all lie in each other's places, and targets with gaps between: the longest plan there is. */
	const struct hold_pass pass[] = { { 12, 4 }, { 4, 6 }, { 6, 8 }, { 8, 10 }, { 10, 12 } };
	struct hold_options options = { .size = sizeof options,
					.flags = HOLD_NEW_SESSION | HOLD_NEW_GROUP | HOLD_SET_UMASK,
					.umask = 0,
					.nice = 1,
					.parent_death_signal = 15,
					.directory = "/",
					.pass = pass,
					.pass_count = 5 };
	struct plan_input input = { .options = &options, .streams = { 1, 2, 0 }, .subordinate = 3 };
	struct plan plan;
	int number;

	CHECK_EQ(plan_make(&plan, &input, &number), 0);
	CHECK_EQ(plan.os.count, 6 + 8 + 8 + 6);
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		CHECK_EQ(plan.os.operations[i].action, wanted[i].action);
		CHECK_EQ(plan.origins[i].step, wanted[i].step);
	}
	plan_free(&plan);
}

CHECK_MAIN
