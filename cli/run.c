/* SPDX-License-Identifier: ISC */
/*
 * hold run: starts the command, then lives in one loop around ppoll until it has ended: signals are passed on or
 * begin the ladder, the time limit begins it too, the relay moves bytes. Then the rest of the output is delivered,
 * the report is written, and the command's end becomes hold's.
 */
#include "audit-file.h"
#include "caught.h"
#include "descendants.h"
#include "duration.h"
#include "job-control.h"
#include "lifeline.h"
#include "limit.h"
#include "message.h"
#include "open-file.h"
#include "relay.h"
#include "report.h"
#include "run.h"
#include "stopping.h"
#include "user-terminal.h"
#include "verbs.h"

#include <pidhold.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	FILES_MS = 5000, /* that a fifo for the report may be without a reader */
	START_MS = 1000, /* that a start may take, whatever the time limit is */
	STOP_LOOK_MS = 50,
	LOOK_MS = 250,
	MOMENT_MS = 200,     /* that the command's orphans have to end of themselves, as most do: tee, for one */
	ORPHANS_LOOK_MS = 10 /* where nothing tells that nobody is left */
};

struct run {
	struct run_command_line line;
	struct hold *hold;
	struct hold_status status;
	struct hold_error error;
	char reference[96];
	int report_fd; /* -1: none is asked for */
	int user_terminal;
	struct relay *relay; /* NULL: the command has our own streams */
	struct stopping stopping;
	struct descendants descendants;
	int awaited;          /* a descriptor that tells when to look at the command again; negative: there is none */
	int64_t time_limit;   /* a deadline */
	int64_t look_at_stop; /* when to look whether the command is stopped still */
	bool timed_out, lifeline_is_lost;
};

/* ---- the start ---- */

static struct hold_stdio file_or_default(const char *path, bool is_output) {
	struct hold_stdio stream = { .kind = HOLD_DEFAULT };

	if (!path)
		return stream;
	stream.kind = is_output && path[0] == '+' ? HOLD_APPEND : HOLD_FILE;
	stream.path = stream.kind == HOLD_APPEND ? path + 1 : path;
	return stream;
}

/* A file without "#!" that the kernel does not know is a shell script, as execvp(3) has it. */
static int start_by_shell(struct run *run, struct hold_options *options) {
	const char **argv;
	size_t count = 0;
	int result;

	while (run->line.command[count])
		count++;
	argv = calloc(count + 2, sizeof *argv);
	if (!argv)
		return -ENOMEM;
	argv[0] = "sh";
	argv[1] = run->error.object; /* the path that was found */
	memcpy(argv + 2, run->line.command + 1, count * sizeof *argv);
	options->program = "/bin/sh";
	options->argv = argv;
	result = hold_spawn(&run->hold, options, NULL);
	free(argv);
	return result;
}

static void begin_terminal(const struct run *run, struct hold_terminal *terminal, struct termios *modes) {
	*modes = user_terminal_inner_modes(run->user_terminal, isatty(STDIN_FILENO));
	*terminal = (struct hold_terminal){ .size = sizeof *terminal, .winsize = run->line.winsize, .modes = modes };
	if (!terminal->winsize.rows)
		user_terminal_size(run->user_terminal, &terminal->winsize);
}

/* Where it is one of hold's own streams, the command gets an empty one in its place. */
static void spare_lifeline(const struct run_command_line *line, struct hold_options *options) {
	struct hold_stdio *const streams[] = { &options->in, &options->out, &options->err };

	if (line->lifeline < 0 || line->lifeline > 2 || line->tty)
		return;
	if (streams[line->lifeline]->kind == HOLD_DEFAULT)
		streams[line->lifeline]->kind = HOLD_NULL;
}

/* A file system that does not answer is under the time limit too. A short limit is not for a busy machine's start. */
static int64_t start_deadline(const struct run *run) {
	const int64_t least = hold_after_ms(START_MS);

	return run->time_limit > least ? run->time_limit : least;
}

/* Without a keeper, if hold itself is killed. It comes with the end of this thread, which is hold's only one. */
static int start_alone(struct run *run, struct hold_options *options) {
	options->parent_death_signal = SIGKILL;
	options->on_release = HOLD_ON_RELEASE_KILL;
	return hold_spawn(&run->hold, options, &run->error);
}

