/* SPDX-License-Identifier: ISC */
/*
 * One run of hold under ptrace. The tracer is the subreaper of all that hold starts, so waitpid's ECHILD says that
 * nobody is left at all. The command is let go as soon as it executes its program.
 */
#include "inject.h"
#include "traced.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { TICK_MS = 10, DEAD_MS = 10000, GRACE_TARGET_MS = 500 };

int watchdog_ms = 65000, grace_ms = 10000;

struct run run;

static struct tracee *find(pid_t pid) {
	for (size_t i = 0; i < run.tracee_count; i++) {
		if (run.tracees[i].pid == pid)
			return &run.tracees[i];
	}
	return NULL;
}

static struct tracee *add(pid_t pid) {
	struct tracee *tracee = find(pid);

	if (!tracee && run.tracee_count < TRACEES) {
		tracee = &run.tracees[run.tracee_count++];
		*tracee = (struct tracee){ .pid = pid, .call = -1 };
	}
	return tracee;
}

static void resume(struct tracee *tracee, int signal) {
	ptrace(PTRACE_SYSCALL, tracee->pid, NULL, (void *)(intptr_t)signal);
}

static void resume_later(struct tracee *tracee) {
	tracee->resume_at = now_ms() + DELAY_MS;
}

/* ---- who is who ---- */

static bool is_command(const struct stage *stage, pid_t pid) {
	char path[64], exe[800];
	ssize_t length;

	snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
	length = readlink(path, exe, sizeof exe - 1);
	exe[length < 0 ? 0 : length] = 0;
	return strncmp(exe, stage->command_folder, strlen(stage->command_folder)) == 0 &&
	       strstr(exe, "inject-command");
}

/* Of what a role clones: without a keeper it is the command at once. */
static enum role role_of_child(enum role parent) {
	const bool is_kept = strcmp(run.pair->contain, "none") != 0 && strcmp(run.pair->contain, "group") != 0;

	return parent == FRONT && is_kept ? STARTER : COMMAND;
}

static void adopt_child(struct tracee *parent) {
	unsigned long pid = 0;
	struct tracee *child;

	if (ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid) < 0)
		return;
	child = add((pid_t)pid);
	if (!child)
		return;
	child->role = role_of_child(parent->role);
	child->has_role = true;
	child->counts = parent->counts;
	if (child->waits_for_role)
		resume(child, 0);
	log_line(child, "--- is born, of %s\n", role_names[parent->role]);
}

/* The dynamic loader's calls come before the program's first line, and their errors are not hold's. */
static void find_loader(struct tracee *tracee) {
	char path[64], line[1024];
	unsigned long begin, end;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/maps", (int)tracee->pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file)) {
		if (!strstr(line, "/ld") || strstr(line, "/hold") || sscanf(line, "%lx-%lx", &begin, &end) != 2)
			continue;
		if (!tracee->loader_begin)
			tracee->loader_begin = begin;
		tracee->loader_end = end;
	}
	if (file)
		fclose(file);
}

/* false: it is not traced any more. */
static bool note_exec(struct tracee *tracee) {
	tracee->loader_begin = tracee->loader_end = 0;
	if (is_command(run.stage, tracee->pid)) {
		log_line(tracee, "--- executes the command and is let go\n");
		tracee->is_gone = true;
		ptrace(PTRACE_DETACH, tracee->pid, NULL, NULL);
		return false;
	}
	if (tracee->role == FRONT) {
		tracee->counts = true;
		find_loader(tracee);
	} else {
		tracee->role = KEEPER;
	}
	log_line(tracee, "--- has executed a program\n");
	return true;
}

/* ---- calls ---- */

static bool is_here(const struct tracee *tracee, const struct fault *fault) {
	const int nth = fault->call == ANY_CALL ? run.calls[tracee->role] : tracee->nth;

	if (fault->action == NOTHING || tracee->role != fault->role)
		return false;
	if (fault->call != ANY_CALL && fault->call != tracee->call)
		return false;
	return fault->action == FAIL_ON && fault->call != ANY_CALL ? nth >= fault->nth : nth == fault->nth;
}

