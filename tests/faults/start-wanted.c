/* SPDX-License-Identifier: ISC */
/* Which step and which object a failed call of a start stands for, told from the calls of one in which none failed. */
#include "../check.h"
#include "start.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

static struct start_wanted success(void) {
	return (struct start_wanted){ .code = 0 };
}

static struct start_wanted failure_at(int code, int step, const char *object) {
	struct start_wanted wanted = { .code = code, .step = step };

	snprintf(wanted.object, sizeof wanted.object, "%s", object);
	return wanted;
}

static struct start_wanted failure_with_number(int code, int step, int number) {
	struct start_wanted wanted = { .code = code, .step = step };

	snprintf(wanted.object, sizeof wanted.object, "%d", number);
	return wanted;
}

static const struct hold_stdio *stream_of(const struct start *start, int step) {
	const struct hold_stdio *const streams[] = { &start->options.in, &start->options.out, &start->options.err };

	return streams[step - HOLD_AT_STDIN];
}

static const char *file_of(const struct start *start, int step) {
	const struct hold_stdio *stream = stream_of(start, step);

	if (stream->kind == HOLD_STDIO_NULL)
		return "/dev/null";
	return stream->kind == HOLD_STDIO_FILE || stream->kind == HOLD_STDIO_APPEND ? stream->path : "";
}

/* The stream that is opened by this path, or 0. */
static int step_of_file(const struct start *start, const char *path) {
	for (int step = HOLD_AT_STDIN; step <= HOLD_AT_STDERR; step++) {
		if (*path && !strcmp(path, file_of(start, step)))
			return step;
	}
	return 0;
}

/* While something is put at number `target` in the child. */
static struct start_wanted failure_to_place(const struct start *start, int code, long target) {
	int step = HOLD_AT_STDIN + (int)target;
	char object[64] = "";

	for (size_t i = 0; i < start->options.pass_count; i++) {
		if (start->pass[i].as == target) {
			snprintf(object, sizeof object, "%d as %d", start->pass[i].fd, start->pass[i].as);
			return failure_at(code, HOLD_AT_DESCRIPTOR, object);
		}
	}
	CHECK(target <= 2);
	if (stream_of(start, step)->kind != HOLD_STDIO_FD)
		return failure_at(code, step, file_of(start, step));
	snprintf(object, sizeof object, "from descriptor %d", stream_of(start, step)->fd);
	return failure_at(code, step, object);
}

/* ---- in the parent: terminals and pipes are opened, and the child is made ---- */

/* For which stream the parent's call `index`, a pipe2, made a pipe: one each, then the one to the child. */
static int step_of_pipe(const struct start *start, const struct fault_state *calm, int index) {
	int before = 0;

	for (int i = 0; i < index; i++)
		before += calm->calls[FAULT_IN_PARENT][i].number == SYS_pipe2;
	for (int step = HOLD_AT_STDIN; step <= HOLD_AT_STDERR; step++) {
		if (stream_of(start, step)->kind == HOLD_STDIO_PIPE && before-- == 0)
			return step;
	}
	return HOLD_AT_PROCESS;
}

/* For what the parent had opened descriptor `fd` before its call `index`. */
static int step_of_descriptor(const struct start *start, const struct fault_state *calm, long fd, int index) {
	while (--index >= 0) {
		const struct fault_call *call = &calm->calls[FAULT_IN_PARENT][index];

		if (call->number == SYS_pipe2 && (call->ends[0] == fd || call->ends[1] == fd))
			return step_of_pipe(start, calm, index);
		if (call->number == SYS_openat && call->result == fd)
			return HOLD_AT_TERMINAL;
		if (call->number == SYS_ioctl && (unsigned long)call->b == TIOCGPTPEER && call->result == fd)
			return HOLD_AT_TERMINAL;
		if (call->number == SYS_fcntl && call->b == F_DUPFD_CLOEXEC && call->result == fd)
			fd = call->a;
		else if (call->number == SYS_close && call->a == fd)
			break;
	}
	return 0; /* the process descriptor, from clone */
}

/* A process that runs is held by what there is: a descriptor that cannot be moved stays where it is. */
static struct start_wanted wanted_of_duplicate(const struct start *start, const struct nth_failure *failure) {
	const int step = step_of_descriptor(start, failure->calm, failure->call->a, failure->index);

	return step ? failure_at(failure->error, step, "") : success();
}

/*
 * Descriptor call->a is said not to be open. Those that the caller named are looked at in the order of their streams
 * and passes; an inherited stream that is not open here is not there either.
 */
static struct start_wanted wanted_of_closed(const struct start *start, const struct nth_failure *failure) {
	int before = 0;

