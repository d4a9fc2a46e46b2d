/* SPDX-License-Identifier: ISC */
/*
 * Starting. The parent checks the options, finds the program, opens streams and terminal, and makes a plan; then the
 * child replays the plan (os/start/child.c). A failure names its step and object, and what was made until then is
 * undone in one place.
 */
#include "audit.h"
#include "contain.h"
#include "environment.h"
#include "failure.h"
#include "hold.h"
#include "keeper.h"
#include "ladder.h"
#include "options.h"
#include "own-children.h"
#include "plan.h"
#include "program.h"
#include "structure.h"

#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* A start on its way. */
struct start {
	const struct hold_options *given;
	struct asked asked;
	struct hold *hold;
	char *program;
	const char **shell_argv; /* with HOLD_SHELL_SCRIPTS */
	const char **env;        /* with HOLD_SET_LISTEN_PID */
	struct plan_input input;
	struct containment containment;
	struct os_keeper keeper;
	int theirs[3]; /* the child's ends of pipes, to be closed again here */
	struct hold_error error;
};

static int check_options(struct start *start) {
	const int error = options_take(&start->asked, start->given, &start->error);

	start->input.options = &start->asked.options;
	start->input.ids = start->asked.ids;
	return error;
}

/* Makes the hold, with the options that it keeps. */
static int make_hold(struct start *start) {
	const struct hold_options *options = &start->asked.options;
	struct hold *h = start->hold = held_new();
	int error;

	if (!h)
		return failure(&start->error, -ENOMEM, HOLD_AT_MEMORY, NULL);
	h->on_release = options->on_release;
	error = ladder_take(h->ladder, &h->ladder_count, options->ladder, options->ladder_count);
	return error < 0 ? failure(&start->error, error, HOLD_AT_OPTION, "ladder") : 0;
}

static bool may_have_keeper(const struct hold_options *options) {
	return options->contain != HOLD_CONTAIN_NONE && options->contain != HOLD_CONTAIN_GROUP;
}

static int find_program(struct start *start) {
	struct hold_options *options = &start->asked.options;
	const char *name = options->program ? options->program : options->argv[0];
	char own[HOLD_OBJECT_SIZE];
	int error = 0;

	if (!options->env)
		options->env = os_environment();
	if (may_have_keeper(options) && os_program_is_own(name)) {
		error = os_program_own(own, sizeof own);
		name = error == 0 ? own : name;
	}
	if (error == 0)
		error = program_find(&start->program, name, options->env, options->directory);
	if (error == -ENOMEM)
		return failure(&start->error, error, HOLD_AT_MEMORY, NULL);
	return error < 0 ? failure(&start->error, error, HOLD_AT_PROGRAM, name) : 0;
}

static int prepare_shell(struct start *start) {
	if (!(start->asked.options.flags & HOLD_SHELL_SCRIPTS))
		return 0;
	start->shell_argv = program_shell_argv(start->program, start->asked.options.argv);
	return start->shell_argv ? 0 : failure(&start->error, -ENOMEM, HOLD_AT_MEMORY, NULL);
}

static int prepare_environment(struct start *start) {
	struct hold_options *options = &start->asked.options;

	if (!(options->flags & HOLD_SET_LISTEN_PID))
		return 0;
	options->env = start->env = environment_with_listen_pid(options->env);
	return start->env ? 0 : failure(&start->error, -ENOMEM, HOLD_AT_MEMORY, NULL);
}

/* Which limit or file is to blame where no terminal can be opened. */
static const char *blame_for_terminal(int error) {
	if (error == -ENOSPC)
		return "kernel.pty.max";
	return error == -ENOENT || error == -ENODEV ? "/dev/ptmx" : NULL;
}

static int set_up_terminal(struct start *start, const struct os_terminal *terminal) {
	const struct hold_ids *ids = &start->asked.ids;
	int error = start->asked.terminal.modes ? 0 : os_terminal_set_utf8(terminal);

	if (error == 0 && ids->set & HOLD_IDS_USER)
		error = os_terminal_give(terminal, ids->user);
	return error < 0 ? failure(&start->error, error, HOLD_AT_TERMINAL, NULL) : 0;
}

