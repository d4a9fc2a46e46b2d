/* SPDX-License-Identifier: ISC */
#include "../check.h"
#include "reserved.h"
#include "start.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static void add_fact(struct start *start, const char *format, ...) {
	char *fact = start->facts[start->fact_count];
	va_list values;
	int length;

	va_start(values, format);
	length = vsnprintf(fact, sizeof start->facts[0], format, values);
	va_end(values);
	CHECK(length > 0 && length < (int)sizeof start->facts[0]);
	start->argv[++start->fact_count] = fact;
	CHECK(start->fact_count < START_FACTS);
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

/* ---- the kinds ---- */

static void ask_for_terminal(struct start *start) {
	start->modes.c_cflag = CREAD | CS8 | B38400;
	start->terminal = (struct hold_terminal){ sizeof start->terminal, { 10, 20, 0, 0 }, &start->modes };
	start->options.terminal = &start->terminal;
}

void set_up_terminal(struct start *start) {
	ask_for_terminal(start);
	add_fact(start, "open=0,1,2");
	add_fact(start, "terminal");
}

void set_up_settings(struct start *start) {
	static const char *const env[] = { "PATH=/nowhere:" ACTOR_DIRECTORY, NULL };
	int niceness = getpriority(PRIO_PROCESS, 0), one = make_descriptor(start, 3), two = make_descriptor(start, 30);

	start->argv[0] = "faults-actor";
	start->options.env = env;
	start->options.in.kind = start->options.out.kind = start->options.err.kind = HOLD_STDIO_PIPE;
	start->pass[0] = (struct hold_pass){ one, 20 };
	start->pass[1] = (struct hold_pass){ two, 22 };
	start->options.pass_count = 2;
	start->options.directory = "/";
	start->options.nice = 1;
	start->options.umask = 027;
	start->options.flags = HOLD_SET_UMASK | HOLD_NEW_GROUP;
	start->options.parent_death_signal = SIGTERM;
	add_fact(start, "open=0,1,2,20,22");
	add_fact(start, "directory=/");
	add_fact(start, "niceness=%d", niceness < 19 ? niceness + 1 : 19);
	add_fact(start, "umask=23");
	add_fact(start, "death-signal=15");
	add_fact(start, "group");
}

/* Two files, and the terminal device of nobody for what is left. */
void set_up_files(struct start *start) {
	int fd;

	snprintf(start->input, sizeof start->input, "%s/input", start->directory);
	snprintf(start->output, sizeof start->output, "%s/output", start->directory);
	fd = open(start->input, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	close(fd);
	start->options.in = (struct hold_stdio){ .kind = HOLD_STDIO_FILE, .path = start->input };
	start->options.out = (struct hold_stdio){ .kind = HOLD_STDIO_APPEND, .path = start->output };
	start->options.err.kind = HOLD_STDIO_NULL;
	start->options.flags = HOLD_NEW_SESSION;
	start->options.blocked = HOLD_SIGNAL_BIT(SIGUSR1);
	start->options.keep_ignored = HOLD_SIGNAL_BIT(SIGUSR2);
	add_fact(start, "open=0,1,2");
	add_fact(start, "session");
	add_fact(start, "blocked=10");
}

/* Two descriptors that are to change places, one more that is to stay, and streams from the same numbers. */
void set_up_swap(struct start *start) {
	int one = make_descriptor(start, 5), two = make_descriptor(start, 8), three = make_descriptor(start, 11);

	start->options.in = (struct hold_stdio){ .kind = HOLD_STDIO_FD, .fd = two };
	start->options.out = (struct hold_stdio){ .kind = HOLD_STDIO_FD, .fd = one };
	start->options.err.kind = HOLD_STDIO_LIKE_STDOUT;
	start->pass[0] = (struct hold_pass){ one, two };
	start->pass[1] = (struct hold_pass){ two, one };
	start->pass[2] = (struct hold_pass){ three, three };
	start->options.pass_count = 3;
	add_fact(start, "open=0,1,2,%d,%d,%d", one, two, three);
}

void set_up_pass_all(struct start *start) {
	char list[128], *end = list;
	int kept = make_descriptor(start, 40);

	make_descriptor(start, 42); /* close-on-exec: not to be seen there */
	CHECK_EQ(fcntl(kept, F_SETFD, 0), 0);
	for (int fd = 0; fd < 1024; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0 && !(flags & FD_CLOEXEC))
			end += snprintf(end, 8, "%s%d", end == list ? "" : ",", fd);
		CHECK(end < list + sizeof list - 8);
	}
	start->options.flags = HOLD_PASS_ALL | HOLD_KEEP_MASK;
	add_fact(start, "open=%s", list);
}