static void fail(struct tracee *tracee, int error) {
	tracee->answer = error;
	if (!call_acts_anyway(tracee->call))
		registers_set_call(tracee->pid, -1);
}

/* false: the process is not to go on now. */
static bool act(struct tracee *tracee) {
	const struct fault *fault = run.fault;

	run.outcome->is_reached = true;
	log_line(tracee, "*** %s here\n", action_names[fault->action]);
	switch (fault->action) {
	case FAIL_ONCE:
	case FAIL_ON:
		fail(tracee, fault->error);
		break;
	case DELAY_BEFORE:
		resume_later(tracee);
		return false;
	case DELAY_AFTER:
		tracee->is_late = true;
		break;
	case KILL_ROLE:
		kill(tracee->pid, SIGKILL);
		break;
	case STOP_ROLE:
		kill(tracee->pid, SIGSTOP);
		run.stopped = tracee->pid;
		run.stopped_at = now_ms();
		break;
	case TERM_FRONT:
		kill(run.front, SIGTERM);
		break;
	default:
		break;
	}
	return true;
}

static void record(const struct tracee *tracee) {
	struct recording *recording = run.recording;

	if (!recording || recording->count >= recording->room)
		return;
	recording->calls[recording->count] = (struct seen_call){ .role = tracee->role, .call = tracee->call };
	memcpy(recording->calls[recording->count++].args, tracee->args, sizeof tracee->args);
}

static int count_call(const struct tracee *tracee) {
	int nth = 0;

	run.calls[tracee->role]++;
	if (run.history_count < HISTORY)
		run.history[run.history_count++] = (struct seen){ tracee->role, tracee->call };
	for (size_t i = 0; i < run.history_count; i++)
		nth += run.history[i].role == tracee->role && run.history[i].call == tracee->call;
	return nth;
}

static bool enter(struct tracee *tracee, const struct __ptrace_syscall_info *info) {
	const uint64_t place = info->instruction_pointer;

	tracee->call = (long)info->entry.nr;
	tracee->answer = 0;
	tracee->is_counted = tracee->counts && !(place >= tracee->loader_begin && place < tracee->loader_end);
	for (int i = 0; i < 6; i++)
		tracee->args[i] = info->entry.args[i];
	if (!tracee->is_counted)
		return true;
	tracee->nth = count_call(tracee);
	record(tracee);
	return is_here(tracee, run.fault) ? act(tracee) : true;
}

static bool leave(struct tracee *tracee, const struct __ptrace_syscall_info *info) {
	long result = (long)info->exit.rval;

	if (tracee->answer)
		registers_set_result(tracee->pid, result = -tracee->answer);
	if (tracee->is_counted) {
		log_call(tracee, result);
		if (!tracee->answer)
			watch_misuse(tracee, result);
	}
	tracee->call = -1;
	if (!tracee->is_late)
		return true;
	tracee->is_late = false;
	resume_later(tracee);
	return false;
}

static void stop_at_call(struct tracee *tracee) {
	struct __ptrace_syscall_info info;
	bool goes_on = true;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tracee->pid, (void *)sizeof info, &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		goes_on = enter(tracee, &info);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		goes_on = leave(tracee, &info);
	if (goes_on)
		resume(tracee, 0);
}

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
	struct tracee *tracee = find(pid);

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
		const struct tracee *tracee = find(pids[i]);

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

/* false: time is up. */
static bool pass_time(void) {
	const int64_t now = now_ms();

	for (size_t i = 0; i < run.tracee_count; i++) {
		struct tracee *tracee = &run.tracees[i];

		if (tracee->resume_at && now >= tracee->resume_at) {
			tracee->resume_at = 0;
			resume(tracee, 0);
		}
	}
	if (run.stopped && !run.outcome->continued && is_continued() && now > run.stopped_at + STOP_MS) {
		run.outcome->continued = true;
		kill(run.stopped, SIGCONT);
	}
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
			struct tracee *tracee = add(pid);

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
	run.front = run.target < 0 ? -1 : stage_front(run.stage, run.pair, run.target, &pipe);
	if (run.front < 0)
		return -EAGAIN;
	front = add(run.front);
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
