/* SPDX-License-Identifier: ISC */
/* What a child does between its beginning and exec that is the same however it was made. See child.c for the rules. */
#ifndef OS_CHILD_STEPS_H
#define OS_CHILD_STEPS_H

#include "handoff.h"
#include "base/decimal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

enum { REPORT_TRIES = 100 };

/* The parent would misread a missing message: so it is tried for a tenth of a second. false: it was not sent. */
OS_INLINE bool report_status(struct os_handoff *handoff, int what, int error) {
	struct os_message message = { what, error, handoff->niceness, handoff->autogroup };
	const struct os_timespec pause = { 0, 1000000 };

	if (handoff->status_fd < 0)
		return true;
	for (int i = 0; i < REPORT_TRIES; i++) {
		if (call_write(handoff->status_fd, &message, sizeof message) == (long)sizeof message)
			return true;
		call_nanosleep(&pause);
	}
	return false;
}

__attribute__((noreturn)) OS_INLINE void fail_start(struct os_handoff *handoff, int what, int error) {
	handoff->failed = what;
	handoff->error = error;
	report_status(handoff, what, error);
	call_exit(127);
}

OS_INLINE int is_target(const struct os_plan *plan, int number) {
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->operations[i].action == OS_PLACE && plan->operations[i].number == number)
			return 1;
	}
	return 0;
}

/*
 * Returns a duplicate at a number that no OS_PLACE uses: above all of those, or, where the limit on descriptors leaves
 * no room above, between them. OS_CLOSE_RANGE closes what is left there.
 */
OS_INLINE int duplicate_aside(const struct os_plan *plan, int fd) {
	int aside = call_fcntl(fd, F_DUPFD_CLOEXEC, plan->first_free), lowest = 3;

	while (aside == -EINVAL || aside == -EMFILE) {
		aside = call_fcntl(fd, F_DUPFD_CLOEXEC, lowest);
		if (aside < 0)
			return aside;
		if (is_target(plan, aside)) {
			call_close(aside);
			lowest = aside + 1;
			aside = -EMFILE;
		}
	}
	return aside;
}

/*
 * Files are opened here and not in the parent: its close would drop the POSIX record locks that it holds on the file.
 * All signals are blocked, so nothing interrupts.
 */
OS_INLINE int open_source(struct os_handoff *handoff, const struct os_operation *operation) {
	int fd, flags = 0, aside;

	switch ((enum os_open)operation->last) {
	case OS_OPEN_READ:
		flags = O_RDONLY;
		break;
	case OS_OPEN_REPLACE:
		flags = O_WRONLY | O_CREAT | O_TRUNC;
		break;
	case OS_OPEN_APPEND:
		flags = O_WRONLY | O_CREAT | O_APPEND;
		break;
	case OS_OPEN_NULL:
		flags = O_RDWR;
	}
	fd = call_openat(operation->path, flags | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd >= 0 && is_target(handoff->plan, fd)) {
		aside = duplicate_aside(handoff->plan, fd);
		call_close(fd);
		fd = aside;
	}
	handoff->plan->sources[operation->source] = fd;
	return fd < 0 ? fd : 0;
}

OS_INLINE int lift(struct os_handoff *handoff, int source) {
	int *sources = handoff->plan->sources;
	int fd = duplicate_aside(handoff->plan, sources[source]);

	if (fd < 0)
		return fd;
	sources[source] = fd;
	return 0;
}

OS_INLINE int place(const struct os_handoff *handoff, int source, int number) {
	int fd = handoff->plan->sources[source];

	if (fd == number)
		return call_fcntl(fd, F_SETFD, 0);
	fd = call_dup3(fd, number, 0);
	return fd < 0 ? fd : 0;
}