	for (int i = 0; i < failure->index; i++) {
		const struct fault_call *earlier = &failure->calm->calls[FAULT_IN_PARENT][i];

		before += earlier->number == SYS_fcntl && earlier->b == F_GETFD && earlier->a == failure->call->a;
	}
	for (int fd = 0; fd < 3; fd++) {
		const struct hold_stdio *stream = stream_of(start, HOLD_AT_STDIN + fd);

		if (stream->kind == HOLD_STDIO_FD && stream->fd == failure->call->a && before-- == 0)
			return failure_to_place(start, -EBADF, fd);
	}
	for (size_t i = 0; i < start->options.pass_count; i++) {
		if (start->pass[i].fd == failure->call->a && before-- == 0)
			return failure_to_place(start, -EBADF, start->pass[i].as);
	}
	return success();
}

static struct start_wanted wanted_of_search(const struct start *start, const struct nth_failure *failure) {
	bool is_sought = !strchr(start->argv[0], '/');

	if (!strncmp(failure->call->path, "/nowhere", 8)) /* the search goes on behind it, and finds it */
		return success();
	if (is_sought && failure->error == -ENOTDIR) /* this directory of PATH is none, so it has not the program */
		return failure_at(-ENOENT, HOLD_AT_PROGRAM, start->argv[0]);
	if (failure->error == -ENOMEM)
		return failure_at(-ENOMEM, HOLD_AT_MEMORY, "");
	return failure_at(failure->error, HOLD_AT_PROGRAM, start->argv[0]);
}

static struct start_wanted wanted_of_terminal(const struct nth_failure *failure) {
	int code = failure->error;

	if (code == -ENOENT && !strcmp(failure->call->path, "/dev/ptmx")) { /* a container may have it elsewhere */
		if (access("/dev/pts/ptmx", R_OK | W_OK) == 0)
			return success();
		code = -errno;
	}
	return failure_at(code, HOLD_AT_TERMINAL, code == -ENOENT || code == -ENODEV ? "/dev/ptmx" : "");
}

/* At one that is slow, to learn whether it has executed its program; another look follows. */
static bool is_look_at_child(const struct fault_call *call) {
	return !strncmp(call->path, "/proc/", 6) && strstr(call->path, "/stat");
}

static struct start_wanted wanted_in_parent(const struct start *start, const struct nth_failure *failure) {
	const struct fault_call *call = failure->call;
	int code = failure->error;

	switch (call->number) {
	case FAULT_ALLOCATE:
	case FAULT_MMAP:
		return failure_at(-ENOMEM, HOLD_AT_MEMORY, "");
	case FAULT_STAT:
	case FAULT_FACCESSAT:
		return wanted_of_search(start, failure);
	case FAULT_FCHOWN:
		return code == -EPERM ? success() : failure_at(code, HOLD_AT_TERMINAL, "");
	case FAULT_TCSETATTR:
		return failure_at(code, HOLD_AT_TERMINAL, "");
	case FAULT_CLONE3:
	case FAULT_CLONE:
		if (code == -ENOSYS || code == -EPERM || code == -EINVAL || code == -E2BIG) /* there is another way */
			return success();
		return failure_at(code, HOLD_AT_PROCESS, "");
	case SYS_openat:
		return is_look_at_child(call) ? success() : wanted_of_terminal(failure);
	case SYS_pipe2:
		return failure_at(code, step_of_pipe(start, failure->calm, failure->index), "");
	case SYS_ioctl:
		if ((unsigned long)call->b == TIOCGPTPEER &&
		    (code == -EINVAL || code == -ENOTTY || code == -ENOSYS || code == -EPERM))
			return success();
		return failure_at(code, HOLD_AT_TERMINAL, "");
	case SYS_fcntl:
		if (call->b == F_GETFD)
			return wanted_of_closed(start, failure);
		return wanted_of_duplicate(start, failure);
	case SYS_rt_sigprocmask:
		return failure_at(code, HOLD_AT_PROCESS, "");
	default: /* madvise has a twin; close has closed; a read goes on; a number that is not lowered stays high */
		return success();
	}
}

/* ---- in the child ---- */

const char *start_path_of(const struct nth_failure *failure, long fd) {
	for (int i = failure->index - 1; i >= 0; i--) {
		const struct fault_call *earlier = &failure->calm->calls[failure->side][i];

		if (earlier->number == SYS_openat && earlier->result == fd)
			return earlier->path;
	}
	return "";
}

/* Where the descriptor that a lift in the child makes is put later on; -1: nowhere, it is the pipe to the parent. */
static long target_of_lift(const struct nth_failure *failure) {
	for (int i = failure->index + 1; i < failure->calm->count[FAULT_IN_CHILD]; i++) {
		const struct fault_call *later = &failure->calm->calls[FAULT_IN_CHILD][i];

		if (later->number == SYS_dup3 && later->a == failure->call->result)
			return later->b;
	}
	return -1;
}

/* What failed lay in the way: it is a file of the child's own, a source, or the pipe to the parent. */
static struct start_wanted wanted_of_move(const struct start *start, const struct nth_failure *failure) {
	const char *path = start_path_of(failure, failure->call->a);
	const int code = failure->error;
	struct start_wanted wanted;