/* As --contain has it. What could not be contained was not started, so `auto` goes on to the next best. */
static int start_contained(struct run *run, struct hold_options *options) {
	static const int best_first[] = { HOLD_CONTAIN_CGROUP, HOLD_CONTAIN_KEEPER };
	int result;

	options->contain = run->line.contain;
	if (options->contain >= HOLD_CONTAIN_KEEPER)
		return hold_spawn(&run->hold, options, &run->error);
	for (size_t i = 0; i < 2 && options->contain == HOLD_CONTAIN_AUTO; i++) {
		struct hold_options contained = *options;

		contained.contain = best_first[i];
		result = hold_spawn(&run->hold, &contained, &run->error);
		if (result == 0 || run->error.step != HOLD_AT_CONTAINMENT)
			return result;
	}
	return start_alone(run, options);
}

static int start(struct run *run) {
	const struct run_command_line *line = &run->line;
	struct hold_terminal terminal;
	struct termios modes;
	struct hold_options options = {
		.size = sizeof options,
		.argv = (const char *const *)line->command,
		.directory = line->directory,
		.in = file_or_default(line->in, false),
		.out = file_or_default(line->out, true),
		.err = file_or_default(line->err, true),
		.flags = HOLD_PASS_ALL | line->flags,
		.blocked = caught_callers_mask(),
		.keep_ignored = ~(HOLD_SIGNAL_BIT(SIGPIPE) | HOLD_SIGNAL_BIT(SIGXFSZ) | HOLD_SIGNAL_BIT(SIGCHLD)),
		.nice = line->nice,
		.oom_score_adj = line->oom_score_adj,
		.limits = line->limits,
		.limit_count = line->limit_count,
		.ids = line->identity ? &line->identity->ids : NULL,
		.on_release = line->orphans == ORPHANS_KEEP ? HOLD_ON_RELEASE_LEAVE : HOLD_ON_RELEASE_KILL,
		.restored_terminal = run->user_terminal,
		.start_deadline = start_deadline(run),
	};
	int result;

	spare_lifeline(line, &options);
	if (line->tty) {
		begin_terminal(run, &terminal, &modes);
		options.terminal = &terminal;
		options.flags |= run->user_terminal >= 0 ? HOLD_RESTORE_TERMINAL : 0;
	}
	result = start_contained(run, &options);
	if (result == -ENOEXEC && run->error.step == HOLD_AT_PROGRAM && start_by_shell(run, &options) == 0)
		result = 0;
	return result;
}

/* As the shell: 127 if there is no such command, 126 if it cannot be executed, 125 if anything else is in the way. */
static int status_of_failed_start(const struct hold_error *error) {
	if (error->step == HOLD_AT_INTERPRETER)
		return STATUS_NOT_EXECUTABLE;
	if (error->step != HOLD_AT_PROGRAM)
		return STATUS_FAILED;
	return error->code == -ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
}

static void say_failed_start(const struct run *run) {
	const char *command = run->line.command[0];
	char text[sizeof run->error.object + 128], duration[DURATION_TEXT_SIZE];

	if (run->line.as_timeout) {
		if (!run->timed_out)
			say_as_timeout("failed to run command '%s': %s", command, strerror(-run->error.code));
		return;
	}
	hold_error_text(&run->error, text, sizeof text);
	if (run->error.step == HOLD_AT_LIMIT) /* which the library knows by its number */
		snprintf(text, sizeof text, "%s %s: %s", hold_step_name(HOLD_AT_LIMIT),
			 limit_name(atoi(run->error.object)), strerror(-run->error.code));
	if (run->timed_out)
		say("'%s' reached its time limit of %s before it was started: %s", command,
		    duration_text(run->line.time_limit_ns, duration), text);
	else
		say("cannot start '%s': %s", command, text);
	if (run->error.step == HOLD_AT_PROGRAM && strchr(command, ' '))
		hint("a line for a shell: hold run -- sh -c '%s'", command);
	else if (status_of_failed_start(&run->error) == STATUS_NOT_FOUND && *command && !strchr(command, '/'))
		hint("it is in no folder of PATH");
}

/* ---- signals ---- */

/*
 * As the first process of a container hold is whom all signals are sent to, and the kernel drops what it does not
 * listen to. But those of its own faults, which nobody passes on, and PIPE, of which its own writes are to be told
 * apart.
 */
