/* SPDX-License-Identifier: ISC */
/*
 * Starting: the options are checked, the program is found, streams and terminal are opened, a plan is made, all in
 * the parent; then the child replays the plan (os/child.c). Whatever fails says at which step and on what, and what
 * was made until then is undone in one place.
 */
#include "audit.h"
#include "contain.h"
#include "failure.h"
#include "hold.h"
#include "own-children.h"
#include "plan.h"
#include "program.h"
#include "structure.h"

#include "base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* A start on its way. */
struct start {
	struct hold_options options;
	struct hold_terminal terminal;
	struct hold *hold;
	char *program;
	struct plan_input input;
	struct containment containment;
	struct os_keeper keeper;
	int theirs[3]; /* the child's ends of pipes, to be closed again here */
	struct hold_error error;
};

#define FLAGS \
	(HOLD_NEW_SESSION | HOLD_NEW_GROUP | HOLD_KEEP_MASK | HOLD_PASS_ALL | HOLD_SET_UMASK | HOLD_SET_OOM_SCORE | \
	 HOLD_SET_IO_PRIORITY | HOLD_NO_NEW_PRIVS | HOLD_LADDER_AT_DEATH | HOLD_RESTORE_TERMINAL)

static const struct hold_stdio *stream_of(const struct start *start, int number) {
	const struct hold_options *options = &start->options;

	return number == 0 ? &options->in : number == 1 ? &options->out : &options->err;
}

static int check_stream(struct start *start, int number) {
	static const char *const names[] = { "in", "out", "err" };
	const struct hold_stdio *stream = stream_of(start, number);
	const char *wrong = NULL;
	char object[16];

	switch (stream->kind) {
	case HOLD_STDIO_DEFAULT:
	case HOLD_STDIO_INHERIT:
	case HOLD_STDIO_NULL:
	case HOLD_STDIO_PIPE:
		break;
	case HOLD_STDIO_FD:
		wrong = stream->fd < 0 ? "fd" : NULL;
		break;
	case HOLD_STDIO_APPEND:
		wrong = number == 0 ? "kind" : NULL;
		/* fallthrough */
	case HOLD_STDIO_FILE:
		wrong = !wrong && !stream->path ? "path" : wrong;
		break;
	case HOLD_STDIO_LIKE_STDOUT:
		wrong = number != 2 ? "kind" : NULL;
		break;
	default:
		wrong = "kind";
	}
	if (!wrong)
		return 0;
	snprintf(object, sizeof object, "%s.%s", names[number], wrong);
	return fail(&start->error, -EINVAL, HOLD_AT_OPTION, object);
}

static int check_passes(struct start *start) {
	const struct hold_options *options = &start->options;

	if (options->pass_count > INT_MAX / 4 || (options->pass_count && !options->pass))
		return fail(&start->error, -EINVAL, HOLD_AT_OPTION, "pass");
	for (size_t i = 0; i < options->pass_count; i++) {
		if (options->pass[i].fd < 0)
			return fail_number(&start->error, -EINVAL, HOLD_AT_OPTION, "pass[%lld].fd", (long long)i);
		if (options->pass[i].as < 3 || options->pass[i].as == INT_MAX)
			return fail_number(&start->error, -EINVAL, HOLD_AT_OPTION, "pass[%lld].as", (long long)i);
	}
	return 0;
}

static int check_ids(struct start *start) {
	struct hold_ids *ids = &start->input.ids;
	int error;

	if (!start->options.ids)
		return 0;
	error = structure_take(ids, sizeof *ids, start->options.ids);
	if (error == 0 && (ids->set & ~(HOLD_IDS_USER | HOLD_IDS_GROUP | HOLD_IDS_GROUPS) || ids->reserved ||
			   ids->group_count > INT_MAX || (ids->group_count && !ids->groups)))
		error = -EINVAL;
	return error < 0 ? fail(&start->error, error, HOLD_AT_OPTION, "ids") : 0;
}

