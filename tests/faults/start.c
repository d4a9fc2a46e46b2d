/* SPDX-License-Identifier: ISC */
/*
 * hold_spawn with each of its calls made to fail: it starts the program exactly as asked all the same, or its error
 * names the step and the object that the failed call stood for, and nothing is left.
 */
#include "../check.h"
#include "nth.h"

#include <pidhold.h>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>

/* A start of one kind, as prepare sets it up. */
struct start {
	void (*set_up)(struct start *start);
	bool warm; /* another start has been made in this process: it knows that memory is shared */
	struct hold_options options;
	struct hold_terminal terminal;
	struct termios modes;
	struct hold_pass pass[4];
	const char *argv[12];
	int fact_count;
	char open_fact[8192], niceness_fact[32], folder[64], input[80], output[80];
	int made[8], made_count; /* descriptors of the caller's */
	struct hold *hold;
	struct hold_error error;
};

static void add_fact(struct start *start, const char *fact) {
	start->argv[++start->fact_count] = fact;
}

/* A descriptor of the caller's, at this number or above. */
static int make_descriptor(struct start *start, int lowest) {
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC), higher;

	CHECK(fd >= 0);
	higher = fcntl(fd, F_DUPFD_CLOEXEC, lowest);
	close(fd);
	CHECK(higher >= lowest);
	return start->made[start->made_count++] = higher;
}

/* ---- the kinds of start ---- */

static void set_up_terminal(struct start *start) {
	start->modes.c_cflag = CREAD | CS8 | B38400;
	start->terminal = (struct hold_terminal){ sizeof start->terminal, { 10, 20, 0, 0 }, &start->modes };
	start->options.terminal = &start->terminal;
	add_fact(start, "open=0,1,2");
	add_fact(start, "terminal");
}

static void set_up_settings(struct start *start) {
	static const char *const env[] = { "PATH=/nowhere:" ACTOR_FOLDER, NULL };
	int niceness = getpriority(PRIO_PROCESS, 0), one = make_descriptor(start, 3), two = make_descriptor(start, 30);

	start->argv[0] = "faults-actor";
	start->options.env = env;
	start->options.in.kind = start->options.out.kind = start->options.err.kind = HOLD_PIPE;
	start->pass[0] = (struct hold_pass){ one, 20 };
	start->pass[1] = (struct hold_pass){ two, 22 };
	start->options.pass = start->pass;
	start->options.pass_count = 2;
	start->options.directory = "/";
	start->options.nice = 1;
	start->options.umask = 027;
	start->options.flags = HOLD_SET_UMASK | HOLD_NEW_GROUP;
	start->options.parent_death_signal = SIGTERM;
	snprintf(start->niceness_fact, sizeof start->niceness_fact, "niceness=%d", niceness < 19 ? niceness + 1 : 19);
	add_fact(start, "open=0,1,2,20,22");
	add_fact(start, "directory=/");
	add_fact(start, start->niceness_fact);
	add_fact(start, "umask=23");
	add_fact(start, "death-signal=15");
	add_fact(start, "group");
}

static void set_up_files(struct start *start) {
	int fd;

	snprintf(start->input, sizeof start->input, "%s/input", start->folder);
	snprintf(start->output, sizeof start->output, "%s/output", start->folder);
	fd = open(start->input, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	close(fd);
	start->options.in = (struct hold_stdio){ .kind = HOLD_FILE, .path = start->input };
	start->options.out = (struct hold_stdio){ .kind = HOLD_APPEND, .path = start->output };
	start->options.err.kind = HOLD_NULL;
	start->options.flags = HOLD_NEW_SESSION;
	start->options.blocked = HOLD_SIGNAL_BIT(SIGUSR1);
	start->options.keep_ignored = HOLD_SIGNAL_BIT(SIGUSR2);
	add_fact(start, "open=0,1,2");
	add_fact(start, "session");
	add_fact(start, "blocked=10");
}

/* Two descriptors that are to change places, one more that is to stay, and streams from the same numbers. */
static void set_up_swap(struct start *start) {
	int one = make_descriptor(start, 5), two = make_descriptor(start, 8), three = make_descriptor(start, 11);

	start->options.in = (struct hold_stdio){ .kind = HOLD_FD, .fd = two };
	start->options.out = (struct hold_stdio){ .kind = HOLD_FD, .fd = one };
	start->options.err.kind = HOLD_STDOUT;
	start->pass[0] = (struct hold_pass){ one, two };
	start->pass[1] = (struct hold_pass){ two, one };
	start->pass[2] = (struct hold_pass){ three, three };
	start->options.pass = start->pass;
	start->options.pass_count = 3;
	snprintf(start->open_fact, sizeof start->open_fact, "open=0,1,2,%d,%d,%d", one, two, three);
	add_fact(start, start->open_fact);
}

static void set_up_pass_all(struct start *start) {
	char *end = start->open_fact + sprintf(start->open_fact, "open=");
	int kept = make_descriptor(start, 40);

	make_descriptor(start, 42); /* close-on-exec: not to be seen there */
	CHECK_EQ(fcntl(kept, F_SETFD, 0), 0);
	for (int fd = 0; fd < 1024; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0 && !(flags & FD_CLOEXEC))
			end += sprintf(end, "%s%d", end[-1] == '=' ? "" : ",", fd);
	}
	start->options.flags = HOLD_PASS_ALL | HOLD_KEEP_MASK;
	add_fact(start, start->open_fact);
}