/* Room for the number was made by environment_with_listen_pid. */
OS_INLINE int write_listen_pid(const char *const *env) {
	static const char name[] = OS_LISTEN_PID_NAME;
	enum { DIGITS = 10, VALUE = sizeof name - 1 };
	char *text;
	size_t i;

	for (; *env; env++) {
		text = (char *)(uintptr_t)*env;
		for (i = 0; name[i] && text[i] == name[i]; i++)
			;
		if (name[i])
			continue;
		while (i < VALUE + DIGITS && text[i])
			i++;
		if (i < VALUE + DIGITS)
			return -EINVAL; /* of a keeper's owner with damaged memory */
		*decimal_write(text + VALUE, (uint64_t)call_getpid()) = 0;
		return 0;
	}
	return 0;
}

/* In the background: but a blocked SIGTTOU does not stop us. */
OS_INLINE int enter_foreground(int terminal) {
	int group = call_getpid();

	return call_ioctl(terminal, TIOCSPGRP, &group);
}

/* Moves the pipe to the parent away if something is to be placed at its number. */
OS_INLINE void lift_status(struct os_handoff *handoff) {
	int fd;

	if (handoff->status_fd < 0 || !is_target(handoff->plan, handoff->status_fd))
		return;
	fd = duplicate_aside(handoff->plan, handoff->status_fd);
	if (fd < 0)
		fail_start(handoff, OS_FAILED_PROCESS, fd);
	call_close(handoff->status_fd);
	handoff->status_fd = fd;
}

/* Names the operation that begins, so that a start that is ended can name what hung: a path on a dead file system. */
OS_INLINE void announce(struct os_handoff *handoff, const struct os_operation *operation, int number) {
	if (!handoff->plan->is_watched && !handoff->has_keeper)
		return;
	handoff->failed = number;
	if (operation->path) /* the others do not hang */
		report_status(handoff, number, 0);
}

/* An operation that is the same on every system. -ENOSYS: it is not, and the child has no way of its own for it. */
OS_INLINE int perform_everywhere(struct os_handoff *handoff, const struct os_operation *operation) {
	int result;

	switch (operation->action) {
	case OS_NEW_SESSION:
		result = call_setsid();
		return result < 0 ? result : 0;
	case OS_NEW_GROUP:
		return call_setpgid(0, 0);
	case OS_CONTROLLING_TERMINAL:
		return call_ioctl(handoff->plan->sources[operation->source], TIOCSCTTY, NULL);
	case OS_UMASK:
		call_umask((unsigned)operation->number);
		return 0;
	case OS_DIRECTORY:
		return call_chdir(operation->path);
	case OS_OPEN:
		return open_source(handoff, operation);
	case OS_LIFT:
		return lift(handoff, operation->source);
	case OS_PLACE:
		return place(handoff, operation->source, operation->number);
	case OS_LISTEN_PID:
		return write_listen_pid(handoff->plan->env);
	case OS_NICE:
	case OS_LIMIT:
	case OS_OOM_SCORE:
	case OS_IO_PRIORITY:
	case OS_GROUPS:
	case OS_GROUP_ID:
	case OS_USER_ID:
	case OS_NO_NEW_PRIVS:
	case OS_PARENT_DEATH_SIGNAL:
	case OS_CLOSE_RANGE:
	case OS_FOREGROUND:
		return -ENOSYS;
	}
	return -EINVAL;
}

/*
 * Returns what failed. Tries again while a process has the file open for writing. Most likely that is another child on
 * its way to exec, with a copy of the descriptor through which another thread of our parent has just written the
 * program.
 */
OS_INLINE int execute(const struct os_plan *plan, int *ret_error) {
	struct os_timespec pause = { 0, 500000 };

	*ret_error = call_execve(plan->program, plan->argv, plan->env);
	while (*ret_error == -ETXTBSY && pause.nanoseconds <= 256000000) {
		call_nanosleep(&pause);
		pause.nanoseconds *= 2;
		*ret_error = call_execve(plan->program, plan->argv, plan->env);
	}
	if (*ret_error != -ENOEXEC || !plan->shell_argv)
		return OS_FAILED_EXEC;
	*ret_error = call_execve(plan->shell_argv[0], plan->shell_argv, plan->env);
	return OS_FAILED_SHELL;
}

#endif
