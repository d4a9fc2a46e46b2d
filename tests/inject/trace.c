/* SPDX-License-Identifier: ISC */
/*
 * One run of hold under ptrace. The tracer is the subreaper of all that hold starts, so waitpid's ECHILD says that
 * nobody is left at all. The command is let go as soon as it executes its program.
 */
#include "traced.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { TICK_MS = 10, DEAD_MS = 10000, GRACE_TARGET_MS = 500, WAIT_BEGINS_MS = 5000, WAITING_MS = 20 };

int watchdog_ms = 65000, grace_ms = 10000;

struct run run;

/* ---- stops and ends ---- */

static bool stops(int signal) {
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* A traced process never looks stopped in /proc, where hold may look: so it is let go, but for the front. */
static void let_stop(struct tracee *tracee) {
	log_line(tracee, "--- is stopped\n");
	if (tracee->role == FRONT) {
		ptrace(PTRACE_LISTEN, tracee->pid, NULL, NULL);
		return;
	}
	tracee->call = -1;
	ptrace(PTRACE_DETACH, tracee->pid, NULL, NULL);
}

static void note_stop(struct tracee *tracee, int status) {
	const int signal = WSTOPSIG(status), event = status >> 16;

	if (signal == (SIGTRAP | 0x80)) {
		stop_at_call(tracee);
		return;
	}
	if (event == PTRACE_EVENT_STOP && !tracee->has_role) {
		tracee->waits_for_role = true; /* its parent's stop is told later */
		return;
	}
	if (event == PTRACE_EVENT_STOP && stops(signal)) {
		let_stop(tracee);
		return;
	}
	if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE)
		adopt_child(tracee);
	if (event == PTRACE_EVENT_EXEC && !note_exec(tracee))
		return;
	if (!event)
		log_line(tracee, "--- signal %d\n", signal);
	resume(tracee, event ? 0 : signal);
}

static void note_end(pid_t pid, int status) {
	struct tracee *tracee = find_tracee(pid);

	if (tracee) {
		log_line(tracee, WIFEXITED(status) ? "+++ exits with %d\n" : "+++ ended by signal %d\n",
			 WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
		tracee->is_gone = true;
	}
	if (pid != run.front)
		return;
	run.outcome->wait_status = status;
	run.ended_at = now_ms();
	run.outcome->elapsed_ms = run.ended_at - run.began_at;
	run.outcome->target_runs = target_runs();
}

/* ---- time ---- */

static void tell_where(void) {
	char *text = run.outcome->where, name[80];
	pid_t pids[64];
	const size_t count = look_descendants(pids, 64);

	for (size_t i = 0; i < count && strlen(text) < TEXT_SIZE - 100; i++) {
		const struct tracee *tracee = find_tracee(pids[i]);

		look_describe(pids[i], name, sizeof name);
		if (strstr(name, "(Z)"))
			continue;
		snprintf(text + strlen(text), TEXT_SIZE - strlen(text), "%s%s%s%s%s", *text ? ", " : "",
			 tracee && !tracee->is_gone ? role_names[tracee->role] : name,
			 tracee && !tracee->is_gone ? strchr(name, '(') : "",
			 tracee && !tracee->is_gone && tracee->call >= 0 ? " in " : "",
			 tracee && !tracee->is_gone && tracee->call >= 0 ? call_name(tracee->call) : "");
	}
}

static void end_all(void) {
	pid_t pids[64];
	const int64_t deadline = now_ms() + DEAD_MS;
	int status;

	while (now_ms() < deadline) {
		const size_t count = look_descendants(pids, 64);
		pid_t pid;

		for (size_t i = 0; i < count; i++)
			kill(pids[i], SIGKILL);
		while ((pid = waitpid(-1, &status, __WALL | WNOHANG)) > 0)
			;
		if (pid < 0 && errno == ECHILD)
			return;
		usleep(1000);
	}
}

/* Whether this somebody has to continue: hold has to get by without its keeper, not without itself. */
static bool is_continued(void) {
	const enum role role = run.fault->role;

	return role == FRONT || (role == COMMAND && !run.pair->scenario->has_limit);
}

static bool is_wait(long call) {
	static const char *const names[] = { "ppoll",  "poll",      "epoll_pwait",    "pselect6",
					     "waitid", "nanosleep", "clock_nanosleep" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(call_name(call), names[i]) == 0)
			return true;
	}
	return false;
}

/* hold wait has looked at all that it is to wait for when it waits; or if it never does for long. */
static bool is_waiting(int64_t now) {
	const struct tracee *front = find_tracee(run.front);

	if (now > run.began_at + WAIT_BEGINS_MS)
		return true;
	return front && is_wait(front->call) && now > front->entered_at + WAITING_MS && look_is_asleep(run.front);
}