/* The caller's own standard streams are closed: whatever is opened falls on their numbers first. */
static void set_up_closed(struct start *start) {
	set_up_terminal(start);
	start->options.in.kind = HOLD_PIPE;
	start->options.out.kind = HOLD_PIPE;
	start->options.err.kind = HOLD_NULL;
	start->fact_count = 0;
	start->argv[2] = NULL;
	add_fact(start, "open=0,1,2");
	add_fact(start, "session");
}

/* ---- what a failed call stands for ---- */

struct wanted {
	int code, step; /* code 0: the program is started all the same */
	char object[256];
};

static struct wanted success(void) {
	return (struct wanted){ .code = 0 };
}

static struct wanted failure_at(int code, int step, const char *object) {
	struct wanted wanted = { .code = code, .step = step };

	snprintf(wanted.object, sizeof wanted.object, "%s", object);
	return wanted;
}

static const struct hold_stdio *stream_of(const struct start *start, int step) {
	const struct hold_stdio *const streams[] = { &start->options.in, &start->options.out, &start->options.err };

	return streams[step - HOLD_AT_STDIN];
}

/* While it is opened in the parent. */
static struct wanted failure_to_open(const struct start *start, int code, int step) {
	if (step == HOLD_AT_TERMINAL)
		return failure_at(code, step, code == -ENOENT || code == -ENODEV ? "/dev/ptmx" : "");
	if (step == HOLD_AT_PROCESS)
		return failure_at(code, step, "");
	return failure_at(code, step, stream_of(start, step)->path ? stream_of(start, step)->path : "");
}

/* While something is put at number `target` in the child. */
static struct wanted failure_to_place(const struct start *start, int code, long target) {
	int step = HOLD_AT_STDIN + (int)target;
	char object[64] = "";

	for (size_t i = 0; i < start->options.pass_count; i++) {
		if (start->pass[i].as == target) {
			snprintf(object, sizeof object, "%d as %d", start->pass[i].fd, start->pass[i].as);
			return failure_at(code, HOLD_AT_DESCRIPTOR, object);
		}
	}
	CHECK(target <= 2);
	if (stream_of(start, step)->kind == HOLD_FD)
		snprintf(object, sizeof object, "from descriptor %d", stream_of(start, step)->fd);
	return failure_at(code, step, object);
}

/* For which stream the parent's call `index`, a pipe2, made a pipe: one each, then the one to the child. */
static int step_of_pipe(const struct start *start, const struct fault_state *calm, int index) {
	int before = 0;

	for (int i = 0; i < index; i++)
		before += calm->calls[FAULT_IN_PARENT][i].number == SYS_pipe2;
	for (int step = HOLD_AT_STDIN; step <= HOLD_AT_STDERR; step++) {
		if (stream_of(start, step)->kind == HOLD_PIPE && before-- == 0)
			return step;
	}
	return HOLD_AT_PROCESS;
}

static int step_of_path(const struct start *start, const char *path) {
	for (int step = HOLD_AT_STDIN; step <= HOLD_AT_STDERR; step++) {
		const struct hold_stdio *stream = stream_of(start, step);

		const char *its_path = stream->kind == HOLD_NULL ? "/dev/null" : stream->path;

		if (its_path && !strcmp(path, its_path))
			return step;
	}
	CHECK(!strncmp(path, "/dev/pt", 7));
	return HOLD_AT_TERMINAL;
}

/* For what the parent had opened descriptor `fd` before its call `index`. */
static int step_of_descriptor(const struct start *start, const struct fault_state *calm, long fd, int index) {
	while (--index >= 0) {
		const struct fault_call *call = &calm->calls[FAULT_IN_PARENT][index];

		if (call->number == SYS_pipe2 && (call->ends[0] == fd || call->ends[1] == fd))
			return step_of_pipe(start, calm, index);
		if (call->number == SYS_openat && call->result == fd)
			return step_of_path(start, call->path);
		if (call->number == SYS_ioctl && (unsigned long)call->b == TIOCGPTPEER && call->result == fd)
			return HOLD_AT_TERMINAL;
		if (call->number == SYS_close && call->a == fd)
			break;
	}
	return HOLD_AT_PROCESS; /* the process descriptor, from clone */
}

