/* SPDX-License-Identifier: ISC */
#include "signals.h"
#include "caught.h"
#include "suspend.h"
#include "user-terminal.h"

#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* ---- which ---- */

/*
 * With --tty the relay writes to the user's terminal: where that forbids writes from the background, hold is stopped
 * like any program. The first process of a PID namespace cannot be stopped.
 */
static bool stops_relay(const struct run *run) {
	return run->line->tty && !run->is_init;
}

/*
 * All signals but those of hold's own faults, and PIPE, which is an error here. sigfillset leaves out what the C
 * library keeps for itself: with musl that is 34 too, which is SIGRTMIN for other programs.
 */
bool run_listen(const struct run *run) {
	static const int own[] = { SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGPIPE };
	sigset_t signals;

	memset(&signals, 0xff, sizeof signals);
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		sigdelset(&signals, own[i]);
	if (stops_relay(run)) {
		sigdelset(&signals, SIGTTIN);
		sigdelset(&signals, SIGTTOU);
	}
	return caught_listen(&signals);
}

/* ---- to whom ---- */

static bool is_in_our_group(const struct run *run) {
	return getpgid((pid_t)hold_pid(run->hold)) == getpgrp();
}

static bool is_of_terminal(int signal) {
	return signal == SIGINT || signal == SIGQUIT || signal == SIGHUP || signal == SIGTSTP || signal == SIGTTIN ||
	       signal == SIGTTOU || signal == SIGWINCH;
}

/*
 * A stop signal from the terminal reaches the command itself, if that is in our group; a stop signal from a process is
 * passed on. Hold stops as well: the shell has to see a stopped job. A command that is being ended is not stopped.
 */
static void handle_stop(struct run *run, int signal, bool is_terminals) {
	const bool is_passed_on = !is_terminals || (signal == SIGTSTP && !is_in_our_group(run));

	if (run->stopping.under_way || run->timed_out)
		return;
	if (is_passed_on)
		stopping_send(&run->stopping, signal, "passed on");
	if (run->is_init)
		return;
	caught_stop(signal);
	run_go_on(run);
}

/* Handles signals that concern hold itself and its terminal. false: the signal concerns the command. */
static bool handle_own(struct run *run, int signal, bool from_kernel) {
	switch (signal) {
	case SIGCHLD:
		run->look_at_children = HOLD_NOW;
		if (!run->end_was_seen)
			run_notice_stop(run);
		return true;
	case SIGALRM: /* as in timeout(1) */
		if (run->line->as_timeout)
			run->time_limit = HOLD_NOW;
		return run->line->as_timeout;
	case SIGCONT: /* we were stopped by SIGSTOP, and the shell had the terminal meanwhile */
		if (!run->line->tty)
			return false;
		detached_mend(run->detached);
		user_terminal_make_raw_again();
		if (!user_terminal_is_raw())
			hold_terminal_restore(run->hold, HOLD_RESTORE_NEVER);
		run_take_terminal(run);
		run_follow_size(run);
		return true;
	case SIGTSTP:
		if (run->line->tty)
			run_suspend(run, from_kernel);
		return run->line->tty;
	default:
		return false;
	}
}

/*
 * Whether a signal that ends is only passed on. If the user asks for no ladder, the sender has a time limit and a KILL
 * of its own, as a supervisor of containers has. timeout(1) without -k sends no KILL either.
 */
static bool passes_on(const struct run *run) {
	const struct run_command_line *line = run->line;

	if (run->detached) /* 'hold stop' sends it */
		return false;
	return line->as_timeout ? line->ladder_count == 1 : !line->has_ladder && !line->time_limit_ns;
}

static const char *why(int signal) {
	switch (signal) {
	case SIGTERM:
		return "SIGTERM to hold";
	case SIGHUP:
		return "SIGHUP to hold";
	case SIGQUIT:
		return "SIGQUIT to hold";
	default:
		return "SIGINT to hold";
	}
}