/* The end of what hold wait waits for comes after all that might be late. */
static void tell_target(int64_t now) {
	if (run.target_is_told || strncmp(run.pair->scenario->name, "wait", 4) != 0 || !is_waiting(now))
		return;
	run.target_is_told = true;
	kill(run.target, SIGUSR1);
}

/* false: time is up. */
static bool pass_time(void) {
	const int64_t now = now_ms();

	for (size_t i = 0; i < run.tracee_count; i++) {
		struct tracee *tracee = &run.tracees[i];

		if (tracee->resume_at && now >= tracee->resume_at) {
			tracee->resume_at = 0;
			tracee->entered_at = now;
			resume(tracee, 0);
		}
	}
	if (run.stopped && !run.outcome->continued && is_continued() && now > run.stopped_at + STOP_MS) {
		run.outcome->continued = true;
		kill(run.stopped, SIGCONT);
	}
	/* hold has stopped with a command of a terminal, as a job of a shell: fg continues both. */
	if (run.outcome->continued && run.stopped != run.front && !run.ended_at && now > run.stopped_at + 2 * STOP_MS) {
		run.stopped_at = now;
		kill(run.front, SIGCONT);
	}
	tell_target(now);
	if (!run.ended_at && now > run.began_at + watchdog_ms)
		run.outcome->is_hung = true;
	/* What hold stop has not ended, nobody ends any more. */
	if (run.ended_at && now > run.ended_at + (run.target ? GRACE_TARGET_MS : grace_ms))
		run.outcome->is_left = true;
	return !run.outcome->is_hung && !run.outcome->is_left;
}

static void loop(void) {
	int status;
	pid_t pid;

	do {
		pid = waitpid(-1, &status, __WALL);
		if (pid < 0 && errno == ECHILD)
			return;
		if (pid > 0 && WIFSTOPPED(status)) {
			struct tracee *tracee = add_tracee(pid);

			if (tracee)
				note_stop(tracee, status);
		} else if (pid > 0) {
			note_end(pid, status);
		}
	} while (pass_time());
	tell_where();
	end_all();
}

static void wake(int signal) {
	(void)signal;
}

/* waitpid returns now and then, so that time is looked at. */
static void set_ticks(bool are_on) {
	const struct itimerval ticks = { { 0, are_on ? TICK_MS * 1000 : 0 }, { 0, are_on ? TICK_MS * 1000 : 0 } };

	sigaction(SIGALRM, &(struct sigaction){ .sa_handler = wake }, NULL);
	setitimer(ITIMER_REAL, &ticks, NULL);
}

static int begin(void) {
	const long options = PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
			     PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD;
	struct tracee *front;
	int pipe, error = 0;

	run.target = stage_target(run.stage, run.pair);
	run.front = run.target < 0 ? -EAGAIN : stage_front(run.stage, run.pair, run.target, &pipe);
	if (run.front < 0)
		return run.front;
	front = add_tracee(run.front);
	front->has_role = true;
	run.began_at = now_ms();
	if (ptrace(PTRACE_SEIZE, run.front, NULL, (void *)options) < 0)
		error = -errno;
	else if (ptrace(PTRACE_INTERRUPT, run.front, NULL, NULL) < 0 || write(pipe, "", 1) != 1)
		error = -EIO;
	close(pipe);
	return error;
}

static void compare_modes(const struct termios *before) {
	struct termios after;

	if (run.stage->terminal < 0)
		return;
	tcgetattr(run.stage->terminal, &after);
	run.outcome->modes_differ = before->c_lflag != after.c_lflag || before->c_iflag != after.c_iflag ||
				    before->c_oflag != after.c_oflag || before->c_cflag != after.c_cflag;
	tcsetattr(run.stage->terminal, TCSANOW, before);
	tcsetpgrp(run.stage->terminal, getpgrp());
}

int trace_run(const struct stage *stage, const struct pair *pair, const struct fault *fault,
	      struct recording *recording, FILE *log, struct outcome *ret) {
	struct termios before = { 0 };
	int error;

	stage_clean(stage);
	*ret = (struct outcome){ 0 };
	memset(&run, 0, sizeof run);
	run.stage = stage;
	run.pair = pair;
	run.fault = fault;
	run.recording = recording;
	run.log = log;
	run.outcome = ret;
	if (stage->terminal >= 0)
		tcgetattr(stage->terminal, &before);
	error = begin();
	set_ticks(true);
	if (error == 0)
		loop();
	else
		end_all();
	set_ticks(false);
	compare_modes(&before);
	return error;
}
