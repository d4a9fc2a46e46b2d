/* SPDX-License-Identifier: ISC */
#include "start.h"
#include "caught.h"
#include "../common/duration.h"
#include "limit.h"
#include "../common/message.h"
#include "../common/parse-number.h"
#include "same-file.h"
#include "../common/terminal-size.h"
#include "tree-limit.h"
#include "user-terminal.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { START_MS = 1000 }; /* a start may take so long, even if the time limit is shorter */

static void raise_limit(struct run *run) {
	struct rlimit most;

	if (getrlimit(RLIMIT_NOFILE, &run->callers_files) < 0)
		return;
	most = (struct rlimit){ run->callers_files.rlim_max, run->callers_files.rlim_max };
	run->is_raised =
		run->callers_files.rlim_cur != run->callers_files.rlim_max && setrlimit(RLIMIT_NOFILE, &most) == 0;
}

/* The caller's limit on descriptors, if hold has raised it, comes before those of the command line. */
bool run_prepare_limits(struct run *run) {
	const struct run_command_line *line = run->line;
	struct hold_limit *limits = run->limits = calloc(line->limit_count + 1, sizeof *limits);

	if (!limits)
		return false;
	/* Else hold opens no descendants. */
	if (line->contain != HOLD_CONTAIN_NONE && line->contain != HOLD_CONTAIN_GROUP)
		raise_limit(run);
	if (run->is_raised)
		limits[run->limit_count++] = (struct hold_limit){ .resource = RLIMIT_NOFILE,
								  .soft = run->callers_files.rlim_cur,
								  .hard = run->callers_files.rlim_max };
	for (size_t i = 0; i < line->limit_count; i++)
		limits[run->limit_count++] = line->limits[i];
	return true;
}

static struct hold_stdio file_or_default(const char *path, bool is_output) {
	struct hold_stdio stream = { .kind = HOLD_STDIO_DEFAULT };

	if (!path)
		return stream;
	if (!is_output && strcmp(path, "-") == 0) { /* a terminal of hold's is not the command's */
		stream.kind = isatty(STDIN_FILENO) ? HOLD_STDIO_DEFAULT : HOLD_STDIO_INHERIT;
		return stream;
	}
	stream.kind = is_output && path[0] == '+' ? HOLD_STDIO_APPEND : HOLD_STDIO_FILE;
	stream.path = stream.kind == HOLD_STDIO_APPEND ? path + 1 : path;
	return stream;
}

/* Two open files of one name would overwrite each other. */
static struct hold_stdio error_stream(const struct run_command_line *line) {
	const char *out = line->out && line->out[0] == '+' ? line->out + 1 : line->out;
	const char *err = line->err && line->err[0] == '+' ? line->err + 1 : line->err;

	if (out && err && same_file(out, err))
		return (struct hold_stdio){ .kind = HOLD_STDIO_LIKE_STDOUT };
	return file_or_default(line->err, true);
}

/* What a detached command writes goes to its log, and it has no input but that of a terminal or file. */
static void detach_streams(const struct run *run, struct hold_options *options) {
	struct hold_stdio *const outputs[] = { &options->out, &options->err };

	if (!run->detached || run->line->tty)
		return;
	if (options->in.kind == HOLD_STDIO_DEFAULT)
		options->in.kind = HOLD_STDIO_NULL;
	for (int i = 0; i < 2; i++) {
		if (outputs[i]->kind == HOLD_STDIO_DEFAULT)
			*outputs[i] = (struct hold_stdio){ .kind = HOLD_STDIO_FD, .fd = run->detached->writer };
	}
}

/* The streams that are bounded, where no file and no lifeline takes their place. */
static void pipe_streams(const struct run *run, struct hold_options *options) {
	struct hold_stdio *const outputs[] = { &options->out, &options->err };

	for (int i = 0; run->piped && i < 2; i++) {
		const int writer = piped_writer(run->piped, HOLD_STDOUT + i);

		if (outputs[i]->kind == HOLD_STDIO_DEFAULT && writer >= 0)
			*outputs[i] = (struct hold_stdio){ .kind = HOLD_STDIO_FD, .fd = writer };
	}
}