/*
 * Descriptor call->a is said not to be open. Those that the caller named are looked at in the order of their streams
 * and passes; an inherited stream that is not open here is not there either.
 */
static struct wanted wanted_of_closed(const struct start *start, const struct nth_failure *failure) {
	int before = 0;

	for (int i = 0; i < failure->index; i++) {
		const struct fault_call *earlier = &failure->calm->calls[FAULT_IN_PARENT][i];

		before += earlier->number == SYS_fcntl && earlier->b == F_GETFD && earlier->a == failure->call->a;
	}
	for (int fd = 0; fd < 3; fd++) {
		const struct hold_stdio *stream = stream_of(start, HOLD_AT_STDIN + fd);

		if (stream->kind == HOLD_FD && stream->fd == failure->call->a && before-- == 0)
			return failure_to_place(start, -EBADF, fd);
	}
	for (size_t i = 0; i < start->options.pass_count; i++) {
		if (start->pass[i].fd == failure->call->a && before-- == 0)
			return failure_to_place(start, -EBADF, start->pass[i].as);
	}
	return success();
}

static struct wanted wanted_in_parent(const struct start *start, const struct nth_failure *failure) {
	const struct fault_call *call = failure->call;
	int code = failure->error;

	switch (call->number) {
	case FAULT_ALLOCATE:
	case FAULT_MMAP:
		return failure_at(-ENOMEM, HOLD_AT_MEMORY, "");
	case FAULT_STAT:
	case FAULT_FACCESSAT:
		if (!strncmp(call->path, "/nowhere", 8)) /* the search goes on behind it, and finds it */
			return success();
		return failure_at(code, HOLD_AT_PROGRAM, start->argv[0]);
	case FAULT_TCSETATTR:
		return failure_at(code, HOLD_AT_TERMINAL, "");
	case FAULT_CLONE3:
	case FAULT_CLONE:
		if (code == -ENOMEM || code == -EAGAIN || code == -EMFILE)
			return failure_at(code, HOLD_AT_PROCESS, "");
		return success();
	case SYS_openat:
		if (code == -EINTR)
			return success();
		if (code == -ENOENT && !strcmp(call->path, "/dev/ptmx") && access("/dev/pts/ptmx", R_OK | W_OK) == 0)
			return success();
		if (code == -ENOENT && !strcmp(call->path, "/dev/ptmx"))
			return failure_to_open(start, -errno, HOLD_AT_TERMINAL);
		return failure_to_open(start, code, step_of_path(start, call->path));
	case SYS_pipe2:
		return failure_to_open(start, code, step_of_pipe(start, failure->calm, failure->index));
	case SYS_ioctl:
		if ((unsigned long)call->b == TIOCGPTPEER &&
		    (code == -EINVAL || code == -ENOTTY || code == -ENOSYS || code == -EPERM))
			return success();
		return failure_to_open(start, code, HOLD_AT_TERMINAL);
	case SYS_fcntl:
		if (call->b == F_GETFD)
			return wanted_of_closed(start, failure);
		return failure_to_open(start, code, step_of_descriptor(start, failure->calm, call->a, failure->index));
	case SYS_rt_sigprocmask:
		return failure_at(code, HOLD_AT_PROCESS, "");
	default: /* madvise has a twin, close has closed, a read goes on */
		return success();
	}
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

static struct wanted wanted_of_exec(int code) {
	char object[256];

	/* The file is there and may be executed, so it cannot be what is missing. */
	if (code == -ENOENT || code == -EACCES) {
		snprintf(object, sizeof object, "of %s", ACTOR);
		return failure_at(code, HOLD_AT_INTERPRETER, object);
	}
	return failure_at(code, HOLD_AT_PROGRAM, ACTOR);
}

static struct wanted wanted_in_child(const struct start *start, const struct nth_failure *failure) {
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
		return failure_at(code, HOLD_AT_PARENT_DEATH_SIGNAL, "15");
	case SYS_chdir:
		return failure_at(code, HOLD_AT_DIRECTORY, "/");
	case SYS_dup3:
		return failure_to_place(start, code, call->b);
	case SYS_fcntl:
		if (call->b == F_SETFD)
			return failure_to_place(start, code, call->a);
		if (target_of_lift(failure) < 0)
			return failure_at(code, HOLD_AT_PROCESS, "");
		return failure_to_place(start, code, target_of_lift(failure));
	case SYS_rt_sigprocmask:
		return failure_at(code, HOLD_AT_SIGNAL_MASK, "");
	case SYS_execve:
		return wanted_of_exec(code);
	default: /* close_range has a twin; close has closed; the mark is not needed where memory is shared */
		return success();
	}
}