static int check_limits(struct start *start) {
	const struct hold_options *options = &start->options;

	if (options->limit_count > INT_MAX / 4 || (options->limit_count && !options->limits))
		return fail(&start->error, -EINVAL, HOLD_AT_OPTION, "limits");
	for (size_t i = 0; i < options->limit_count; i++) {
		if (options->limits[i].reserved)
			return fail_number(&start->error, -EINVAL, HOLD_AT_OPTION, "limits[%lld].reserved",
					   (long long)i);
	}
	return 0;
}

/* A constant of a family whose default is 0 and whose others are numbered from `first` to `last`. */
static bool is_in_family(int value, int first, int last) {
	return value == 0 || (value >= first && value <= last);
}

static int check_options(struct start *start, const struct hold_options *given) {
	struct hold_options *options = &start->options;
	int error = structure_take(options, sizeof *options, given);

	if (error < 0)
		return fail(&start->error, error, HOLD_AT_OPTION, "size");
	if (options->terminal) {
		error = structure_take(&start->terminal, sizeof start->terminal, options->terminal);
		if (error < 0)
			return fail(&start->error, error, HOLD_AT_OPTION, "terminal");
	}
	if (!options->argv || !options->argv[0])
		return fail(&start->error, -EINVAL, HOLD_AT_OPTION, "argv");
	if (options->flags & ~FLAGS)
		return fail(&start->error, -EINVAL, HOLD_AT_OPTION, "flags");
	if (options->umask > 0777)
		return fail(&start->error, -EINVAL, HOLD_AT_OPTION, "umask");
	if (options->parent_death_signal < 0)
		return fail(&start->error, -EINVAL, HOLD_AT_OPTION, "parent_death_signal");
	if (!is_in_family(options->contain, HOLD_CONTAIN_BEST, HOLD_CONTAIN_CGROUP) ||
	    (options->contain >= HOLD_CONTAIN_KEEPER && options->parent_death_signal) ||
	    (options->contain == HOLD_CONTAIN_PIDNS && options->on_release == HOLD_RELEASE_LEAVE))
		return fail(&start->error, -EINVAL, HOLD_AT_OPTION, "contain");
	if (!is_in_family(options->on_release, HOLD_RELEASE_KILL, HOLD_RELEASE_LEAVE))
		return fail(&start->error, -EINVAL, HOLD_AT_OPTION, "on_release");
	for (int i = 0; i < 3 && error == 0; i++)
		error = check_stream(start, i);
	if (error == 0)
		error = check_passes(start);
	if (error == 0)
		error = check_limits(start);
	return error < 0 ? error : check_ids(start);
}

/* The options that the hold keeps. */
static int make_hold(struct start *start) {
	const struct hold_options *options = &start->options;
	struct hold *h = start->hold = hold_new();
	int error;

	if (!h)
		return fail(&start->error, -ENOMEM, HOLD_AT_MEMORY, NULL);
	h->on_release = options->on_release;
	error = ladder_take(h->ladder, &h->ladder_count, options->ladder, options->ladder_count);
	return error < 0 ? fail(&start->error, error, HOLD_AT_OPTION, "ladder") : 0;
}

static int find_program(struct start *start) {
	struct hold_options *options = &start->options;
	const char *name = options->program ? options->program : options->argv[0];
	int error;

	if (!options->env)
		options->env = os_environment();
	error = program_find(&start->program, name, options->env, options->directory);
	if (error == -ENOMEM)
		return fail(&start->error, error, HOLD_AT_MEMORY, NULL);
	return error < 0 ? fail(&start->error, error, HOLD_AT_PROGRAM, name) : 0;
}

static int open_terminal(struct start *start) {
	const struct hold_winsize *asked = &start->terminal.winsize;
	struct os_winsize winsize = { asked->rows, asked->columns, asked->x_pixels, asked->y_pixels };
	struct os_terminal terminal;
	int error;

	if (!start->options.terminal)
		return 0;
	if (!winsize.rows)
		winsize.rows = 24;
	if (!winsize.columns)
		winsize.columns = 80;
	error = os_terminal_open(&terminal, &winsize, start->terminal.modes);
	if (error < 0)
		return fail(&start->error, error, HOLD_AT_TERMINAL,
			    error == -ENOENT || error == -ENODEV ? "/dev/ptmx" : NULL);
	start->hold->ends[HOLD_TERMINAL] = terminal.master;
	start->input.subordinate = os_lower(terminal.subordinate);
	return 0;
}

