/* SPDX-License-Identifier: ISC */
/*
 * The descriptors are the main part: each source is to appear under a target number, and a source may lie at the target
 * of another one. So each source that lies at another's target is first duplicated to a number above all targets. Then
 * each source is put at its target, in any order. Then the gaps between the targets are closed, and all above.
 * Files are opened before anything else, since their paths start at the caller's working directory.
 */
#include "plan.h"
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

/* A descriptor that passes to the command. */
struct slot {
	int source, target;
	int pass;                       /* of options->pass, or -1 for a standard stream */
	const struct plan_stream *file; /* to be opened by the child, or NULL */
	bool is_stdout;                 /* the slot before this one is its source */
	struct origin origin;
};

/* Operations that occur once at most: session or group, terminal, the settings, three opens, the close above all. */
enum { OTHER_OPERATIONS = 20 };

struct origin plan_stream_origin(const struct plan_input *input, int number) {
	const struct hold_stdio *stream = options_stream(input->options, number);
	struct origin origin = { .step = HOLD_AT_STDIN + number, .text = input->streams[number].path };

	if (stream->kind == HOLD_STDIO_FD) {
		origin.format = "from descriptor %lld";
		origin.numbers[0] = stream->fd;
	}
	return origin;
}

struct origin plan_pass_origin(const struct plan_input *input, size_t number) {
	const struct hold_pass *pass = &input->options->pass[number];

	return (struct origin){ HOLD_AT_DESCRIPTOR, NULL, "%lld as %lld", { pass->fd, pass->as } };
}

static void add_with(struct plan *plan, struct origin origin, struct os_operation operation) {
	plan->origins[plan->os.count] = origin;
	plan->operations[plan->os.count++] = operation;
}

static void add(struct plan *plan, int step, const char *object, struct os_operation operation) {
	add_with(plan, (struct origin){ .step = step, .text = object }, operation);
}

/* Adds an operation whose number is its object. */
static void add_number(struct plan *plan, int step, const char *format, struct os_operation operation) {
	add_with(plan, (struct origin){ .step = step, .format = format, .numbers = { operation.number } }, operation);
}

static void add_id(struct plan *plan, int step, enum os_action action, uint32_t id) {
	add_with(plan, (struct origin){ .step = step, .format = "%lld", .numbers = { id } },
		 (struct os_operation){ .action = action, .number = (int)id });
}

static bool starts_session(const struct plan_input *input) {
	return input->options->flags & HOLD_NEW_SESSION || input->subordinate >= 0;
}

static bool has_leading_keeper(const struct plan_input *input) {
	return input->has_keeper && input->subordinate >= 0 &&
	       (input->options->flags & (HOLD_KEEPER_LEADS | HOLD_NEW_SESSION)) == HOLD_KEEPER_LEADS;
}

static void add_terminal(struct plan *plan, const struct plan_input *input, enum os_action action) {
	plan->os.sources[plan->os.source_count] = input->subordinate;
	add(plan, HOLD_AT_CONTROLLING_TERMINAL, NULL,
	    (struct os_operation){ .action = action, .source = (int)plan->os.source_count });
	plan->os.source_count++;
}

static void add_session(struct plan *plan, const struct plan_input *input) {
	if (has_leading_keeper(input)) {
		add(plan, HOLD_AT_GROUP, NULL, (struct os_operation){ .action = OS_NEW_GROUP });
		add_terminal(plan, input, OS_FOREGROUND);
		return;
	}
	if (starts_session(input))
		add(plan, HOLD_AT_SESSION, NULL, (struct os_operation){ .action = OS_NEW_SESSION });
	else if (input->options->flags & HOLD_NEW_GROUP)
		add(plan, HOLD_AT_GROUP, NULL, (struct os_operation){ .action = OS_NEW_GROUP });
	if (input->subordinate >= 0)
		add_terminal(plan, input, OS_CONTROLLING_TERMINAL);
}