static void listen_as_init(void) {
	static const int own[] = {
		SIGKILL, SIGSTOP, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGPIPE
	};

	for (int signal = 1; signal <= SIGRTMAX; signal++) {
		bool is_own = signal > SIGSYS && signal < SIGRTMIN; /* the C library's */

		for (size_t i = 0; i < sizeof own / sizeof *own; i++)
			is_own |= signal == own[i];
		if (!is_own)
			caught_listen(signal);
	}
}

static void listen_to_signals(const struct run *run) {
	static const int always[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCHLD };

	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		caught_listen(always[i]);
	if (run->line.as_timeout)
		caught_listen(SIGALRM); /* is a time-out, as it is for timeout(1) */
	if (getpid() == 1)
		listen_as_init();
	/* In the caller's group these come to the command as well, and hold is stopped and continued with it. */
	if (run->line.tty) {
		caught_listen(SIGTSTP);
		caught_listen(SIGCONT);
	}
}

static void follow_size(const struct run *run) {
	struct hold_winsize winsize;

	if (!run->line.winsize.rows && user_terminal_size(run->user_terminal, &winsize))
		hold_resize(run->hold, &winsize);
}

static void take_terminal(const struct run *run) {
	if (run->relay && run->relay->in_is_terminal)
		user_terminal_make_raw(STDIN_FILENO);
}

/* SIGTSTP sent to hold itself. STOP, since TSTP would be thrown away where no shell is to continue us. */
static void suspend(const struct run *run) {
	user_terminal_restore();
	raise(SIGSTOP);
	take_terminal(run);
	follow_size(run);
}

static void notice_stop(struct run *run) {
	/* The terminal stops us along with it: we then come here when both were continued. So look a little later. */
	if (!run->line.tty && job_control_is_stopped(run->hold))
		run->look_at_stop = hold_after_ms(STOP_LOOK_MS);
}

static void look_at_stop(struct run *run) {
	if (hold_after_ms(0) < run->look_at_stop)
		return;
	run->look_at_stop = HOLD_FOREVER;
	if (job_control_is_stopped(run->hold) && job_control_is_ours())
		job_control_stop_with(run->hold);
}

/* What is about hold itself and its terminal. false: it is about the command. */
static bool handle_own(struct run *run, int signal) {
	const bool is_own = signal == SIGCHLD || (signal == SIGALRM ? run->line.as_timeout : run->line.tty);

	switch (is_own ? signal : 0) {
	case SIGCHLD:
		notice_stop(run);
		break;
	case SIGCONT: /* we were stopped by force, and the shell has had the terminal meanwhile */
		user_terminal_make_raw_again();
		take_terminal(run);
		follow_size(run);
		break;
	case SIGTSTP:
		suspend(run);
		break;
	case SIGALRM: /* as to timeout(1) */
		run->time_limit = HOLD_NOW;
		break;
	default:
		return false;
	}
	return true;
}

static void handle(struct run *run, int signal, bool from_terminal) {
	/* In our group the command got it from the terminal as we did. On a terminal of its own it did not. */
	/* XFSZ that no process sent is about a write of hold's own. */
	const bool has_it = from_terminal && (!run->line.tty || signal == SIGXFSZ);

	if (handle_own(run, signal))
		return;
	switch (signal) {
	case SIGTERM:
	case SIGHUP:
		stopping_begin(&run->stopping, signal, has_it,
			       signal == SIGTERM ? "SIGTERM to hold" : "SIGHUP to hold");
		break;
	case SIGINT:
		if (run->stopping.under_way) {
			stopping_hurry(&run->stopping);
			break;
		}
		/* fallthrough */
	default:
		if (signal == SIGWINCH && run->line.tty)
			follow_size(run);
		else if (!has_it)
			stopping_send(&run->stopping, signal, "passed on");
	}
}

static void handle_all(struct run *run) {
	bool from_terminal;
	int signal;

	while ((signal = caught_take(&from_terminal)))
		handle(run, signal, from_terminal);
}

/* ---- the loop ---- */

static int64_t earliest(int64_t a, int64_t b) {
	return a < b ? a : b;
}

static void strike(struct run *run) {
	char text[DURATION_TEXT_SIZE];

	if (hold_after_ms(0) < run->time_limit)
		return;
	run->time_limit = HOLD_FOREVER;
	run->timed_out = true;
	if (!run->line.quiet)
		say("'%s' reached its time limit of %s", run->line.command[0],
		    duration_text(run->line.time_limit_ns, text));
	stopping_begin(&run->stopping, 0, false, "time limit");
}