static int open_pipe(struct start *start, int number, int *ret) {
	int ends[2], ours = number == 0, error = os_pipe(ends);

	if (error < 0)
		return error;
	start->hold->ends[number] = ends[ours];
	*ret = start->theirs[number] = os_lower(ends[!ours]);
	return 0;
}

/* What becomes stream `number`. Files are opened by the child: see OS_OPEN. */
static int open_stream(struct start *start, const struct hold_stdio *stream, int number, struct plan_stream *ret) {
	bool *on_terminal = start->hold->on_terminal;
	int kind = stream->kind;

	if (kind == HOLD_STDIO_DEFAULT && start->input.subordinate < 0)
		kind = HOLD_STDIO_INHERIT;
	*ret = (struct plan_stream){ .fd = -1 };
	switch (kind) {
	case HOLD_STDIO_DEFAULT:
		on_terminal[number] = true;
		ret->fd = start->input.subordinate;
		return 0;
	case HOLD_STDIO_INHERIT:
		ret->fd = os_is_open(number) ? number : -1;
		return 0;
	case HOLD_STDIO_FD:
		ret->fd = stream->fd;
		return 0;
	case HOLD_STDIO_LIKE_STDOUT:
		on_terminal[number] = on_terminal[1];
		ret->is_stdout = true;
		return 0;
	case HOLD_STDIO_PIPE:
		return open_pipe(start, number, &ret->fd);
	case HOLD_STDIO_NULL:
		ret->path = "/dev/null";
		ret->how = OS_OPEN_NULL;
		return 0;
	default:
		ret->path = stream->path;
		ret->how = kind == HOLD_STDIO_APPEND ? OS_OPEN_APPEND : number == 0 ? OS_OPEN_READ : OS_OPEN_REPLACE;
		return 0;
	}
}

static int choose_containment(struct start *start) {
	const char *object;
	int error = containment_choose(&start->containment, &start->options, start->hold, &object);

	if (start->containment.way == HOLD_CONTAIN_GROUP)
		start->options.flags |= HOLD_NEW_GROUP;
	return error < 0 ? fail(&start->error, error, HOLD_AT_CONTAINMENT, object) : 0;
}

static int fail_stream(struct start *start, int code, int number) {
	const struct origin origin = plan_stream_origin(&start->input, number);

	return fail_at(&start->error, code, &origin);
}

static int fail_pass(struct start *start, int code, size_t number) {
	const struct origin origin = plan_pass_origin(&start->input, number);

	return fail_at(&start->error, code, &origin);
}

/* Before anything is opened here, which might get the number of one that is not open. */
static int check_sources(struct start *start) {
	const struct hold_options *options = &start->options;

	for (int i = 0; i < 3; i++) {
		if (stream_of(start, i)->kind == HOLD_STDIO_FD && !os_is_open(stream_of(start, i)->fd))
			return fail_stream(start, -EBADF, i);
	}
	for (size_t i = 0; i < options->pass_count; i++) {
		if (!os_is_open(options->pass[i].fd))
			return fail_pass(start, -EBADF, i);
	}
	return 0;
}

static int open_streams(struct start *start) {
	int error = open_terminal(start);

	for (int i = 0; i < 3 && error == 0; i++) {
		error = open_stream(start, stream_of(start, i), i, &start->input.streams[i]);
		if (error < 0)
			fail_stream(start, error, i);
	}
	return error;
}

/* The plan failed in the child, or the child could not be made: in words. */
static int explain(struct start *start, const struct plan *plan, int failed, int error) {
	const char *const blamed = containment_blame(&start->containment, failed);

	if (blamed)
		return fail(&start->error, error, HOLD_AT_CONTAINMENT, blamed);
	if (failed == OS_FAILED_SIGNAL_MASK)
		return fail(&start->error, error, HOLD_AT_SIGNAL_MASK, NULL);
	if (failed == OS_FAILED_EXEC) {
		char text[sizeof start->error.object];

		/* Looked at with our own rights: what another user may not execute is not told by them. */
		if (!(start->input.ids.set && error == -EACCES) &&
		    program_blames_interpreter(error, start->program, start->options.directory, text, sizeof text))
			return fail(&start->error, error, HOLD_AT_INTERPRETER, text);
		return fail(&start->error, error, HOLD_AT_PROGRAM, start->program);
	}
	if (failed < 0 || (size_t)failed >= plan->os.count) /* OS_FAILED_PROCESS, or a number that is none of ours */
		return fail(&start->error, error, HOLD_AT_PROCESS,
			    error == -ECHILD ? "killed before it executed the program" : NULL);
	return fail_at(&start->error, error, &plan->origins[failed]);
}