static void add_settings(struct plan *plan, const struct plan_input *input) {
	const struct hold_options *options = input->options;

	if (options->flags & HOLD_SET_UMASK)
		add(plan, HOLD_AT_OPTION, "umask",
		    (struct os_operation){ .action = OS_UMASK, .number = (int)options->umask });
	if (options->nice)
		add_number(plan, HOLD_AT_NICENESS, "%+lld",
			   (struct os_operation){
				   .action = OS_NICE, .number = options->nice, .last = starts_session(input) });
	if (options->flags & HOLD_SET_OOM_SCORE)
		add_number(plan, HOLD_AT_OOM_SCORE, "%lld",
			   (struct os_operation){ .action = OS_OOM_SCORE, .number = options->oom_score_adj });
	if (options->flags & HOLD_SET_IO_PRIORITY)
		add_number(plan, HOLD_AT_IO_PRIORITY, "%lld",
			   (struct os_operation){ .action = OS_IO_PRIORITY, .number = options->io_priority });
	if (options->flags & HOLD_SET_LISTEN_PID)
		add(plan, HOLD_AT_OPTION, "flags", (struct os_operation){ .action = OS_LISTEN_PID });
	if (options->directory)
		add(plan, HOLD_AT_DIRECTORY, options->directory,
		    (struct os_operation){ .action = OS_DIRECTORY, .path = options->directory });
}

/* After the descriptors, which may need numbers above a new limit; before ids that may not raise limits. */
static void add_limits(struct plan *plan, const struct hold_options *options) {
	for (size_t i = 0; i < options->limit_count; i++)
		add_number(plan, HOLD_AT_LIMIT, "%lld",
			   (struct os_operation){ .action = OS_LIMIT,
						  .number = options->limits[i].resource,
						  .data = &options->limits[i].soft });
}

/* Groups come before the user, who may not change them. The death signal is last: a change of ids clears it. */
static void add_ids(struct plan *plan, const struct plan_input *input) {
	const struct hold_options *options = input->options;
	const struct hold_ids *ids = &input->ids;
	const int death_signal = input->has_keeper ? os_sigkill : options->parent_death_signal;

	if (ids->set & HOLD_IDS_GROUPS)
		add(plan, HOLD_AT_GROUPS, NULL,
		    (struct os_operation){ .action = OS_GROUPS, .number = (int)ids->group_count, .data = ids->groups });
	if (ids->set & HOLD_IDS_GROUP)
		add_id(plan, HOLD_AT_GROUP_ID, OS_GROUP_ID, ids->group);
	if (ids->set & HOLD_IDS_USER)
		add_id(plan, HOLD_AT_USER_ID, OS_USER_ID, ids->user);
	if (options->flags & HOLD_NO_NEW_PRIVS)
		add(plan, HOLD_AT_NO_NEW_PRIVS, NULL, (struct os_operation){ .action = OS_NO_NEW_PRIVS });
	if (death_signal)
		add_number(plan, HOLD_AT_PARENT_DEATH_SIGNAL, "%lld",
			   (struct os_operation){ .action = OS_PARENT_DEATH_SIGNAL, .number = death_signal });
}

static int compare_target(const void *one, const void *other) {
	const struct slot *a = one, *b = other;

	return (a->target > b->target) - (a->target < b->target);
}

/* Of two slots with one target the one given first comes first, so that the second one is reported. */
static int compare_slots(const void *one, const void *other) {
	const struct slot *a = one, *b = other;
	const int order = compare_target(a, b);

	return order ? order : (a->pass > b->pass) - (a->pass < b->pass);
}

/* In the order of their targets. Returns how many. */
static size_t collect_slots(struct slot *slots, const struct plan_input *input) {
	const struct hold_options *options = input->options;
	size_t count = 0;

	for (int i = 0; i < 3; i++) {
		const struct plan_stream *stream = &input->streams[i];

		if (stream->is_stdout && (count == 0 || slots[count - 1].target != 1))
			continue; /* standard output is closed, so standard error is too */
		if (stream->fd >= 0 || stream->path || stream->is_stdout)
			slots[count++] = (struct slot){ .source = stream->fd,
							.target = i,
							.pass = -1,
							.file = stream->path ? stream : NULL,
							.is_stdout = stream->is_stdout,
							.origin = plan_stream_origin(input, i) };
	}
	for (size_t i = 0; i < options->pass_count; i++)
		slots[count++] = (struct slot){ .source = options->pass[i].fd,
						.target = options->pass[i].as,
						.pass = (int)i,
						.origin = plan_pass_origin(input, i) };
	qsort(slots, count, sizeof *slots, compare_slots);
	return count;
}

static void add_opens(struct plan *plan, const struct slot *slots, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (slots[i].file)
			add_with(plan, slots[i].origin,
				 (struct os_operation){ .action = OS_OPEN,
							.path = slots[i].file->path,
							.last = (int)slots[i].file->how,
							.source = (int)i });
	}
}