static int open_terminal(struct start *start) {
	const struct hold_winsize *asked = &start->asked.terminal.winsize;
	struct os_winsize winsize = { asked->rows, asked->columns, asked->x_pixels, asked->y_pixels };
	struct os_terminal terminal;
	int error;

	if (!start->asked.options.terminal)
		return 0;
	if (!winsize.rows)
		winsize.rows = 24;
	if (!winsize.columns)
		winsize.columns = 80;
	error = os_terminal_open(&terminal, &winsize, start->asked.terminal.modes);
	if (error < 0)
		return failure(&start->error, error, HOLD_AT_TERMINAL, blame_for_terminal(error));
	start->hold->stream_fds[HOLD_TERMINAL] = terminal.master;
	start->input.subordinate = os_lower(terminal.subordinate);
	return set_up_terminal(start, &(struct os_terminal){ terminal.master, start->input.subordinate });
}

static int open_pipe(struct start *start, int number, int *ret) {
	int pair[2], ours = number == 0, error = os_pipe(pair);

	if (error < 0)
		return error;
	start->hold->stream_fds[number] = pair[ours];
	*ret = start->theirs[number] = os_lower(pair[!ours]);
	return 0;
}

/* Opens what becomes stream `number`, except files: the child opens those, see OS_OPEN. */
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

static int fail_containment(struct start *start, int code, const char *object) {
	start->error.need = failure_need(code, start->containment.need);
	return failure(&start->error, code, start->containment.step, object);
}

static int choose_containment(struct start *start) {
	const char *object;
	int error = containment_choose(&start->containment, &start->asked, start->hold, &object);

	if (start->containment.way == HOLD_CONTAIN_GROUP)
		start->asked.options.flags |= HOLD_NEW_GROUP;
	return error < 0 ? fail_containment(start, error, object) : 0;
}

static int fail_stream(struct start *start, int code, int number) {
	const struct origin origin = plan_stream_origin(&start->input, number);

	return failure_of(&start->error, code, &origin);
}

static int fail_pass(struct start *start, int code, size_t number) {
	const struct origin origin = plan_pass_origin(&start->input, number);

	return failure_of(&start->error, code, &origin);
}

/* Before anything is opened here: that might get the number of a source which is not open. */
static int check_sources(struct start *start) {
	const struct hold_options *options = &start->asked.options;

	for (int i = 0; i < 3; i++) {
		const struct hold_stdio *stream = options_stream(options, i);

		if (stream->kind == HOLD_STDIO_FD && !os_is_open(stream->fd))
			return fail_stream(start, -EBADF, i);
	}
	for (size_t i = 0; i < options->pass_count; i++) {
		if (!os_is_open(options->pass[i].fd))
			return fail_pass(start, -EBADF, i);
	}
	return 0;
}

static int keep_other_side(struct start *start) {
	const bool *on = start->hold->on_terminal;
	int side;

	if (start->input.subordinate < 0 || on[0] || on[1] || on[2])
		return 0;
	side = os_duplicate(start->input.subordinate);
	if (side < 0)
		return failure(&start->error, side, HOLD_AT_TERMINAL, NULL);
	start->hold->other_side = side;
	return 0;
}

static int open_streams(struct start *start) {
	int error = open_terminal(start);

	for (int i = 0; i < 3 && error == 0; i++) {
		error = open_stream(start, options_stream(&start->asked.options, i), i, &start->input.streams[i]);
		if (error < 0)
			fail_stream(start, error, i);
	}
	return error == 0 ? keep_other_side(start) : error;
}

/* The file is looked at with our own rights, which do not show what another user may not execute. */
static int explain_exec(struct start *start, int error) {
	const char *const directory = start->asked.options.directory;
	char text[sizeof start->error.object];

	if (!(start->input.ids.set && error == -EACCES) &&
	    program_blames_interpreter(error, start->program, directory, text, sizeof text))
		return failure(&start->error, error, HOLD_AT_INTERPRETER, text);
	return failure(&start->error, error, HOLD_AT_PROGRAM, start->program);
}

static int explain_shell(struct start *start, int error) {
	char text[sizeof start->error.object];

	snprintf(text, sizeof text, "%s of %s", start->shell_argv[0], start->program);
	return failure(&start->error, error, HOLD_AT_INTERPRETER, text);
}

/* Stores the error of a plan that failed in the child, or of a child that could not be made. */
static int explain(struct start *start, const struct plan *plan, int failed, int error) {
	const char *const blamed = containment_blame(&start->containment, failed);

	if (blamed)
		return fail_containment(start, error, blamed);
	switch (failed) {
	case OS_FAILED_SIGNAL_MASK:
		return failure(&start->error, error, HOLD_AT_SIGNAL_MASK, NULL);
	case OS_FAILED_EXEC:
		return explain_exec(start, error);
	case OS_FAILED_SHELL:
		return explain_shell(start, error);
	default:
		break;
	}
	if (failed < 0 || (size_t)failed >= plan->os.count) /* OS_FAILED_PROCESS, or a number that is none of ours */
		return failure(&start->error, error, HOLD_AT_PROCESS,
			       error == -ECHILD ? "killed before it executed the program" : NULL);
	start->error.need = error == -ENOSYS ? os_action_need(plan->os.operations[failed].action) : NULL;
	return failure_of(&start->error, error, &plan->origins[failed]);
}

