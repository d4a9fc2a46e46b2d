/* SPDX-License-Identifier: ISC */
/* The system calls by name, and what each could fail with. */
#include "inject.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

enum { ANYWAY = 1, WAITS = 2 };

static const struct call {
	long number;
	const char *name;
	unsigned flags;
	int errors[ERRORS_MAX]; /* up to a 0 */
} calls[] = {
#define CALL(name, flags, ...) { SYS_##name, #name, flags, { __VA_ARGS__ } },
#include "calls.def"
#undef CALL
/* What newer machines do not have: the C library of others may use it. */
#ifdef SYS_poll
	{ SYS_poll, "poll", 0, { EINTR, ENOMEM } },
#endif
#ifdef SYS_access
	{ SYS_access, "access", 0, { EACCES, ENOMEM } },
#endif
#ifdef SYS_readlink
	{ SYS_readlink, "readlink", 0, { EACCES, ENOMEM } },
#endif
#ifdef SYS_mkdir
	{ SYS_mkdir, "mkdir", 0, { EACCES, ENOSPC, EROFS, ENOMEM } },
#endif
#ifdef SYS_rmdir
	{ SYS_rmdir, "rmdir", 0, { EBUSY, EACCES } },
#endif
#ifdef SYS_getpgrp
	{ SYS_getpgrp, "getpgrp", 0, { 0 } },
#endif
#ifdef SYS_dup2
	{ SYS_dup2, "dup2", 0, { EMFILE, EBUSY, EINTR } },
#endif
};

static const struct {
	int number;
	const char *name;
} errors[] = {
#define ERROR(name) \
	{ name, #name }
	ERROR(EACCES), ERROR(EAGAIN), ERROR(EBADF),  ERROR(EBUSY),   ERROR(ECHILD), ERROR(EINTR),  ERROR(EINVAL),
	ERROR(EIO),    ERROR(EMFILE), ERROR(ENFILE), ERROR(ENOBUFS), ERROR(ENOENT), ERROR(ENOLCK), ERROR(ENOMEM),
	ERROR(ENOSPC), ERROR(ENOSYS), ERROR(ENOTTY), ERROR(EPERM),   ERROR(EPIPE),  ERROR(EROFS),  ERROR(ESRCH),
};

static const struct call *find(long number) {
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		if (calls[i].number == number)
			return &calls[i];
	}
	return NULL;
}

const char *call_name(long number) {
	static char unknown[32];
	const struct call *call = find(number);

	snprintf(unknown, sizeof unknown, "call-%ld", number);
	return call ? call->name : unknown;
}

long call_number(const char *name) {
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		if (strcmp(calls[i].name, name) == 0)
			return calls[i].number;
	}
	return strncmp(name, "call-", 5) == 0 ? atol(name + 5) : -1;
}

static bool can_last(const struct call *call, int error) {
	return error != EINTR && (error != EAGAIN || !(call->flags & WAITS));
}

/* A pipe or a signalfd has no disk behind it: a signal is all that can come between. */
static bool can_fail(const struct seen_call *seen, int error) {
	return seen->stream == FILE_STREAM || error == EINTR || (seen->stream == SOCKET_STREAM && error == ENOMEM);
}

size_t call_errors(const struct seen_call *seen, bool is_lasting, int *ret_errors) {
	const struct call *call = find(seen->call);
	size_t count = 0;

	if (!call || (seen->call == SYS_fcntl && seen->args[1] != F_DUPFD && seen->args[1] != F_DUPFD_CLOEXEC))
		return 0;
	for (size_t i = 0; i < ERRORS_MAX && call->errors[i]; i++) {
		if (can_fail(seen, call->errors[i]) && (!is_lasting || can_last(call, call->errors[i])))
			ret_errors[count++] = call->errors[i];
	}
	return count;
}

/* What goes into a pipe at once comes out at once, up to PIPE_BUF. */
bool call_may_be_partial(const struct seen_call *seen) {
	if ((seen->call != SYS_read && seen->call != SYS_write) || seen->args[2] <= PART)
		return false;
	return seen->stream == FILE_STREAM || (seen->stream == PIPE_STREAM && seen->args[2] > PIPE_BUF);
}

bool call_acts_anyway(long number) {
	const struct call *call = find(number);

	return call && call->flags & ANYWAY;
}

const char *error_name(int error) {
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		if (errors[i].number == error)
			return errors[i].name;
	}
	return "?";
}

int error_number(const char *name) {
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		if (strcmp(errors[i].name, name) == 0)
			return errors[i].number;
	}
	return 0;
}