/* Whatever is opened falls on the numbers of the standard streams first. */
void set_up_closed(struct start *start) {
	ask_for_terminal(start);
	start->without_stdio = true;
	start->options.in.kind = HOLD_STDIO_PIPE;
	start->options.out.kind = HOLD_STDIO_PIPE;
	start->options.err.kind = HOLD_STDIO_NULL;
	add_fact(start, "open=0,1,2");
	add_fact(start, "session");
}

static int own_oom_score(void) {
	FILE *file = fopen("/proc/self/oom_score_adj", "re");
	int score = 0;

	CHECK(file && fscanf(file, "%d", &score) == 1);
	fclose(file);
	return score;
}

static void limit(struct start *start, int number, int resource, uint64_t soft) {
	uint64_t now[2];

	CHECK_EQ(syscall(SYS_prlimit64, 0, resource, NULL, now), 0);
	start->limits[number] = (struct hold_limit){ .resource = resource, .soft = soft, .hard = now[1] };
	add_fact(start, "limit=%d:%" PRIu64 ":%" PRIu64, resource, soft, now[1]);
}

/* What is allowed to everybody: limits lowered, one of them below what passes, the OOM score raised. */
void set_up_limits(struct start *start) {
	int niceness = getpriority(PRIO_PROCESS, 0), score = own_oom_score(), fd = make_descriptor(start, 3);

	start->options.in.kind = HOLD_STDIO_NULL;
	start->options.out.kind = HOLD_STDIO_PIPE;
	start->options.err.kind = HOLD_STDIO_LIKE_STDOUT;
	limit(start, 0, RLIMIT_NOFILE, 10);
	limit(start, 1, RLIMIT_CORE, 0);
	start->options.limits = start->limits;
	start->options.limit_count = 2;
	start->options.oom_score_adj = score < 1000 ? score + 1 : 1000;
	start->options.io_priority = 2 << 13 | 7; /* best effort, the lowest level */
	start->options.nice = 1;
	start->pass[0] = (struct hold_pass){ fd, 60 };
	start->options.pass_count = 1;
	start->options.flags = HOLD_NEW_SESSION | HOLD_SET_OOM_SCORE | HOLD_SET_IO_PRIORITY | HOLD_NO_NEW_PRIVS;
	add_fact(start, "open=0,1,2,60");
	add_fact(start, "session");
	add_fact(start, "niceness=%d", niceness < 19 ? niceness + 1 : 19);
	add_fact(start, "oom-score=%d", start->options.oom_score_adj);
	add_fact(start, "io-priority=%d", start->options.io_priority);
	add_fact(start, "no-new-privs");
}

/* All numbers that are low are taken, but for those that were reserved. */
void set_up_many(struct start *start) {
	CHECK_EQ(hold_fds_reserve(), 0);
	fill(start->made, 300);
	start->made_count = 300;
	ask_for_terminal(start);
	start->options.out.kind = HOLD_STDIO_PIPE;
	start->options.err.kind = HOLD_STDIO_PIPE;
	add_fact(start, "open=0,1,2");
	add_fact(start, "session");
}