	if (step_of_file(start, path))
		wanted = failure_at(code, step_of_file(start, path), path);
	else if (target_of_lift(failure) < 0)
		wanted = failure_at(code, HOLD_AT_PROCESS, "");
	else
		wanted = failure_to_place(start, code, target_of_lift(failure));
	wanted.may_start = true;
	return wanted;
}

/* The streams' files, and the two of /proc that settings are written to: a niceness is set all the same. */
static struct start_wanted wanted_of_file(const struct start *start, const char *path, int code) {
	if (step_of_file(start, path))
		return failure_at(code, step_of_file(start, path), path);
	if (!strcmp(path, "/proc/self/oom_score_adj"))
		return failure_with_number(code, HOLD_AT_OOM_SCORE, start->options.oom_score_adj);
	if (*path)
		CHECK_STRING(path, "/proc/self/autogroup");
	return success(); /* of no path: the mark, which is not needed where memory is shared */
}

/* The first fails by itself where the program is for a shell. */
static bool is_exec_of_shell(const struct nth_failure *failure) {
	for (int i = 0; i < failure->index; i++) {
		if (failure->calm->calls[FAULT_IN_CHILD][i].number == SYS_execve)
			return true;
	}
	return false;
}

static struct start_wanted wanted_of_exec(const struct start *start, const struct nth_failure *failure) {
	const int code = failure->error;
	char object[256];

	if (is_exec_of_shell(failure)) {
		snprintf(object, sizeof object, "/bin/sh of %s", start->program);
		return failure_at(code, HOLD_AT_INTERPRETER, object);
	}
	if (code == -ENOEXEC && start->options.flags & HOLD_SHELL_SCRIPTS)
		return success();
	if (code == -ETXTBSY) /* it is tried again */
		return success();
	/* The file is there and may be executed, so it cannot be what is missing. */
	if (code == -ENOENT || code == -EACCES || code == -ENOTDIR || code == -ELOOP) {
		/* But whether another user may is not known here. */
		if (code == -EACCES && start->options.ids)
			return failure_at(code, HOLD_AT_PROGRAM, start->program);
		snprintf(object, sizeof object, "of %s", start->program);
		return failure_at(code, HOLD_AT_INTERPRETER, object);
	}
	return failure_at(code, HOLD_AT_PROGRAM, start->program);
}

static struct start_wanted wanted_in_child(const struct start *start, const struct nth_failure *failure) {
	const struct hold_options *options = &start->options;
	const struct fault_call *call = failure->call;
	int code = failure->error;

	switch (call->number) {
	case SYS_setsid:
		return failure_at(code, HOLD_AT_SESSION, "");
	case SYS_setpgid:
		return failure_at(code, HOLD_AT_GROUP, "");
	case SYS_ioctl:
		return failure_at(code, HOLD_AT_CONTROLLING_TERMINAL, "");
	case SYS_setpriority:
		return failure_at(-EPERM, HOLD_AT_NICENESS, "+1");
	case SYS_prctl:
		if (call->a == PR_SET_NO_NEW_PRIVS)
			return failure_at(code, HOLD_AT_NO_NEW_PRIVS, "");
		return failure_with_number(code, HOLD_AT_PARENT_DEATH_SIGNAL, options->parent_death_signal);
	case SYS_prlimit64:
		return failure_with_number(code, HOLD_AT_LIMIT, (int)call->b);
	case SYS_ioprio_set:
		return failure_with_number(code, HOLD_AT_IO_PRIORITY, options->io_priority);
	case FAULT_SETGROUPS:
		return failure_at(code, HOLD_AT_GROUPS, "");
	case FAULT_SETRESGID:
		return failure_with_number(code, HOLD_AT_GROUP_ID, OTHER_USER);
	case FAULT_SETRESUID:
		return failure_with_number(code, HOLD_AT_USER_ID, OTHER_USER);
	case SYS_chdir:
		return failure_at(code, HOLD_AT_DIRECTORY, "/");
	case SYS_openat:
		return wanted_of_file(start, call->path, code);
	case SYS_write:
		return wanted_of_file(start, start_path_of(failure, call->a), code);
	case SYS_dup3:
		return failure_to_place(start, code, call->b);
	case SYS_fcntl:
		if (call->b == F_SETFD)
			return failure_to_place(start, code, call->a);
		return wanted_of_move(start, failure);
	case SYS_rt_sigprocmask:
		return failure_at(code, HOLD_AT_SIGNAL_MASK, "");
	case SYS_execve:
		return wanted_of_exec(start, failure);
	default: /* close_range has a twin, and a cut a copy; close has closed */
		return success();
	}
}

struct start_wanted start_wanted(const struct start *start, const struct nth_failure *failure) {
	if (!failure)
		return success();
	return (failure->side == FAULT_IN_CHILD ? wanted_in_child : wanted_in_parent)(start, failure);
}