/* The slot whose target is `number`, or NULL. */
static const struct slot *find_target(const struct slot *slots, size_t count, int number) {
	const struct slot there = { .target = number };

	return bsearch(&there, slots, count, sizeof *slots, compare_target);
}

/* Whether the number of this slot's source is the target of another source. */
static bool is_in_the_way(const struct slot *slots, size_t count, const struct slot *slot) {
	const struct slot *found = find_target(slots, count, slot->source);

	return found && found->source != slot->source;
}

static void add_sources(struct plan *plan, const struct slot *slots, size_t count) {
	for (size_t i = 0; i < count; i++)
		plan->os.sources[i] = slots[i].source;
	plan->os.source_count = count;
}

static void add_slots(struct plan *plan, const struct slot *slots, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (is_in_the_way(slots, count, &slots[i]))
			add_with(plan, slots[i].origin, (struct os_operation){ .action = OS_LIFT, .source = (int)i });
	}
	for (size_t i = 0; i < count; i++)
		add_with(plan, slots[i].origin,
			 (struct os_operation){ .action = OS_PLACE,
						.source = slots[i].is_stdout ? (int)i - 1 : (int)i,
						.number = slots[i].target });
}

static void add_closes(struct plan *plan, const struct slot *slots, size_t count) {
	int next = 0;

	for (size_t i = 0; i < count; i++) {
		if (slots[i].target > next)
			add(plan, HOLD_AT_DESCRIPTOR, "table",
			    (struct os_operation){
				    .action = OS_CLOSE_RANGE, .number = next, .last = slots[i].target - 1 });
		next = slots[i].target + 1;
	}
	add(plan, HOLD_AT_DESCRIPTOR, "table",
	    (struct os_operation){ .action = OS_CLOSE_RANGE, .number = next, .last = INT_MAX });
}

static int find_double(const struct slot *slots, size_t count, int *ret_pass) {
	for (size_t i = 1; i < count; i++) {
		if (slots[i].target == slots[i - 1].target) {
			*ret_pass = slots[i].pass;
			return -EINVAL;
		}
	}
	return 0;
}

static bool is_watched(const struct hold_options *options) {
	return (options->start_deadline && options->start_deadline != HOLD_FOREVER) || options->give_up;
}

int plan_make(struct plan *ret, const struct plan_input *input, int *ret_pass) {
	const struct hold_options *options = input->options;
	const size_t room = 3 + options->pass_count, operations = OTHER_OPERATIONS + options->limit_count + 3 * room;
	struct plan plan = { .os = { .blocked = options->blocked,
				     .keep_ignored = options->keep_ignored,
				     .keep_mask = options->flags & HOLD_KEEP_MASK,
				     .pass_all = options->flags & HOLD_PASS_ALL,
				     .deadline = options->start_deadline == HOLD_FOREVER ? 0 : options->start_deadline,
				     .give_up = options->give_up,
				     .give_up_context = options->give_up_context,
				     .is_watched = is_watched(options),
				     .changes_ids = input->ids.set != 0 } };
	struct slot *slots = calloc(room, sizeof *slots);
	size_t count;
	int error = -ENOMEM;

	plan.operations = calloc(operations, sizeof *plan.operations);
	plan.origins = calloc(operations, sizeof *plan.origins);
	plan.os.sources = calloc(room + 1, sizeof *plan.os.sources); /* one more for the controlling terminal */
	if (slots && plan.operations && plan.origins && plan.os.sources) {
		count = collect_slots(slots, input);
		plan.os.operations = plan.operations;
		plan.os.first_free = count && slots[count - 1].target > 2 ? slots[count - 1].target + 1 : 3;
		add_sources(&plan, slots, count);
		add_opens(&plan, slots, count);
		add_session(&plan, input);
		add_settings(&plan, input);
		add_slots(&plan, slots, count);
		if (!plan.os.pass_all)
			add_closes(&plan, slots, count);
		else if (input->streams[2].is_stdout && !find_target(slots, count, 2))
			add_with(&plan, plan_stream_origin(input, 2),
				 (struct os_operation){ .action = OS_CLOSE_RANGE, .number = 2, .last = 2 });
		add_limits(&plan, options);
		add_ids(&plan, input);
		error = find_double(slots, count, ret_pass);
	}
	free(slots);
	if (error < 0)
		plan_free(&plan);
	else
		*ret = plan;
	return error;
}

void plan_free(struct plan *plan) {
	free(plan->operations);
	free(plan->origins);
	free(plan->os.sources);
}