/* Hold is told to end the command. */
static void end_by(struct run *run, int signal, bool has_it) {
	const bool is_repeated = run->stopping.under_way;
	const int sent = has_it ? signal : signal_map_of(&run->line->signal_map, signal);

	if (is_repeated && !run->line->as_timeout)
		return;
	if (!is_repeated && !passes_on(run)) {
		/* 'hold stop' sends SIGTERM, and means the whole ladder */
		stopping_begin(&run->stopping, run->detached && sent == SIGTERM ? 0 : sent, has_it, why(signal));
		return;
	}
	run->is_told_to_end = true;
	if (has_it)
		return;
	if (run->line->to_command_alone) {
		stopping_send(&run->stopping, sent, why(signal));
		return;
	}
	run->all_are_told = true;
	stopping_send_to_all(&run->stopping, sent, why(signal));
}

static bool is_to_end(const struct run *run, int signal, bool has_it) {
	if (signal == SIGTERM || signal == SIGHUP)
		return true;
	/* The command has ended: only the descendants that hold waits for can be meant. */
	if (run->status.how != 0 && (signal == SIGINT || signal == SIGQUIT))
		return true;
	/* As timeout(1): a signal that the terminal sends ends nothing by itself. */
	return run->line->as_timeout && !has_it && (signal == SIGINT || signal == SIGQUIT);
}

/*
 * The user's terminal is not raw, and a ^C or ^\ there has reached hold: it goes to the foreground of the command's
 * terminal, as the key would. false: it is to be passed on to the command itself.
 */
static bool type_signal(struct run *run, int signal) {
	if (!run->relay || ioctl(hold_stream(run->hold, HOLD_TERMINAL), TIOCSIG, signal) < 0)
		return false;
	stopping_note(&run->stopping, signal, "passed on");
	return true;
}

/* A terminal that hangs up tells the leader of its session, and its foreground group only at that leader's end. */
static bool is_for_hold_alone(int signal) {
	return signal == SIGHUP && getsid(0) == getpid();
}

/* A ^C goes to all that are in the foreground, and so it does if the process in front passes it on. */
static bool is_for_all(const struct run *run, int signal) {
	const bool may_be = signal == SIGINT || signal == SIGQUIT || signal == SIGUSR1 || signal == SIGUSR2;

	if (run->line->pass_to != PASS_TO_USUAL)
		return may_be && run->line->pass_to == PASS_TO_TREE;
	return run->detached && run->detached->has_front && (signal == SIGINT || signal == SIGQUIT);
}

static void handle(struct run *run, int signal, bool from_kernel) {
	const bool is_terminals = from_kernel && is_of_terminal(signal);
	/* In our group the command has got the signal from the terminal, as we have; with --tty it has not. */
	const bool has_it = is_terminals && !is_for_hold_alone(signal) && !run->line->tty && is_in_our_group(run);
	const int sent = signal_map_of(&run->line->signal_map, signal);

	if (handle_own(run, signal, from_kernel))
		return;
	run->is_hurried |= run->ends_orphans && signal == SIGINT;
	if (!run->line->tty && (signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU))
		handle_stop(run, signal, is_terminals);
	else if (run->ends_orphans)
		return; /* the ladder has begun, and the command has ended */
	else if (is_to_end(run, signal, has_it))
		end_by(run, signal, has_it);
	else if (signal == SIGINT && run->stopping.under_way)
		stopping_hurry(&run->stopping);
	else if (signal == SIGWINCH && run->line->tty)
		run_follow_size(run);
	else if (is_terminals && (signal == SIGINT || signal == SIGQUIT) && type_signal(run, signal))
		return;
	else if (!has_it && is_for_all(run, signal))
		stopping_pass_to_all(&run->stopping, sent);
	else if (!has_it && !(is_terminals && signal == SIGWINCH))
		stopping_send(&run->stopping, sent, "passed on");
}

void run_handle_signals(struct run *run) {
	bool from_kernel;
	int signal;

	while ((signal = caught_take(&from_kernel)))
		handle(run, signal, from_kernel);
}

bool run_handle_last_signals(struct run *run) {
	bool from_kernel, ends = false;
	int signal;

	while ((signal = caught_take(&from_kernel))) {
		if (signal == SIGTERM || signal == SIGHUP || signal == SIGINT || signal == SIGQUIT) {
			handle(run, signal, from_kernel);
			ends = true;
		} else {
			handle_own(run, signal, from_kernel);
		}
	}
	return ends;
}