/* ---- the try ---- */

static void start_another(void) {
	static const char *const argv[] = { ACTOR, NULL };
	const struct hold_options options = { .size = sizeof options, .argv = argv };
	struct hold *h;

	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	CHECK_EQ(hold_wait(h, HOLD_FOREVER, NULL), 0);
	hold_release(h);
}

static void prepare(void *context) {
	struct start *start = context;

	start->options.size = sizeof start->options;
	start->options.argv = start->argv;
	start->argv[0] = ACTOR;
	start->error.size = sizeof start->error;
	start->set_up(start);
	if (start->warm)
		start_another();
	if (start->set_up == set_up_closed) { /* here, and put back in the end */
		for (int fd = 0; fd < 3; fd++) {
			int kept = fcntl(fd, F_DUPFD_CLOEXEC, 50);

			CHECK(kept >= 0);
			start->made[start->made_count++] = kept;
			close(fd);
		}
	}
}

static int act(void *context) {
	struct start *start = context;

	return hold_spawn(&start->hold, &start->options, &start->error);
}

static void restore(struct start *start) {
	if (start->set_up == set_up_closed) {
		for (int fd = 0; fd < 3; fd++)
			CHECK_EQ(dup2(start->made[fd], fd), fd);
	}
	for (int i = 0; i < start->made_count; i++)
		close(start->made[i]);
	if (*start->input) {
		CHECK_EQ(unlink(start->input), 0);
		unlink(start->output); /* it may not have come to that */
	}
}

static void judge(void *context, int result, const struct nth_failure *failure) {
	struct start *start = context;
	struct hold_status status = { .size = sizeof status };
	struct wanted wanted = success();

	if (failure)
		wanted = (failure->side == FAULT_IN_CHILD ? wanted_in_child : wanted_in_parent)(start, failure);

	if (result == 0) {
		CHECK_EQ(hold_wait(start->hold, hold_after_ms(15000), &status), 0);
		hold_release(start->hold);
	}
	restore(start);
	CHECK_EQ(result, wanted.code);
	if (result == 0) {
		CHECK_EQ(status.how, HOLD_EXITED);
		CHECK_EQ(status.code, 0);
		return;
	}
	CHECK(!start->hold);
	CHECK_EQ(start->error.code, wanted.code);
	CHECK_STRING(hold_step_name(start->error.step), hold_step_name(wanted.step));
	CHECK_STRING(start->error.object, wanted.object);
}

/* Opening a terminal's ends is not interrupted, and who lacks a device is told of it by the first of its paths. */
static bool is_plausible(const struct fault_call *call, enum fault_side side, int error) {
	(void)side;
	return call->number != SYS_openat || error != EINTR || strncmp(call->path, "/dev/pt", 7) != 0;
}

static void try_all(const char *name, void (*set_up)(struct start *start), bool warm, bool unshared) {
	static struct start start;
	struct nth_subject subject = { name, prepare, act, judge, is_plausible, sizeof start, &start };
	const char *place = getenv("TMPDIR");

	start.set_up = set_up;
	start.warm = warm;
	faults->dropped = unshared ? FAULT_UNSHARED : 0;
	snprintf(start.folder, sizeof start.folder, "%.40s/pidhold-XXXXXX", place && *place ? place : P_tmpdir);
	CHECK(mkdtemp(start.folder));
	nth_try_all(&subject);
	CHECK_EQ(rmdir(start.folder), 0);
}

/* Each kind of start three times: the first in its process, a later one, and where memory is not shared. */
#define TRY(kind)                                                                                           \
	TEST("the first start of a process, " #kind ": whatever fails is named, and nothing is left") {     \
		try_all(#kind, set_up_##kind, false, false);                                                \
	}                                                                                                   \
	static void try_warm_##kind(void) {                                                                 \
		try_all(#kind ", a later start", set_up_##kind, true, false);                               \
	}                                                                                                   \
	static void try_unshared_##kind(void) {                                                             \
		try_all(#kind ", memory not shared", set_up_##kind, true, true);                            \
	}

TRY(terminal)
TRY(settings)
TRY(files)
TRY(swap)
TRY(pass_all)
TRY(closed)

TEST("a later start, of each kind: whatever fails is named, and nothing is left") {
	try_warm_terminal();
	try_warm_settings();
	try_warm_files();
	try_warm_swap();
	try_warm_pass_all();
	try_warm_closed();
}

TEST("where memory is not shared, a start of each kind: whatever fails is named, and nothing is left") {
	try_unshared_terminal();
	try_unshared_settings();
	try_unshared_files();
	try_unshared_swap();
	try_unshared_pass_all();
	try_unshared_closed();
}

CHECK_MAIN