static void fill_in(struct start *start, const struct os_child *child) {
	struct hold *h = start->hold;

	h->containment = start->containment.way;
	h->cgroup = start->containment.cgroup;
	h->is_child = !start->input.is_kept;
	h->pid = child->pid;
	h->pidfd = child->pidfd;
	h->niceness = child->niceness;
	h->autogroup = child->autogroup;
	h->table = child->table;
	h->starter_max_rss_kib = child->starter_max_rss_kib;
	h->keeper = start->keeper;
}

/* *ret_failed: OS_FAILED_PROCESS if the containment may be to blame. */
static int launch(struct start *start, int *ret_failed) {
	struct hold *h = start->hold;
	struct os_child child;
	struct plan plan;
	int pass = -1, error;

	start->input.is_kept = containment_is_kept(&start->containment);
	*ret_failed = 0;
	error = plan_make(&plan, &start->input, &pass);
	if (error == -ENOMEM)
		return fail(&start->error, error, HOLD_AT_MEMORY, NULL);
	if (error < 0)
		return fail_number(&start->error, error, HOLD_AT_OPTION, "pass[%lld].as", pass);
	plan.os.program = start->program;
	plan.os.argv = start->options.argv;
	plan.os.env = start->options.env;
	h->start_ns = clock_now();
	if (start->input.is_kept)
		error = os_spawn_kept(&plan.os, &start->containment.keeping, &child, &start->keeper, ret_failed);
	else
		error = os_spawn(&plan.os, &child, ret_failed);
	if (error < 0)
		explain(start, &plan, *ret_failed, error);
	else
		fill_in(start, &child);
	plan_free(&plan);
	return error;
}

static int launch_contained(struct start *start) {
	int failed, error;

	own_children_begin_start();
	do
		error = launch(start, &failed);
	while (error < 0 && containment_falls_back(&start->containment, &start->options, failed, error));
	own_children_end_start(error < 0 ? NULL : start->hold);
	if (error < 0)
		containment_undo(&start->containment);
	return error;
}

/* Everything that is not the hold's; and on failure the hold, which has no process yet. */
static void clean_up(struct start *start, int result) {
	for (int i = 0; i < 3; i++)
		os_close_lowered(start->theirs[i]);
	os_close_lowered(start->input.subordinate);
	free(start->program);
	if (result < 0)
		hold_free(start->hold);
}

int hold_spawn(struct hold **ret, const struct hold_options *options, struct hold_error *reterr) {
	struct start start = {
		.keeper = { .pidfd = -1, .socket = -1 },
		.input = { .subordinate = -1 },
		.theirs = { -1, -1, -1 },
	};
	int kept = errno, result;

	if (!ret)
		return -EINVAL;
	result = structure_check(reterr, sizeof *reterr);
	if (result < 0)
		return result;
	start.input.options = &start.options;
	result = check_options(&start, options);
	if (result == 0)
		result = make_hold(&start);
	if (result == 0)
		result = find_program(&start);
	if (result == 0) {
		result = audit_program(AUDIT_SPAWN, start.program, start.options.argv);
		if (result < 0)
			fail(&start.error, result, HOLD_AT_AUDIT, "pidhold.spawn");
	}
	if (result == 0)
		result = check_sources(&start);
	if (result == 0)
		result = open_streams(&start);
	if (result == 0)
		result = choose_containment(&start);
	if (result == 0)
		result = launch_contained(&start);
	clean_up(&start, result);
	if (result == 0)
		*ret = start.hold;
	else
		structure_give(reterr, &start.error, sizeof start.error);
	errno = kept;
	return result;
}

int hold_fds_reserve(void) {
	return os_reserve();
}