static bool give_away(int pipe, uint32_t user) {
	return pipe < 0 || fchown(pipe, user, (gid_t)-1) == 0;
}

/*
 * The command's user can open its pipes by their paths, such as /dev/stderr, unless the system does not let hold give
 * them away. Its terminal is given away by the library.
 */
static void give_pipes_away(const struct run *run) {
	const struct hold_ids *ids = run->line->identity ? &run->line->identity->ids : NULL;

	if (!ids || !(ids->set & HOLD_IDS_USER))
		return;
	give_away(run->ready_writer ? run->ready_writer : -1, ids->user);
	give_away(run->detached ? run->detached->writer : -1, ids->user);
	for (int stream = HOLD_STDOUT; run->piped && stream <= HOLD_STDERR; stream++)
		give_away(piped_writer(run->piped, stream), ids->user);
}

static void begin_terminal(const struct run *run, struct hold_terminal *terminal, struct termios *modes) {
	*modes = user_terminal_inner_modes(run->user_terminal, run->detached || isatty(STDIN_FILENO));
	*terminal = (struct hold_terminal){ .size = sizeof *terminal, .winsize = run->line->winsize, .modes = modes };
	if (!terminal->winsize.rows)
		terminal_size(run->user_terminal, &terminal->winsize);
}

/* If the lifeline is one of hold's own streams, the command gets /dev/null in its place. */
static void spare_lifeline(const struct run_command_line *line, struct hold_options *options) {
	struct hold_stdio *const streams[] = { &options->in, &options->out, &options->err };

	if (line->lifeline < 0 || line->lifeline > 2 || line->tty)
		return;
	if (streams[line->lifeline]->kind == HOLD_STDIO_DEFAULT)
		streams[line->lifeline]->kind = HOLD_STDIO_NULL;
}

/* The time limit includes a file system that does not answer. But a start on a busy machine gets START_MS at least. */
static int64_t start_deadline(const struct run *run) {
	const int64_t least = hold_after_ms(START_MS);

	return run->time_limit > least ? run->time_limit : least;
}

/*
 * As --contain says. Without a keeper the command is killed if hold itself is: the signal comes at the end of this
 * thread, which is hold's only one.
 */
static void choose_containment(const struct run_command_line *line, struct hold_options *options) {
	options->contain = line->contain == HOLD_CONTAIN_AUTO ? HOLD_CONTAIN_BEST : line->contain;
	options->on_release = line->orphans == ORPHANS_KEEP ? HOLD_ON_RELEASE_LEAVE : HOLD_ON_RELEASE_KILL;
	if (line->contain < HOLD_CONTAIN_KEEPER)
		options->parent_death_signal = SIGKILL;
	if (line->contain == HOLD_CONTAIN_NONE || line->contain == HOLD_CONTAIN_GROUP)
		options->on_release = HOLD_ON_RELEASE_KILL;
}

/*
 * The command ignores what the caller ignores, except signals that no program expects to be ignored. timeout(1) also
 * excepts INT and QUIT, which a script's shell ignores for its background jobs, and the signal of the limit, since it
 * has handlers for these.
 */
static uint64_t keep_ignored(const struct run_command_line *line) {
	uint64_t not_contained = HOLD_SIGNAL_BIT(SIGPIPE) | HOLD_SIGNAL_BIT(SIGXFSZ) | HOLD_SIGNAL_BIT(SIGCHLD);

	if (line->as_timeout)
		not_contained |= HOLD_SIGNAL_BIT(SIGINT) | HOLD_SIGNAL_BIT(SIGQUIT);
	if (line->as_timeout && line->ladder[0].signal > 0)
		not_contained |= HOLD_SIGNAL_BIT(line->ladder[0].signal);
	return ~not_contained;
}

/* Whoever passes sockets to hold, as a systemd unit does, means the command: see sd_listen_fds(3). */
static bool has_sockets(void) {
	const char *text = getenv("LISTEN_PID");
	int64_t pid;

	return text && parse_number(text, 1, INT_MAX, &pid) && pid == getpid();
}