static void fill_in(struct start *start, const struct os_child *child) {
	struct hold *h = start->hold;

	h->containment = start->containment.way;
	h->cgroup = start->containment.cgroup;
	h->has_limits = start->containment.keeping.limits != NULL;
	h->is_child = !start->input.has_keeper;
	h->pid = child->pid;
	h->pidfd = child->pidfd;
	h->niceness = child->niceness;
	h->autogroup = child->autogroup;
	h->table = child->table;
	h->parent_max_rss_kib = child->parent_max_rss_kib;
	h->keeper = start->keeper;
	h->restores_terminal = start->containment.keeping.terminal >= 0;
}

/* *ret_failed: OS_FAILED_KEEPER or OS_FAILED_CGROUP if the containment is to blame. */
static int spawn_by_plan(struct start *start, int *ret_failed) {
	struct hold *h = start->hold;
	struct os_child child;
	struct plan plan;
	int pass = -1, error;

	start->input.has_keeper = containment_has_keeper(&start->containment);
	*ret_failed = 0;
	error = plan_make(&plan, &start->input, &pass);
	if (error == -ENOMEM)
		return failure(&start->error, error, HOLD_AT_MEMORY, NULL);
	if (error < 0)
		return failure_number(&start->error, error, HOLD_AT_OPTION, "pass[%lld].as", pass);
	plan.os.program = start->program;
	plan.os.argv = start->asked.options.argv;
	plan.os.shell_argv = start->shell_argv;
	plan.os.env = start->asked.options.env;
	h->start_ns = clock_now();
	if (start->input.has_keeper)
		error = os_spawn_with_keeper(&plan.os, &start->containment.keeping, &child, &start->keeper, ret_failed,
					     &start->containment.need);
	else
		error = os_spawn(&plan.os, &child, ret_failed);
	if (error < 0)
		explain(start, &plan, *ret_failed, error);
	else
		fill_in(start, &child);
	plan_free(&plan);
	return error;
}

static int spawn_contained(struct start *start) {
	int failed, error;

	keeper_reap_late();
	own_children_begin_start();
	do
		error = spawn_by_plan(start, &failed);
	while (error < 0 && containment_falls_back(&start->containment, &start->asked.options, failed, error));
	own_children_end_start(error < 0 ? NULL : start->hold);
	if (error < 0)
		containment_undo(&start->containment);
	return error;
}

/* Closes and frees all that the hold does not own; and on failure the hold, which has no process. */
static void undo_opened(struct start *start, int result) {
	for (int i = 0; i < 3; i++)
		os_close_lowered(start->theirs[i]);
	os_close_lowered(start->input.subordinate);
	free(start->program);
	free(start->shell_argv);
	free(start->env);
	if (result < 0)
		held_free(start->hold);
}

static int tell_audit(struct start *start) {
	int error = audit_program(AUDIT_SPAWN, start->program, start->asked.options.argv);

	return error < 0 ? failure(&start->error, error, HOLD_AT_AUDIT, "pidhold.spawn") : 0;
}

int hold_spawn(struct hold **ret, const struct hold_options *options, struct hold_error *reterr) {
	static int (*const steps[])(struct start *) = {
		check_options,       make_hold,     find_program, tell_audit,         prepare_shell,
		prepare_environment, check_sources, open_streams, choose_containment, spawn_contained,
	};
	struct start start = {
		.given = options,
		.keeper = { .pidfd = -1, .socket = -1 },
		.input = { .subordinate = -1 },
		.theirs = { -1, -1, -1 },
	};
	int saved_errno = errno, result;

	if (!ret)
		return -EINVAL;
	result = structure_check(reterr, sizeof *reterr);
	if (result < 0)
		return result;
	for (size_t i = 0; i < sizeof steps / sizeof *steps && result == 0; i++)
		result = steps[i](&start);
	undo_opened(&start, result);
	if (result == 0)
		*ret = start.hold;
	else
		structure_give(reterr, &start.error, sizeof start.error);
	errno = saved_errno;
	return result;
}

int hold_fds_reserve(void) {
	return os_reserve();
}