static void lose_lifeline(struct run *run) {
	run->lifeline_is_lost = true;
	if (!run->line.quiet)
		say("'%s': its lifeline, descriptor %d, is at its end", run->line.command[0], run->line.lifeline);
	stopping_begin(&run->stopping, SIGHUP, false, "lifeline");
}

/* In the background the terminal is the shell's. It does not tell us when it brings us to the front: so we look. */
static bool is_in_background(const struct run *run) {
	return run->relay && run->relay->in_is_terminal && !user_terminal_is_raw();
}

/* Waits for whatever comes first and does what it asks for. */
static void turn(struct run *run, int64_t deadline) {
	struct pollfd fds[RELAY_FDS + 2] = { { .fd = -1 } }, *lifeline;
	unsigned count = 0;

	take_terminal(run);
	if (run->relay) {
		relay_prepare(run->relay, fds, !is_in_background(run));
		count = RELAY_FDS;
	}
	fds[count++] = (struct pollfd){ .fd = run->awaited, .events = POLLIN };
	lifeline = &fds[count++];
	*lifeline = (struct pollfd){ .fd = run->lifeline_is_lost ? -1 : run->line.lifeline, .events = POLLIN };
	caught_wait(fds, count, is_in_background(run) ? earliest(deadline, hold_after_ms(LOOK_MS)) : deadline);
	handle_all(run);
	if (lifeline_has_ended(lifeline->fd, lifeline->revents))
		lose_lifeline(run);
	if (run->relay) {
		relay_move(run->relay, fds);
		if (run->relay->out_failed) /* as SIGPIPE would end it if the output were its own */
			stopping_begin(&run->stopping, SIGHUP, false, "output is read no more");
		if (run->relay->in_ended && run->relay->in_is_terminal)
			stopping_begin(&run->stopping, SIGHUP, false, "terminal hung up");
	}
}

/* One turn, up to the deadline or whatever is due before, which is then done. */
static void turn_and_act(struct run *run, int64_t deadline) {
	turn(run, earliest(earliest(run->time_limit, run->stopping.next_at), deadline));
	strike(run);
	stopping_step(&run->stopping);
	descendants_reap(&run->descendants, run->hold);
	if (hold_take_change(run->hold) == HOLD_STOPPED)
		notice_stop(run);
}

/* What wakes this up is its keeper, or SIGCHLD: the command's, or that of an orphan that came to us. */
static void wait_for_end(struct run *run) {
	run->awaited = hold_change_fd(run->hold);
	while (hold_wait(run->hold, HOLD_NOW, &run->status) == HOLD_PENDING) {
		turn_and_act(run, run->look_at_stop);
		look_at_stop(run);
	}
}

/* What is stopped is stopped with all that it has started. */
static bool keeps_orphans(const struct run *run) {
	return run->line.orphans == ORPHANS_KEEP && !run->stopping.under_way;
}

/* Whether those that the command left are still to be waited for. */
static bool has_patience(const struct run *run, int64_t moment) {
	if (run->stopping.under_way ? run->stopping.next_at != HOLD_FOREVER : run->line.orphans == ORPHANS_WAIT)
		return true;
	return hold_after_ms(0) < moment;
}

/* What the command has left is given a moment, or all the time that it wants; then it is ended, and named. */
static void end_descendants(struct run *run) {
	static const struct hold_rung kill = { .signal = SIGKILL };
	const int64_t moment = hold_after_ms(MOMENT_MS);
	const struct run_command_line *line = &run->line;

	if (!descendants_are_kept(&run->descendants))
		return;
	while (descendants_count(&run->descendants) > 0 && !keeps_orphans(run) && has_patience(run, moment)) {
		run->awaited = run->descendants.command ? hold_tree_fd(run->hold) : -1;
		turn_and_act(run, run->awaited < 0            ? hold_after_ms(ORPHANS_LOOK_MS)
				  : hold_after_ms(0) < moment ? moment
							      : HOLD_FOREVER);
	}
	descendants_note_left(&run->descendants);
	if (run->descendants.left.count == 0 || keeps_orphans(run))
		return;
	if (run->stopping.under_way)
		descendants_end(&run->descendants, &kill, 1);
	else
		descendants_end(&run->descendants, line->ladder, line->ladder_count);
	descendants_reap(&run->descendants, run->hold);
}