int run_start(struct run *run) {
	const struct run_command_line *line = run->line;
	struct hold_terminal terminal;
	struct termios modes;
	struct hold_options options = {
		.size = sizeof options,
		.argv = (const char *const *)line->command,
		.directory = line->directory,
		.in = file_or_default(line->in, false),
		.out = file_or_default(line->out, true),
		.err = error_stream(line),
		.flags = (line->closes_fds ? 0 : HOLD_PASS_ALL) | HOLD_SHELL_SCRIPTS | line->flags |
			 (has_sockets() ? HOLD_SET_LISTEN_PID : 0),
		.pass = line->passes,
		.pass_count = line->pass_count,
		.blocked = caught_callers_mask(),
		.keep_ignored = keep_ignored(line),
		.nice = line->nice,
		.oom_score_adj = line->oom_score_adj,
		.limits = run->limits,
		.limit_count = run->limit_count,
		.ids = line->identity ? &line->identity->ids : NULL,
		.restored_terminal = run->user_terminal,
		.start_deadline = start_deadline(run),
		.tree_limits = tree_limits_are_given(&line->tree_limits) ? &line->tree_limits : NULL,
	};

	spare_lifeline(line, &options);
	detach_streams(run, &options);
	pipe_streams(run, &options);
	give_pipes_away(run);
	choose_containment(line, &options);
	if (line->tty) {
		begin_terminal(run, &terminal, &modes);
		options.terminal = &terminal;
		options.flags |= HOLD_KEEPER_LEADS | (run->user_terminal >= 0 ? HOLD_RESTORE_TERMINAL : 0);
	}
	return hold_spawn(&run->hold, &options, &run->error);
}

/* As the shell: 127 if there is no such command, 126 if it cannot be executed, 125 if anything else is in the way. */
int run_status_of_failed_start(const struct run *run) {
	const struct hold_error *error = &run->error;

	if (error->step == HOLD_AT_INTERPRETER)
		return STATUS_NOT_EXECUTABLE;
	if (error->step != HOLD_AT_PROGRAM)
		return STATUS_FAILED;
	return error->code == -ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
}

void run_say_failed_start(const struct run *run) {
	const char *command = run->line->command[0];
	char text[sizeof run->error.object + 128], duration[DURATION_TEXT_SIZE];

	if (run->line->as_timeout) {
		if (!run->timed_out)
			say_as_timeout("failed to run command '%s': %s", command, strerror(-run->error.code));
		return;
	}
	if (run->error.step == HOLD_AT_TREE_LIMIT) {
		tree_limit_say_refused(command, &run->error);
		return;
	}
	hold_error_text(&run->error, text, sizeof text);
	if (run->error.step == HOLD_AT_LIMIT) /* the library names it by its number */
		snprintf(text, sizeof text, "%s %s: %s", hold_step_name(HOLD_AT_LIMIT),
			 limit_name(atoi(run->error.object)), strerror(-run->error.code));
	if (run->line->audit && run->error.step == HOLD_AT_AUDIT) /* the library does not know the file */
		snprintf(text, sizeof text, "audit file '%s': %s", run->line->audit,
			 run->error.code == -EAGAIN ? "nobody reads it" : strerror(-run->error.code));
	if (run->timed_out)
		say("'%s' reached its time limit of %s before it was started: %s", command,
		    duration_text(run->line->time_limit_ns, duration), text);
	else
		say("cannot start '%s': %s", command, text);
	if (run->error.step == HOLD_AT_TERMINAL && run->error.code == -ENOSPC)
		hint("all terminals are in use: see the sysctl kernel.pty.max, and max= of devpts in /proc/mounts");
	else if (run->error.step == HOLD_AT_PROGRAM && strchr(command, ' '))
		hint("a line for a shell: hold run -- sh -c '%s'", command);
	else if (run_status_of_failed_start(run) == STATUS_NOT_FOUND && *command && !strchr(command, '/'))
		hint("no directory of PATH has it");
}
