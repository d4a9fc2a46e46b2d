/* SPDX-License-Identifier: ISC */
/* What the tracer sees besides: a log as strace's, and calls on descriptors and children that are not there. */
#include "traced.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

void log_line(const struct tracee *tracee, const char *format, ...) {
	va_list arguments;

	if (!run.log)
		return;
	fprintf(run.log, "%-7s %d ", tracee->has_role ? role_names[tracee->role] : "?", (int)tracee->pid);
	va_start(arguments, format);
	vfprintf(run.log, format, arguments);
	va_end(arguments);
}

/* true: this argument of the call is the address of a text. */
static bool is_text(long call, int argument) {
	switch (call) {
	case SYS_openat:
	case SYS_mkdirat:
	case SYS_unlinkat:
	case SYS_faccessat:
	case SYS_newfstatat:
	case SYS_readlinkat:
	case SYS_statx:
		return argument == 1;
	case SYS_execve:
	case SYS_chdir:
		return argument == 0;
	default:
		return false;
	}
}

static void log_argument(const struct tracee *tracee, int argument) {
	char text[100] = "";
	struct iovec here = { text, sizeof text - 1 };
	struct iovec there = { (void *)(uintptr_t)tracee->args[argument], sizeof text - 1 };
	const long value = (long)tracee->args[argument];

	if (is_text(tracee->call, argument) && process_vm_readv(tracee->pid, &here, 1, &there, 1, 0) > 0)
		fprintf(run.log, "\"%s\"", text);
	else
		fprintf(run.log, value > -10000 && value < 100000 ? "%ld" : "%#lx", value);
}

void log_call(const struct tracee *tracee, long result) {
	if (!run.log)
		return;
	fprintf(run.log, "%-7s %d %4d %s#%d(", role_names[tracee->role], (int)tracee->pid, run.calls[tracee->role],
		call_name(tracee->call), tracee->nth);
	for (int i = 0; i < 5; i++) {
		fprintf(run.log, i ? ", " : "");
		log_argument(tracee, i);
	}
	if (result < 0 && result > -4096)
		fprintf(run.log, ") = -%s%s\n", error_name((int)-result), tracee->answer ? " (injected)" : "");
	else
		fprintf(run.log, ") = %ld\n", result);
}

static enum stream stream_of(const struct tracee *tracee) {
	char path[64], target[64];
	ssize_t length;

	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)tracee->pid, (int)tracee->args[0]);
	length = readlink(path, target, sizeof target - 1);
	target[length < 0 ? 0 : length] = 0;
	if (strncmp(target, "anon_inode:", 11) == 0)
		return MESSAGES;
	if (strncmp(target, "socket:", 7) == 0)
		return SOCKET_STREAM;
	return strncmp(target, "pipe:", 5) == 0 ? PIPE_STREAM : FILE_STREAM;
}

void describe_call(const struct tracee *tracee, struct seen_call *ret) {
	const bool has_stream = tracee->call == SYS_read || tracee->call == SYS_write;

	*ret = (struct seen_call){ .role = tracee->role, .call = tracee->call };
	memcpy(ret->args, tracee->args, sizeof ret->args);
	if (has_stream)
		ret->stream = stream_of(tracee);
}

/* A descriptor that poll was asked about and that is not open; -1: all are. */
static int closed_polled(const struct tracee *tracee) {
	struct pollfd fds[64];
	const size_t count = tracee->args[1] < 64 ? tracee->args[1] : 64;
	struct iovec here = { fds, count * sizeof *fds };
	struct iovec there = { (void *)(uintptr_t)tracee->args[0], count * sizeof *fds };

	if (process_vm_readv(tracee->pid, &here, 1, &there, 1, 0) != (ssize_t)(count * sizeof *fds))
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (fds[i].fd >= 0 && fds[i].revents & POLLNVAL)
			return fds[i].fd;
	}
	return -1;
}

/* fcntl is how a program asks whether its standard streams are open. */
static bool is_misused(const struct tracee *tracee, long result) {
	if (result == -EBADF)
		return tracee->call != SYS_fcntl;
	/* Of a process that it did not start, hold learns so that it is not its child. */
	if (result != -ECHILD || run.target)
		return false;
	/* Through a descriptor and without waiting it is the question whether it is a child: its keeper may be gone. */
	if (tracee->call == SYS_waitid && tracee->args[0] == 3 /* P_PIDFD */ && tracee->args[3] & WNOHANG)
		return false;
	return (tracee->call == SYS_waitid && tracee->args[0] != P_ALL) ||
	       (tracee->call == SYS_wait4 && (int)tracee->args[0] > 0);
}

/* Each is noted once. */
static void note_misuse(const struct tracee *tracee, const char *error, long number) {
	char *text = run.outcome->misuse, line[100];

	snprintf(line, sizeof line, "%s from %s for %ld in %s", error, call_name(tracee->call), number,
		 role_names[tracee->role]);
	if (strstr(text, line) || strlen(text) + strlen(line) + 3 > TEXT_SIZE)
		return;
	snprintf(text + strlen(text), TEXT_SIZE - strlen(text), "%s%s", *text ? ", " : "", line);
}

void watch_misuse(const struct tracee *tracee, long result) {
	const bool is_poll =
		strcmp(call_name(tracee->call), "ppoll") == 0 || strcmp(call_name(tracee->call), "poll") == 0;
	const int closed = is_poll && result > 0 ? closed_polled(tracee) : -1;

	if (is_misused(tracee, result))
		note_misuse(tracee, error_name((int)-result), (long)tracee->args[tracee->call == SYS_waitid]);
	if (closed >= 0)
		note_misuse(tracee, "POLLNVAL", closed);
}

/* Whether any process of the target's is alive, by what these told. */
bool target_runs(void) {
	char text[1024];

	if (!run.target)
		return false;
	stage_read(run.stage, "side", text, sizeof text);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (strncmp(line, "began ", 6) == 0 && look_is_running((pid_t)atol(line + 6)))
			return true;
		if (strncmp(line, "member ", 7) == 0 && strcmp(run.pair->scenario->name, "wait") != 0 &&
		    look_is_running((pid_t)atol(line + 7)))
			return true;
	}
	return false;
}
