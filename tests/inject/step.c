/* SPDX-License-Identifier: ISC */
/* What a traced process does: its birth, its program, its calls, and what is done to it there. */
#include "traced.h"

#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct tracee *find_tracee(pid_t pid) {
	for (size_t i = 0; i < run.tracee_count; i++) {
		if (run.tracees[i].pid == pid)
			return &run.tracees[i];
	}
	return NULL;
}

struct tracee *add_tracee(pid_t pid) {
	struct tracee *tracee = find_tracee(pid);

	if (!tracee && run.tracee_count < TRACEES) {
		tracee = &run.tracees[run.tracee_count++];
		*tracee = (struct tracee){ .pid = pid, .call = -1 };
	}
	return tracee;
}

void resume(struct tracee *tracee, int signal) {
	ptrace(PTRACE_SYSCALL, tracee->pid, NULL, (void *)(intptr_t)signal);
}

static void resume_later(struct tracee *tracee) {
	tracee->resume_at = now_ms() + DELAY_MS;
}

/* ---- who is who ---- */

/* By device and inode: in a mount namespace of its own a path may not be reached from our root. */
static bool is_command(const struct stage *stage, pid_t pid) {
	char path[sizeof stage->command_directory + 16];
	struct stat command, program;

	snprintf(path, sizeof path, "%s/inject-command", stage->command_directory);
	if (stat(path, &command) < 0)
		return false;
	snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
	return stat(path, &program) == 0 && program.st_dev == command.st_dev && program.st_ino == command.st_ino;
}

/* Of what a role clones: without a keeper it is the command at once. */
static enum role role_of_child(enum role parent) {
	const bool is_kept = strcmp(run.pair->contain, "none") != 0 && strcmp(run.pair->contain, "group") != 0;

	return parent == FRONT && is_kept ? STARTER : COMMAND;
}

void adopt_child(struct tracee *parent) {
	unsigned long pid = 0;
	struct tracee *child;

	if (ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid) < 0)
		return;
	child = add_tracee((pid_t)pid);
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
bool note_exec(struct tracee *tracee) {
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

static void make_fail(struct tracee *tracee, int error) {
	tracee->answer = error;
	if (!call_acts_anyway(tracee->call))
		registers_set_call(tracee->pid, -1);
}

static void make_partial(struct tracee *tracee) {
	tracee->is_partial = true;
	registers_set_size(tracee->pid, PART);
}

/* Beside each other processes may come to their calls in another order: then it is not what was planned. */
static bool is_possible(const struct tracee *tracee, const struct fault *fault) {
	struct seen_call call;
	int errors[ERRORS_MAX];
	size_t count;

	describe_call(tracee, &call);
	if (fault->action == PARTIAL)
		return call_may_be_partial(&call);
	if (fault->call == ANY_CALL || (fault->action != FAIL_ONCE && fault->action != FAIL_ON))
		return true;
	count = call_errors(&call, false, errors);
	for (size_t i = 0; i < count; i++) {
		if (errors[i] == fault->error)
			return true;
	}
	return count == 0;
}

/* false: the process is not to go on now. */
static bool act(struct tracee *tracee) {
	const struct fault *fault = run.fault;

	run.outcome->is_reached = true;
	log_line(tracee, "*** %s here\n", action_names[fault->action]);
	switch (fault->action) {
	case FAIL_ONCE:
	case FAIL_ON:
		make_fail(tracee, fault->error);
		break;
	case PARTIAL:
		make_partial(tracee);
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
	describe_call(tracee, &recording->calls[recording->count++]);
}

static int count_call(const struct tracee *tracee) {
	run.calls[tracee->role]++;
	return tracee->call >= 0 && tracee->call < NUMBERS ? ++run.numbers[tracee->role][tracee->call] : 0;
}

/* In a coverage build: what comes now is libgcov's, with which it is over in each of them (dump-coverage.c). */
static bool is_mark_of_coverage(const struct __ptrace_syscall_info *info) {
	return info->entry.nr == SYS_membarrier && (int)info->entry.args[0] == -1;
}

static bool enter(struct tracee *tracee, const struct __ptrace_syscall_info *info) {
	const uint64_t place = info->instruction_pointer;

	if (is_mark_of_coverage(info))
		tracee->counts = false;
	tracee->call = (long)info->entry.nr;
	tracee->entered_at = now_ms();
	tracee->answer = 0;
	tracee->is_counted = tracee->counts && !(place >= tracee->loader_begin && place < tracee->loader_end);
	for (int i = 0; i < 6; i++)
		tracee->args[i] = info->entry.args[i];
	if (!tracee->is_counted)
		return true;
	tracee->nth = count_call(tracee);
	record(tracee);
	return is_here(tracee, run.fault) && is_possible(tracee, run.fault) ? act(tracee) : true;
}

static bool leave(struct tracee *tracee, const struct __ptrace_syscall_info *info) {
	long result = (long)info->exit.rval;

	if (tracee->is_partial)
		registers_set_size(tracee->pid, (long)tracee->args[2]);
	tracee->is_partial = false;
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

void stop_at_call(struct tracee *tracee) {
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