/* To the last byte, for as long as somebody reads it; a signal that would stop the command stops this. */
static void deliver_rest(struct run *run) {
	bool from_terminal;
	int signal;

	relay_collect_rest(run->relay);
	while (relay_has_rest(run->relay)) {
		struct pollfd fds[RELAY_FDS];

		relay_prepare(run->relay, fds, false);
		caught_wait(fds, RELAY_FDS, HOLD_FOREVER);
		relay_move(run->relay, fds);
		while ((signal = caught_take(&from_terminal))) {
			if (signal == SIGTERM || signal == SIGHUP || signal == SIGINT || signal == SIGQUIT)
				return;
			if (signal == SIGTSTP)
				suspend(run);
		}
	}
}

static void begin(struct run *run) {
	const struct run_command_line *line = &run->line;

	run->stopping.hold = run->hold;
	descendants_take(&run->descendants, run->hold);
	run->stopping.tree = descendants_are_kept(&run->descendants) ? &run->descendants : NULL;
	run->look_at_stop = HOLD_FOREVER;
	hold_reference(run->hold, run->reference, sizeof run->reference);
	if (run->relay)
		relay_begin(run->relay, hold_stream(run->hold, HOLD_TERMINAL), !line->in || isatty(STDIN_FILENO));
}

static void say_members(const struct members *members, const char *what) {
	for (size_t i = 0; i < members->count; i++)
		say_member(what, &members->list[i]);
}

static void say_left(const struct run *run) {
	say_members(&run->descendants.survivors, "could not be ended");
	if (run->line.as_timeout)
		return;
	if (keeps_orphans(run) && !run->line.quiet)
		say_members(&run->descendants.left, "lives on");
	else if (run->line.verbose)
		say_members(&run->descendants.left, "was left, and ended");
}

static void hold_command(struct run *run) {
	char complaint[256];

	begin(run);
	message_defer(true); /* a terminal that was stopped with ^S must hold up no signal and no limit */
	wait_for_end(run);
	if (run->relay) {
		deliver_rest(run);
		relay_end(run->relay);
		user_terminal_restore();
	}
	end_descendants(run);
	message_defer(false);
	if (run->relay && relay_complaint(run->relay, complaint, sizeof complaint))
		say("%s", complaint);
	say_left(run);
}

/* ---- the end ---- */

static const char *containment(const struct run *run) {
	switch (run->hold ? hold_containment(run->hold) : HOLD_CONTAIN_NONE) {
	case HOLD_CONTAIN_KEEPER:
		return "keeper";
	case HOLD_CONTAIN_PIDNS:
		return "pidns";
	case HOLD_CONTAIN_CGROUP:
		return "cgroup";
	case HOLD_CONTAIN_GROUP:
		return "group";
	default:
		return run->descendants.self ? "subreaper" : "none";
	}
}

static const char *reason_of_file(int error) {
	return error == ETIMEDOUT ? "nobody reads it" : strerror(error);
}

static bool report(struct run *run, bool was_started) {
	struct report report = {
		.command = run->line.command,
		.pid = was_started ? hold_pid(run->hold) : 0,
		.reference = run->reference,
		.timed_out = run->timed_out,
		.status = run->status,
		.error = was_started ? NULL : &run->error,
		.stopping = &run->stopping,
		.containment = containment(run),
		.descendants = &run->descendants,
	};

	if (run->report_fd < 0)
		return true;
	report.has_niceness = was_started && hold_niceness(run->hold, &report.niceness, &report.autogroup) == 0;
	if (report_write(&report, run->report_fd))
		return true;
	say("report '%s': %s", run->line.report, reason_of_file(errno));
	return false;
}

static int own_status(const struct run *run) {
	const struct hold_status *status = &run->status;

	/* That it took KILL is told by timeout(1) in place of the time-out. */
	const bool was_forced = run->line.as_timeout && status->how == HOLD_SIGNALLED && status->code == SIGKILL;
	/* Its output is not there to the end, for which it is not to be blamed. */
	const bool is_cut = run->relay && run->relay->lost_bytes && run->relay->out_error != EPIPE;

	if (run->descendants.survivors.count && !run->line.as_timeout)
		return STATUS_LEFT;
	if (run->lifeline_is_lost && !run->timed_out && !run->line.preserve_status)
		return STATUS_HUNG_UP;
	if (run->timed_out && !run->line.preserve_status && !was_forced)
		return STATUS_LIMIT;
	if (status->how == HOLD_UNKNOWN) {
		say("'%s' has ended, and this system tells nobody how", run->line.command[0]);
		return STATUS_FAILED;
	}
	if (status->how == HOLD_EXITED && status->code == 0 && is_cut)
		return STATUS_FAILED;
	if (run->line.strict && status->how == HOLD_EXITED && status->code == 0 && run->descendants.left.count)
		return STATUS_LEFT;
	return status->how == HOLD_SIGNALLED ? 128 + status->code : status->code;
}