/* The actor as a file that everybody may execute: the directory of the build may be closed to others. */
static const char *copy_actor(struct start *start) {
	static char bytes[1 << 16];
	int from = open(ACTOR, O_RDONLY | O_CLOEXEC), to;
	ssize_t size;

	snprintf(start->output, sizeof start->output, "%s/actor", start->directory);
	to = open(start->output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	CHECK(from >= 0 && to >= 0);
	while ((size = read(from, bytes, sizeof bytes)) > 0)
		CHECK_EQ(write(to, bytes, (size_t)size), size);
	CHECK_EQ(fchmod(to, 0755), 0);
	close(from);
	close(to);
	return start->output;
}

/* In memory of its own, from which it tells by a pipe. A file that is its caller's alone is opened before. */
void set_up_ids(struct start *start) {
	int fd;

	snprintf(start->input, sizeof start->input, "%s/input", start->directory);
	fd = open(start->input, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	close(fd);
	start->program = start->argv[0] = copy_actor(start);
	start->options.in = (struct hold_stdio){ .kind = HOLD_STDIO_FILE, .path = start->input };
	start->options.out.kind = HOLD_STDIO_NULL;
	start->options.err.kind = HOLD_STDIO_PIPE;
	start->groups[0] = OTHER_USER - 2;
	start->groups[1] = OTHER_USER - 1;
	start->ids = (struct hold_ids){
		.size = sizeof start->ids,
		.set = HOLD_IDS_USER | HOLD_IDS_GROUP | HOLD_IDS_GROUPS,
		.user = OTHER_USER,
		.group = OTHER_USER,
		.groups = start->groups,
		.group_count = 2,
	};
	start->options.ids = &start->ids;
	start->options.terminal = &start->terminal; /* which is given to that user */
	start->terminal = (struct hold_terminal){ .size = sizeof start->terminal };
	start->options.parent_death_signal = SIGTERM;
	start->options.flags = HOLD_NO_NEW_PRIVS;
	add_fact(start, "open=0,1,2");
	add_fact(start, "who=%d:%d:%d,%d", OTHER_USER, OTHER_USER, OTHER_USER - 2, OTHER_USER - 1);
	add_fact(start, "death-signal=15");
	add_fact(start, "no-new-privs");
}

/* A file that the kernel does not know, so that a shell has to be executed, which then executes the actor. */
void set_up_script(struct start *start) {
	FILE *script;

	snprintf(start->output, sizeof start->output, "%s/script", start->directory);
	script = fopen(start->output, "we");
	CHECK(script);
	CHECK(fprintf(script, "exec '%s' \"$@\"\n", ACTOR) > 0);
	CHECK_EQ(fclose(script), 0);
	CHECK_EQ(chmod(start->output, 0700), 0);
	start->program = start->argv[0] = start->output;
	start->options.flags = HOLD_SHELL_SCRIPTS | HOLD_SET_LISTEN_PID;
	start->options.in.kind = HOLD_STDIO_NULL;
	start->options.out.kind = HOLD_STDIO_PIPE;
	start->options.err.kind = HOLD_STDIO_LIKE_STDOUT;
	add_fact(start, "open=0,1,2");
}

/* Whether this process may become another user: tried by a child. */
static bool may_become_other(void) {
	const gid_t groups[] = { OTHER_USER - 2, OTHER_USER - 1 };
	int status, pid = fork();

	if (pid == 0)
		_exit(syscall(FAULT_SETGROUPS, 2, groups) || setresgid(OTHER_USER, OTHER_USER, OTHER_USER) ||
		      setresuid(OTHER_USER, OTHER_USER, OTHER_USER));
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	return status == 0;
}

const char *start_refuses_ids(void) {
	if (geteuid() != 0)
		return "no process of another user can be started by this one";
	return may_become_other() ? NULL : "this root cannot become another user";
}

/* ---- around them ---- */

/* A first start, after which the process knows how. */
static void start_another(void) {
	static const char *const argv[] = { ACTOR, NULL };
	const struct hold_options options = { .size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = argv };
	struct hold *h;

	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	CHECK_EQ(hold_wait(h, HOLD_FOREVER, NULL), 0);
	hold_release(h);
}

static void close_stdio(struct start *start) {
	for (int fd = 0; fd < 3; fd++) {
		int kept = fcntl(fd, F_DUPFD_CLOEXEC, 50);

		CHECK(kept >= 0);
		start->made[start->made_count++] = kept;
		close(fd);
	}
}

void start_set_up(struct start *start) {
	start->options.size = sizeof start->options;
	start->options.contain = HOLD_CONTAIN_NONE;
	start->options.argv = start->argv;
	start->options.pass = start->pass;
	start->program = start->argv[0] = ACTOR;
	start->error.size = sizeof start->error;
	start->set_up(start);
	if (start->is_warm)
		start_another();
	if (start->without_stdio)
		close_stdio(start);
}

void start_restore(struct start *start) {
	for (int fd = 0; fd < 3 && start->without_stdio; fd++)
		CHECK_EQ(dup2(start->made[fd], fd), fd);
	empty(start->made, start->made_count);
	close_reserved();
	if (*start->input)
		CHECK_EQ(unlink(start->input), 0);
	if (*start->output)
		unlink(start->output); /* it may not have come to that */
}