/* Fifos are waited for, under the time limit too, which has not begun yet. */
static bool open_files(struct run *run) {
	const struct run_command_line *line = &run->line;
	int64_t deadline = hold_after_ms(FILES_MS);

	if (line->time_limit_ns)
		deadline = earliest(deadline, hold_after_ms(duration_ms(line->time_limit_ns)));
	if (line->report && strcmp(line->report, "-") == 0)
		run->report_fd = STDOUT_FILENO;
	else if (line->report)
		run->report_fd = open_file_until(line->report, O_WRONLY | O_CREAT | O_TRUNC, deadline);
	if (line->report && run->report_fd < 0) {
		say("report '%s': %s", line->report, reason_of_file(errno));
		return false;
	}
	if (line->audit && !audit_file_begin(line->audit, deadline)) {
		say("audit file '%s': %s", line->audit, reason_of_file(errno));
		return false;
	}
	return true;
}

static bool contain(struct run *run) {
	const int contain = run->line.contain;
	const int error = contain == HOLD_CONTAIN_NONE || contain == HOLD_CONTAIN_GROUP
				  ? 0
				  : descendants_begin(&run->descendants);

	/* With children that hold had before it became hold, a keeper keeps the command's apart from them. */
	if (error == 0 || error == -EBUSY || contain == HOLD_CONTAIN_AUTO)
		return true;
	say("--contain: %s", strerror(-error));
	return false;
}

static bool prepare(struct run *run) {
	run->error.size = sizeof run->error;
	run->status.size = sizeof run->status;
	run->user_terminal = user_terminal_find();
	if (!contain(run)) /* before the audit file: it is no act on anybody else */
		return false;
	if (!open_files(run))
		return false;
	if (run->line.tty && !(run->relay = malloc(sizeof *run->relay))) {
		say("the relay: %s", strerror(errno));
		return false;
	}
	caught_begin();
	listen_to_signals(run);
	signal(SIGPIPE, SIG_IGN); /* seen as an error where it matters */
	if (getpid() != 1) /* which listens to it, and would not be ended by it */
		signal(SIGXFSZ, SIG_IGN); /* seen as EFBIG */
	stopping_init(&run->stopping, run->line.ladder, run->line.ladder_count, run->line.verbose);
	run->stopping.command = run->line.as_timeout ? run->line.command[0] : NULL;
	run->time_limit = HOLD_FOREVER;
	if (run->line.time_limit_ns && run->line.time_limit_ns < HOLD_FOREVER - run->stopping.start_ns)
		run->time_limit = run->stopping.start_ns + run->line.time_limit_ns;
	return true;
}

static int run_command(struct run *run) {
	const bool was_started = start(run) == 0;
	int status;

	if (was_started) {
		hold_command(run);
		status = own_status(run);
	} else {
		/* A file system may give this error of itself. */
		run->timed_out = run->error.code == -ETIMEDOUT && hold_after_ms(0) >= run->time_limit;
		say_failed_start(run);
		status = run->timed_out ? STATUS_LIMIT : status_of_failed_start(&run->error);
	}
	if (!report(run, was_started))
		status = STATUS_FAILED;
	hold_release(run->hold);
	return status;
}

/* As if there were no hold: so that a loop of the shell around it ends too. */
static bool is_to_die_alike(const struct run *run, int status) {
	if (run->status.how != HOLD_SIGNALLED || status != 128 + run->status.code)
		return false;
	return run->line.as_timeout ? !run->timed_out : run->status.code == SIGINT;
}

int run_line(struct run_command_line *line) {
	struct run run = { .line = *line, .report_fd = -1 };
	int status = prepare(&run) ? run_command(&run) : STATUS_FAILED;

	free(run.relay);
	stopping_free(&run.stopping);
	descendants_free(&run.descendants);
	if (is_to_die_alike(&run, status))
		caught_die_of(run.status.code);
	return status;
}

int verb_run_main(int argc, char **argv) {
	struct run_command_line line = { 0 };
	int status;

	if (!run_command_line_read(&line, argc, argv, &status))
		return status;
	status = run_line(&line);
	run_command_line_free(&line);
	return status;
}
