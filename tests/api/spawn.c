/* SPDX-License-Identifier: ISC */
/* hold_spawn: every option, as the process that was started sees it. Terminals are in terminal.c. */
#include "seen.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* ---- files of our own ---- */

/* An open file whose name in /proc ends with `name`; at number `as`, if that is not negative. Without close-on-exec. */
static int make_file(const char *name, int as) {
	int fd = memfd_create(name, 0);

	CHECK(fd >= 0);
	if (as >= 0 && fd != as) {
		CHECK_EQ(dup2(fd, as), as);
		close(fd);
		fd = as;
	}
	return fd;
}

static void check_file(const struct seen *seen, int fd, const char *name) {
	char key[16], wanted[64];

	snprintf(key, sizeof key, "fd %d", fd);
	snprintf(wanted, sizeof wanted, "/memfd:%s (deleted)", name);
	CHECK_STRING(value_of(seen, key), wanted);
}

/* ---- program, arguments, environment, directory ---- */

TEST("arguments arrive as they are") {
	struct hold *h =
		start_reading(ARGV("/bin/sh", "-c", "printf '<%s>' \"$@\"", "name", "", "two words", "ü", "-x"));
	char text[256];

	read_all(hold_stream(h, 1), text, sizeof text);
	CHECK_STRING(text, "<><two words><ü><-x>");
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
}

TEST("the program may have another name than its first argument") {
	struct hold_options options = { .program = ACTOR("show-state") };
	struct seen seen;

	observe_as("-another name", &options, &seen);
	CHECK(has_line(&seen, "arg 0 -another name"));
}

TEST("without an environment the process has the caller's") {
	struct hold_options options = { .size = 0 };
	struct seen seen;

	setenv("PIDHOLD_TEST", "some value", 1);
	observe(&options, &seen);
	CHECK(has_line(&seen, "env PIDHOLD_TEST=some value"));
	unsetenv("PIDHOLD_TEST");
}

TEST("an environment that is given is all that the process has") {
	const char *const env[] = { "ONE=1", "TWO=", "ASAN_OPTIONS=detect_leaks=0", NULL };
	struct hold_options options = { .env = env };
	struct seen seen;

	setenv("PIDHOLD_TEST", "some value", 1);
	observe(&options, &seen);
	CHECK(has_line(&seen, "env ONE=1"));
	CHECK(has_line(&seen, "env TWO="));
	CHECK(!strstr(seen.text, "PIDHOLD_TEST"));
	CHECK(!strstr(seen.text, "env PATH="));
	unsetenv("PIDHOLD_TEST");
}

TEST("the working directory is the caller's, or the one that is given") {
	struct hold_options options = { .size = 0 };
	char here[PATH_MAX];
	struct seen seen;

	CHECK(getcwd(here, sizeof here));
	observe(&options, &seen);
	CHECK_STRING(value_of(&seen, "cwd"), here);
	options.directory = "/";
	observe(&options, &seen);
	CHECK_STRING(value_of(&seen, "cwd"), "/");
	CHECK(getcwd(here, sizeof here));
	CHECK(strcmp(here, "/") != 0);
}

/* A directory with directories in it, each with a script "tool" that says the directory's name. */
struct tools {
	char base[64];
};

static void make_tool(const struct tools *tools, const char *directory, mode_t mode) {
	char path[128];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", tools->base, directory);
	CHECK(mkdir(path, 0755) == 0 || errno == EEXIST);
	snprintf(path, sizeof path, "%s/%s/tool", tools->base, directory);
	file = fopen(path, "w");
	CHECK(file);
	fprintf(file, "#!/bin/sh\necho %s\n", directory);
	fclose(file);
	CHECK_EQ(chmod(path, mode), 0);
}

static void make_tools(struct tools *tools) {
	strcpy(tools->base, "/tmp/pidhold-tools-XXXXXX");
	CHECK(mkdtemp(tools->base));
	make_tool(tools, "one", 0755);
	make_tool(tools, "two", 0755);
	make_tool(tools, "unexecutable", 0644);
}

static void remove_tools(const struct tools *tools) {
	struct hold *h = start(ARGV("/bin/rm", "-r", tools->base));

	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
}

/* PATH's directories are in `format`, whose each %s is the tools' base. */
static const char *path_in(const struct tools *tools, const char *format) {
	static char path[512];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(path, sizeof path, format, tools->base, tools->base, tools->base);
#pragma GCC diagnostic pop
	return path;
}

static void check_tool_says(struct hold_options *options, const char *program, const char *wanted) {
	struct hold *h;
	char text[64];

	options->out.kind = HOLD_STDIO_PIPE;
	h = start_with(ARGV(program), options);
	read_all(hold_stream(h, 1), text, sizeof text);
	CHECK_STRING(text, wanted);
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
}

static int spawn_tool(const char *program, const char *path, const char *directory) {
	struct hold_options options = {
		.size = sizeof options, .argv = ARGV(program), .env = ARGV(path), .directory = directory
	};
	struct hold_error error = { .size = sizeof error };
	struct hold *h;
	int result = hold_spawn(&h, &options, &error);

	CHECK(result < 0);
	CHECK_EQ(error.step, HOLD_AT_PROGRAM);
	CHECK_STRING(error.object, program);
	return result;
}

TEST("a program without a slash is sought in the PATH of the environment that is given") {
	struct tools tools;
	struct hold_options options = { .size = 0 };

	make_tools(&tools);
	options.env = ARGV("OTHER=1", path_in(&tools, "PATH=/nowhere:%s/two:%s/one"));
	check_tool_says(&options, "tool", "two\n");
	remove_tools(&tools);
}

TEST("without an environment it is sought in the caller's PATH") {
	struct hold_options options = { .size = 0 };
	char *before = strdup(getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
	struct tools tools;

	make_tools(&tools);
	setenv("PATH", path_in(&tools, "/nowhere:%s/one:%s/two"), 1);
	check_tool_says(&options, "tool", "one\n");
	setenv("PATH", before, 1);
	free(before);
	remove_tools(&tools);
}

TEST("with an environment that has no PATH it is sought in the usual directories") {
	struct hold_options options = { .env = ARGV("A=B") };

	check_tool_says(&options, "true", "");
}

TEST("a file that may not be executed is passed over for one that may, and else -EACCES") {
	struct hold_options options = { .size = 0 };
	struct tools tools;

	make_tools(&tools);
	options.env = ARGV(path_in(&tools, "PATH=%s/unexecutable:%s/one"));
	check_tool_says(&options, "tool", "one\n");
	CHECK_EQ(spawn_tool("tool", path_in(&tools, "PATH=%s/unexecutable:/nowhere"), NULL), -EACCES);
	CHECK_EQ(spawn_tool("tool", path_in(&tools, "PATH=/nowhere:%s/unexecutable"), NULL), -EACCES);
	CHECK_EQ(spawn_tool("tool", path_in(&tools, "PATH=/nowhere:%s"), NULL), -ENOENT);
	CHECK_EQ(spawn_tool("one", path_in(&tools, "PATH=%s"), NULL), -EACCES); /* a directory of that name */
	CHECK_EQ(spawn_tool("tool", path_in(&tools, "PATH=%s/one/tool"), NULL), -ENOENT);
	remove_tools(&tools);
}

TEST("a directory of PATH that is relative lies in the process's directory, as does a program with a slash") {
	struct hold_options options = { .size = 0 };
	struct tools tools;

	make_tools(&tools);
	options.directory = tools.base;
	options.env = ARGV("PATH=nowhere:two:one");
	check_tool_says(&options, "tool", "two\n");
	check_tool_says(&options, "one/tool", "one\n");
	check_tool_says(&options, "./two/tool", "two\n");
	CHECK_EQ(spawn_tool("tool", "PATH=one", "/"), -ENOENT);
	CHECK_EQ(spawn_tool("tool", "PATH=one", NULL), -ENOENT);
	options.directory = path_in(&tools, "%s/one");
	options.env = ARGV("PATH="); /* an empty directory is the current one */
	check_tool_says(&options, "tool", "one\n");
	options.env = ARGV("PATH=/nowhere::/neither");
	check_tool_says(&options, "tool", "one\n");
	remove_tools(&tools);
}

/* ---- streams ---- */

static void check_stream_is_null(struct hold_stdio *stream, struct hold_options *options, const char *key) {
	struct seen seen;

	*stream = (struct hold_stdio){ .kind = HOLD_STDIO_NULL };
	observe(options, &seen);
	CHECK_STRING(value_of(&seen, key), "/dev/null");
	*stream = (struct hold_stdio){ .kind = HOLD_STDIO_DEFAULT };
}

TEST("each stream may be /dev/null") {
	struct hold_options options = { .in = { .kind = HOLD_STDIO_NULL } };

	check_stream_is_null(&options.in, &options, "fd 0");
	check_stream_is_null(&options.out, &options, "fd 1");
	check_stream_is_null(&options.err, &options, "fd 2");
}

static void check_inherited(void) {
	struct hold_options options = { .size = 0 };
	struct seen seen;

	make_file("in", 0);
	make_file("out", 1);
	make_file("err", 2);
	observe(&options, &seen);
	check_file(&seen, 0, "in");
	check_file(&seen, 1, "out");
	check_file(&seen, 2, "err");
	options.in.kind = options.out.kind = options.err.kind = HOLD_STDIO_INHERIT;
	CHECK_EQ(fcntl(1, F_SETFD, FD_CLOEXEC), 0);
	observe(&options, &seen);
	check_file(&seen, 0, "in");
	check_file(&seen, 1, "out"); /* though it was close-on-exec here */
	check_file(&seen, 2, "err");
	CHECK_EQ(fcntl(1, F_GETFD), FD_CLOEXEC);
}

TEST("each stream is the caller's unless another is asked for") {
	in_child(check_inherited);
}

TEST("each stream may be a pipe, the three at once, and ours are close-on-exec, blocking and above 2") {
	struct hold_options options = { .in = { .kind = HOLD_STDIO_PIPE },
					.out = { .kind = HOLD_STDIO_PIPE },
					.err = { .kind = HOLD_STDIO_PIPE } };
	const char *script = "read line; echo \"out $line\"; echo \"err $line\" >&2; read line || exit 3";
	struct hold *h = start_with(SHELL(script), &options);
	char text[64];

	for (int i = 0; i < 3; i++) {
		CHECK(hold_stream(h, i) > 2);
		CHECK_EQ(fcntl(hold_stream(h, i), F_GETFD), FD_CLOEXEC);
		CHECK_EQ(fcntl(hold_stream(h, i), F_GETFL) & O_NONBLOCK, 0);
	}
	CHECK_EQ(hold_stream(h, HOLD_TERMINAL), -EBADF);
	CHECK_EQ(hold_stream(h, 4), -EINVAL);
	CHECK_EQ(hold_stream(h, -1), -EINVAL);
	CHECK_EQ(write(hold_stream(h, 0), "word\n", 5), 5);
	CHECK_EQ(close(hold_stream_take(h, 0)), 0);
	CHECK_EQ(hold_stream(h, 0), -EBADF);
	CHECK_EQ(hold_stream_take(h, 0), -EBADF);
	read_all(hold_stream(h, 1), text, sizeof text);
	CHECK_STRING(text, "out word\n");
	read_all(hold_stream(h, 2), text, sizeof text);
	CHECK_STRING(text, "err word\n");
	check_status(h, HOLD_HOW_EXITED, 3);
	hold_release(h);
}

TEST("a stream that was taken outlives the hold") {
	struct hold *h = start_reading(SHELL("echo here"));
	int fd = hold_stream_take(h, 1);
	char text[16];

	CHECK(fd > 2);
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
	read_all(fd, text, sizeof text);
	CHECK_STRING(text, "here\n");
	close(fd);
}

TEST("each stream may be any descriptor, which stays open here") {
	int one = make_file("one", -1), two = make_file("two", -1);
	struct hold_options options = { .in = { HOLD_STDIO_FD, one, NULL },
					.out = { HOLD_STDIO_FD, two, NULL },
					.err = { HOLD_STDIO_FD, one, NULL } };
	struct seen seen;

	CHECK_EQ(fcntl(two, F_SETFD, FD_CLOEXEC), 0);
	observe(&options, &seen);
	check_file(&seen, 0, "one");
	check_file(&seen, 1, "two");
	check_file(&seen, 2, "one");
	check_descriptors(&seen, "0 1 2 ");
	CHECK_EQ(close(one), 0);
	CHECK_EQ(close(two), 0);
}

static void swap_streams(void) {
	struct hold_options options = { .in = { HOLD_STDIO_FD, 2, NULL },
					.out = { HOLD_STDIO_FD, 0, NULL },
					.err = { HOLD_STDIO_FD, 1, NULL } };
	struct seen seen;

	make_file("zero", 0);
	make_file("one", 1);
	make_file("two", 2);
	observe(&options, &seen);
	check_file(&seen, 0, "two");
	check_file(&seen, 1, "zero");
	check_file(&seen, 2, "one");
}

TEST("the three streams may change places") {
	in_child(swap_streams);
}

static void check_text(const char *path, const char *wanted) {
	int fd = open(path, O_RDONLY);
	char text[128];

	CHECK(fd >= 0);
	read_all(fd, text, sizeof text);
	close(fd);
	CHECK_STRING(text, wanted);
}

static void run(const char *script, struct hold_options *options) {
	struct hold *h = start_with(SHELL(script), options);

	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
}

TEST("HOLD_STDIO_FILE empties or creates, HOLD_STDIO_APPEND adds, and standard input is read from a file") {
	char path[] = "/tmp/pidhold-stream-XXXXXX", other[64];
	int fd = mkstemp(path);
	struct hold_options options = { .out = { HOLD_STDIO_FILE, 0, path } };
	struct stat file;
	mode_t mask = umask(027);

	CHECK(fd >= 0);
	close(fd);
	run("echo long text", &options);
	check_text(path, "long text\n");
	run("echo short", &options);
	check_text(path, "short\n");
	options.out.kind = HOLD_STDIO_APPEND;
	options.err = (struct hold_stdio){ HOLD_STDIO_APPEND, 0, path };
	run("echo more; echo most >&2; echo end", &options);
	check_text(path, "short\nmore\nmost\nend\n");
	snprintf(other, sizeof other, "%s-copy", path);
	options = (struct hold_options){ .in = { HOLD_STDIO_FILE, 0, path }, .out = { HOLD_STDIO_APPEND, 0, other } };
	run("cat", &options);
	check_text(other, "short\nmore\nmost\nend\n");
	CHECK_EQ(stat(other, &file), 0);
	CHECK_EQ(file.st_mode & 0777, 0640); /* 0666 less umask */
	umask(mask);
	CHECK_EQ(unlink(path), 0);
	CHECK_EQ(unlink(other), 0);
}

TEST("HOLD_STDIO_LIKE_STDOUT is where standard output goes, whatever that is") {
	struct hold_options options = { .out = { .kind = HOLD_STDIO_PIPE }, .err = { .kind = HOLD_STDIO_LIKE_STDOUT } };
	int fd = make_file("chosen", -1);
	char text[64];
	struct seen seen;
	struct hold *h = start_with(SHELL("echo one; echo two >&2; echo three"), &options);

	read_all(hold_stream(h, 1), text, sizeof text);
	CHECK_STRING(text, "one\ntwo\nthree\n");
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
	options.out = (struct hold_stdio){ .kind = HOLD_STDIO_NULL };
	observe(&options, &seen);
	CHECK_STRING(value_of(&seen, "fd 2"), "/dev/null");
	options.out = (struct hold_stdio){ .kind = HOLD_STDIO_FD, .fd = fd };
	observe(&options, &seen);
	check_file(&seen, 2, "chosen");
	close(fd);
}

static void err_to_inherited_out(void) {
	struct hold_options options = { .err = { .kind = HOLD_STDIO_LIKE_STDOUT } };
	struct seen seen;

	make_file("out", 1);
	make_file("err", 2);
	observe(&options, &seen);
	check_file(&seen, 2, "out");
	close(1);
	observe(&options, &seen);
	CHECK(!find(&seen, "fd 1"));
	CHECK(!find(&seen, "fd 2"));
}

TEST("HOLD_STDIO_LIKE_STDOUT follows an inherited standard output, also a closed one") {
	in_child(err_to_inherited_out);
}

/* ---- further descriptors ---- */

#define NULL_STREAMS \
	.in = { HOLD_STDIO_NULL, 0, NULL }, .out = { HOLD_STDIO_NULL, 0, NULL }, .err = { HOLD_STDIO_NULL, 0, NULL }

/* In a child of the test's: what its own starter left open would be counted too. */
static void close_inherited(void) {
	for (int fd = 3; fd < 1024; fd++)
		close(fd);
}

static void pass_nothing(void) {
	struct hold_options options = { NULL_STREAMS };
	struct seen seen;

	close_inherited();
	make_file("low", -1);
	make_file("high", 300);
	observe(&options, &seen);
	check_descriptors(&seen, "0 1 2 ");
}

TEST("nothing passes that was not named, not even what is not close-on-exec") {
	in_child(pass_nothing);
}

static void pass_with_gaps(void) {
	const struct hold_pass passes[] = { { 40, 9 }, { 41, 5 }, { 40, 70 } };
	struct hold_options options = { .pass = passes, .pass_count = 3, NULL_STREAMS };
	struct seen seen;

	close_inherited();
	make_file("one", 40);
	make_file("two", 41);
	CHECK_EQ(fcntl(41, F_SETFD, FD_CLOEXEC), 0);
	observe(&options, &seen);
	check_descriptors(&seen, "0 1 2 5 9 70 ");
	check_file(&seen, 9, "one");
	check_file(&seen, 5, "two");
	check_file(&seen, 70, "one");
	CHECK_EQ(fcntl(41, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(fcntl(40, F_GETFD), 0);
}

TEST("descriptors pass at the numbers that are given, with gaps, close-on-exec or not") {
	in_child(pass_with_gaps);
}

static void pass_in_each_others_places(void) {
	static const char *const names[] = { "five", "six", "seven", "eight", "nine", "ten" };
	const struct hold_pass passes[] = { { 6, 5 }, { 5, 6 }, { 7, 7 }, { 8, 9 }, { 9, 10 }, { 10, 8 }, { 8, 3 } };
	struct hold_options options = { .pass = passes,
					.pass_count = 7,
					.in = { HOLD_STDIO_FD, 9, NULL },
					.out = { HOLD_STDIO_FD, 5, NULL },
					.err = { HOLD_STDIO_NULL, 0, NULL } };
	struct seen seen;

	close_inherited();
	for (int i = 0; i < 6; i++)
		make_file(names[i], 5 + i);
	observe(&options, &seen);
	check_descriptors(&seen, "0 1 2 3 5 6 7 8 9 10 ");
	check_file(&seen, 5, "six");
	check_file(&seen, 6, "five");
	check_file(&seen, 7, "seven");
	check_file(&seen, 9, "eight");
	check_file(&seen, 10, "nine");
	check_file(&seen, 8, "ten");
	check_file(&seen, 3, "eight");
	check_file(&seen, 0, "nine");
	check_file(&seen, 1, "five");
	for (int i = 5; i <= 10; i++)
		CHECK_EQ(fcntl(i, F_GETFD), 0);
}

TEST("descriptors may change places, stay where they are, and be wanted where others lie") {
	in_child(pass_in_each_others_places);
}

static void pass_standard_streams(void) {
	const struct hold_pass passes[] = { { 0, 3 }, { 1, 4 }, { 2, 5 } };
	struct hold_options options = { .pass = passes, .pass_count = 3, NULL_STREAMS };
	struct seen seen;

	make_file("in", 0);
	make_file("out", 1);
	make_file("err", 2);
	observe(&options, &seen);
	check_file(&seen, 3, "in");
	check_file(&seen, 4, "out");
	check_file(&seen, 5, "err");
}

TEST("the caller's 0, 1 and 2 may pass under other numbers") {
	in_child(pass_standard_streams);
}

static void pass_all(void) {
	const struct hold_pass passes[] = { { 52, 60 } };
	struct hold_options options = { .flags = HOLD_PASS_ALL,
					.pass = passes,
					.pass_count = 1,
					.in = { HOLD_STDIO_PIPE, 0, NULL },
					.err = { HOLD_STDIO_NULL, 0, NULL } };
	struct seen seen;

	close_inherited();
	make_file("passing", 50);
	make_file("staying", 51);
	make_file("named", 52);
	CHECK_EQ(fcntl(51, F_SETFD, FD_CLOEXEC), 0);
	CHECK_EQ(fcntl(52, F_SETFD, FD_CLOEXEC), 0);
	observe(&options, &seen);
	check_descriptors(&seen, "0 1 2 50 60 ");
	check_file(&seen, 50, "passing");
	check_file(&seen, 60, "named");
}

TEST("with HOLD_PASS_ALL everything passes that is not close-on-exec, and none of the library's own") {
	in_child(pass_all);
}

static void pass_at_the_limit(void) {
	const struct rlimit limit = { .rlim_cur = 64, .rlim_max = 64 };
	struct hold_pass pass = { .as = 63 };
	struct hold_options options = { .pass = &pass, .pass_count = 1, NULL_STREAMS };
	struct seen seen;

	close_inherited();
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	pass.fd = make_file("file", 20);
	observe(&options, &seen);
	check_descriptors(&seen, "0 1 2 63 ");
	check_file(&seen, 63, "file");
}

TEST("a descriptor may pass under the highest number that the limit allows") {
	in_child(pass_at_the_limit);
}

static void start_with_closed(int closed) {
	struct hold_options options = { .in = { HOLD_STDIO_PIPE, 0, NULL }, .out = { HOLD_STDIO_PIPE, 0, NULL } };
	struct hold_options inherit = { .size = 0 }, on_terminal = { .size = 0 };
	const struct hold_terminal terminal = { .size = sizeof terminal };
	int saved[3];
	char text[8] = "", wanted[16] = "";
	struct hold *h;
	struct seen seen;

	for (int fd = 0; fd < 3; fd++) {
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 20);
		if (closed & 1 << fd)
			close(fd);
		else
			snprintf(wanted + strlen(wanted), sizeof wanted - strlen(wanted), "%d ", fd);
	}
	h = start_with(ARGV("/bin/cat"), &options);
	CHECK(hold_fd(h) > 2 || hold_fd(h) == -ENOSYS);
	CHECK(hold_stream(h, 0) > 2);
	CHECK(hold_stream(h, 1) > 2);
	CHECK_EQ(write(hold_stream(h, 0), "word", 4), 4);
	close(hold_stream_take(h, 0));
	CHECK_EQ(read_all(hold_stream(h, 1), text, sizeof text), 4);
	CHECK_STRING(text, "word");
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
	observe(&inherit, &seen);
	check_descriptors(&seen, wanted);
	on_terminal.terminal = &terminal;
	observe(&on_terminal, &seen);
	check_descriptors(&seen, "0 1 2 ");
	CHECK(find(&seen, "tty 0") && find(&seen, "tty 1") && find(&seen, "tty 2"));
	for (int fd = 0; fd < 3; fd++) {
		CHECK_EQ(dup2(saved[fd], fd), fd);
		close(saved[fd]);
	}
}

TEST("a program may have any of 0, 1 and 2 closed") {
	for (int fd = 0; fd < 3; fd++) /* so that they can be put back */
		CHECK(fcntl(fd, F_GETFD) >= 0);
	for (int closed = 0; closed < 8; closed++)
		start_with_closed(closed);
}

TEST("a descriptor that was closed is not mistaken for one that the library opened meanwhile") {
	struct hold_options options = { .size = sizeof options,
					.argv = SHELL("exit 0"),
					.out = { .kind = HOLD_STDIO_PIPE } };
	struct hold_error error = { .size = sizeof error };
	struct hold_pass pass = { .as = 30 };
	struct hold *h;
	int fd = dup(2);

	close(fd); /* the number that is opened next */
	pass.fd = fd;
	options.pass = &pass;
	options.pass_count = 1;
	CHECK_EQ(hold_spawn(&h, &options, &error), -EBADF);
	CHECK_EQ(error.step, HOLD_AT_DESCRIPTOR);
	options.pass_count = 0;
	options.err = (struct hold_stdio){ .kind = HOLD_STDIO_FD, .fd = fd };
	CHECK_EQ(hold_spawn(&h, &options, &error), -EBADF);
	CHECK_EQ(error.step, HOLD_AT_STDERR);
}

/* ---- sessions, signals, niceness, umask ---- */

TEST("without flags the process stays in the caller's session and group") {
	struct hold_options options = { .contain = HOLD_CONTAIN_NONE };
	struct seen seen;

	observe(&options, &seen);
	CHECK_EQ(number_of(&seen, "sid"), getsid(0));
	CHECK_EQ(number_of(&seen, "pgid"), getpgid(0));
	CHECK_EQ(number_of(&seen, "ppid"), getpid());
}

TEST("HOLD_NEW_GROUP gives it a group of its own in the caller's session") {
	struct hold_options options = { .flags = HOLD_NEW_GROUP };
	struct seen seen;

	observe(&options, &seen);
	CHECK_EQ(number_of(&seen, "sid"), getsid(0));
	CHECK_EQ(number_of(&seen, "pgid"), number_of(&seen, "pid"));
}

TEST("HOLD_NEW_SESSION makes it lead a session and a group without a controlling terminal") {
	struct hold_options options = { .flags = HOLD_NEW_SESSION };
	struct seen seen;

	observe(&options, &seen);
	CHECK_EQ(number_of(&seen, "sid"), number_of(&seen, "pid"));
	CHECK_EQ(number_of(&seen, "pgid"), number_of(&seen, "pid"));
	CHECK_STRING(value_of(&seen, "dev-tty"), "No such device or address");
	options.flags |= HOLD_NEW_GROUP;
	observe(&options, &seen);
	CHECK_EQ(number_of(&seen, "pgid"), number_of(&seen, "pid"));
}

static void noop(int signal) {
	(void)signal;
}

/* Ignores and blocks what a program may well ignore and block, and catches one. */
static void disturb_signals(void) {
	sigset_t set;

	for (int number = 1; number <= SIGRTMAX; number++)
		signal(number, SIG_DFL);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGRTMAX, SIG_IGN);
	signal(SIGUSR1, noop);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGRTMAX);
	CHECK_EQ(sigprocmask(SIG_BLOCK, &set, NULL), 0);
}

/* What the sanitizers' or a debugger's own start may have changed is left out: only what we disturbed counts. */
#define DISTURBED \
	(HOLD_SIGNAL_BIT(SIGCHLD) | HOLD_SIGNAL_BIT(SIGPIPE) | HOLD_SIGNAL_BIT(SIGINT) | HOLD_SIGNAL_BIT(SIGRTMAX) | \
	 HOLD_SIGNAL_BIT(SIGUSR1) | HOLD_SIGNAL_BIT(SIGTERM))

static void start_with_defaults(void) {
	struct hold_options options = { .size = 0 };
	struct seen seen;

	disturb_signals();
	observe(&options, &seen);
	CHECK_EQ(set_of(&seen, "SigBlk"), 0);
	CHECK_EQ(set_of(&seen, "SigIgn"), 0);
	CHECK_EQ(set_of(&seen, "SigCgt") & DISTURBED, 0);
}

TEST("a process starts with no signal ignored or blocked, whatever its starter does") {
	in_child(start_with_defaults);
}

static void keep_some_ignored(void) {
	struct hold_options options = { .keep_ignored = HOLD_SIGNAL_BIT(SIGINT) | HOLD_SIGNAL_BIT(SIGRTMAX) |
							HOLD_SIGNAL_BIT(SIGUSR1) | HOLD_SIGNAL_BIT(SIGHUP) };
	struct seen seen;

	disturb_signals();
	observe(&options, &seen);
	CHECK_EQ(set_of(&seen, "SigIgn"), HOLD_SIGNAL_BIT(SIGINT) | HOLD_SIGNAL_BIT(SIGRTMAX));
	CHECK_EQ(set_of(&seen, "SigBlk"), 0);
	options.keep_ignored = UINT64_MAX;
	observe(&options, &seen);
	CHECK_EQ(set_of(&seen, "SigIgn"), HOLD_SIGNAL_BIT(SIGINT) | HOLD_SIGNAL_BIT(SIGRTMAX) |
						  HOLD_SIGNAL_BIT(SIGCHLD) | HOLD_SIGNAL_BIT(SIGPIPE));
}

TEST("keep_ignored leaves those ignored that are, and makes nothing ignored that is not") {
	in_child(keep_some_ignored);
}

static void block_some(void) {
	struct hold_options options = { .blocked = HOLD_SIGNAL_BIT(SIGUSR2) | HOLD_SIGNAL_BIT(SIGRTMIN) };
	struct seen seen;

	disturb_signals();
	observe(&options, &seen);
	CHECK_EQ(set_of(&seen, "SigBlk"), HOLD_SIGNAL_BIT(SIGUSR2) | HOLD_SIGNAL_BIT(SIGRTMIN));
	options.flags = HOLD_KEEP_MASK;
	observe(&options, &seen);
	CHECK_EQ(set_of(&seen, "SigBlk"), HOLD_SIGNAL_BIT(SIGUSR2) | HOLD_SIGNAL_BIT(SIGRTMIN) |
						  HOLD_SIGNAL_BIT(SIGTERM) | HOLD_SIGNAL_BIT(SIGRTMAX));
	options.blocked = 0;
	observe(&options, &seen);
	CHECK_EQ(set_of(&seen, "SigBlk"), HOLD_SIGNAL_BIT(SIGTERM) | HOLD_SIGNAL_BIT(SIGRTMAX));
}

TEST("blocked signals are those of the options, with HOLD_KEEP_MASK the caller's as well") {
	in_child(block_some);
}

static int niceness_taken(int32_t increment, struct seen *seen) {
	struct hold_options options = { .nice = increment };
	struct hold *h = start_with(SHELL("exit 0"), &options);
	struct hold_start_info info = { .size = sizeof info };
	int niceness;

	CHECK_EQ(hold_start_info(h, &info), 0);
	niceness = info.niceness;
	check_status(h, HOLD_HOW_EXITED, 0);
	info.niceness = 77;
	CHECK_EQ(hold_start_info(h, &info), 0);
	CHECK_EQ(info.niceness, niceness);
	CHECK_EQ(info.containment, hold_containment(h));
	hold_release(h);
	observe(&options, seen);
	CHECK_EQ(number_of(seen, "nice"), niceness);
	return niceness;
}

TEST("the niceness is added to, clamped at the ends, and reported as the system took it") {
	int before = getpriority(PRIO_PROCESS, 0);
	struct seen seen;

	if (before > 16)
		SKIP("the niceness is too high already to be raised by three");
	CHECK_EQ(niceness_taken(0, &seen), before);
	CHECK_EQ(niceness_taken(3, &seen), before + 3);
	CHECK_EQ(niceness_taken(100, &seen), 19);
	CHECK_EQ(niceness_taken(INT32_MAX, &seen), 19);
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), before);
}

TEST("a niceness below -20 is clamped where lowering is allowed") {
	int before = getpriority(PRIO_PROCESS, 0);
	struct seen seen;

	if (setpriority(PRIO_PROCESS, 0, -20) < 0)
		SKIP("lowering the niceness is not allowed to this user");
	CHECK_EQ(setpriority(PRIO_PROCESS, 0, before), 0);
	CHECK_EQ(niceness_taken(-100, &seen), -20);
	CHECK_EQ(niceness_taken(INT32_MIN, &seen), -20);
	if (before == 0)
		CHECK_EQ(niceness_taken(-1, &seen), -1);
}

TEST("the umask is the caller's, or the one that is given") {
	struct hold_options options = { .umask = 0777 }; /* without its flag it does not count */
	mode_t before = umask(031);
	struct seen seen;

	observe(&options, &seen);
	CHECK_STRING(value_of(&seen, "umask"), "031");
	options.flags = HOLD_SET_UMASK;
	options.umask = 027;
	observe(&options, &seen);
	CHECK_STRING(value_of(&seen, "umask"), "027");
	options.umask = 0;
	observe(&options, &seen);
	CHECK_STRING(value_of(&seen, "umask"), "000");
	CHECK_EQ(umask(before), 031);
}

/* ---- the parent-death signal ---- */

struct starter {
	struct hold *h;
	int started[2], may_end[2];
};

static void *start_and_end(void *argument) {
	struct starter *starter = argument;
	struct hold_options options = { .parent_death_signal = SIGUSR1, .out = { .kind = HOLD_STDIO_PIPE } };
	char byte;

	starter->h = start_with(ARGV(ACTOR("tell-signals")), &options);
	await(hold_stream(starter->h, 1), "ready\n");
	CHECK_EQ(write(starter->started[1], "", 1), 1);
	CHECK_EQ(read(starter->may_end[0], &byte, 1), 1);
	return NULL;
}

TEST("the parent-death signal comes when the thread that started the process ends") {
	struct starter starter;
	pthread_t thread;
	char text[64];

	CHECK_EQ(pipe2(starter.started, O_CLOEXEC), 0);
	CHECK_EQ(pipe2(starter.may_end, O_CLOEXEC), 0);
	CHECK_EQ(pthread_create(&thread, NULL, start_and_end, &starter), 0);
	CHECK_EQ(read(starter.started[0], text, 1), 1);
	CHECK_EQ(poll(&(struct pollfd){ .fd = hold_stream(starter.h, 1), .events = POLLIN }, 1, 100), 0);
	CHECK_EQ(write(starter.may_end[1], "", 1), 1);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	snprintf(text, sizeof text, "%d\n", SIGUSR1);
	await(hold_stream(starter.h, 1), text);
	CHECK_EQ(hold_signal(starter.h, SIGTERM), 0);
	check_status(starter.h, HOLD_HOW_EXITED, 0);
	hold_release(starter.h);
	for (int i = 0; i < 2; i++) {
		close(starter.started[i]);
		close(starter.may_end[i]);
	}
}

TEST("the parent-death signal comes when the host is killed") {
	int ends[2], host;
	char text[16];

	CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
	host = fork();
	if (host == 0) {
		struct hold_options options = { .parent_death_signal = SIGKILL,
						.out = { HOLD_STDIO_FD, ends[1], NULL } };

		start_with(ARGV(ACTOR("ignore"), "1", "15"), &options);
		close(ends[1]);
		for (;;)
			pause();
	}
	CHECK(host > 0);
	close(ends[1]);
	await(ends[0], "ready\n");
	end_sleeper(host);
	CHECK_EQ(read_all(ends[0], text, sizeof text), 0); /* its end comes once the process is dead */
	close(ends[0]);
}

/* ---- release ---- */

static int start_stubborn(int32_t on_release, const struct hold_rung *ladder, size_t count, struct hold **ret) {
	struct hold_options options = {
		.on_release = on_release, .ladder = ladder, .ladder_count = count, .out = { .kind = HOLD_STDIO_PIPE }
	};

	*ret = start_with(ARGV(ACTOR("ignore"), "1", "15"), &options);
	await(hold_stream(*ret, 1), "ready\n");
	return (int)hold_pid(*ret);
}

TEST("released with HOLD_ON_RELEASE_STOP a process ends by its ladder and is reaped") {
	static const struct hold_rung ladder[] = { { SIGTERM, 0, 20 }, { SIGKILL, 0, 0 } };
	struct hold *h;
	int pid = start_stubborn(HOLD_ON_RELEASE_STOP, ladder, 2, &h);

	CHECK(!hold_release(h));
	CHECK_EQ(waitpid(pid, NULL, 0), -1);
	CHECK_EQ(errno, ECHILD);
}

TEST("released with HOLD_ON_RELEASE_KILL it is killed and reaped") {
	struct hold *h;
	int pid = start_stubborn(HOLD_ON_RELEASE_KILL, NULL, 0, &h);

	CHECK(!hold_release(h));
	CHECK_EQ(waitpid(pid, NULL, 0), -1);
	CHECK_EQ(errno, ECHILD);
}

TEST("released with HOLD_ON_RELEASE_LEAVE it lives on as the caller's child") {
	struct hold *h;
	int pid = start_stubborn(HOLD_ON_RELEASE_LEAVE, NULL, 0, &h);

	CHECK(!hold_release(h));
	CHECK(is_alive(pid));
	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	end_sleeper(pid);
}

TEST("a process that has ended is reaped by release, without having been waited for") {
	static const int32_t ways[] = { HOLD_ON_RELEASE_STOP, HOLD_ON_RELEASE_KILL, HOLD_ON_RELEASE_LEAVE };

	for (int i = 0; i < 3; i++) {
		struct hold_options options = { .on_release = ways[i], .contain = HOLD_CONTAIN_NONE };
		struct hold *h = start_with(SHELL("exit 3"), &options);
		siginfo_t info;
		int pid = (int)hold_pid(h);

		CHECK_EQ(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
		hold_release(h);
		CHECK_EQ(waitpid(pid, NULL, 0), -1);
	}
	CHECK(!hold_release(NULL));
}

/* ---- structures of other versions ---- */

TEST("options from the past are taken as if zeros followed") {
	struct hold_options options = { .size = offsetof(struct hold_options, flags),
					.argv = SHELL("exit 4"),
					.flags = UINT64_MAX,
					.nice = 77,
					.on_release = 77 };
	struct hold *h;

	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	check_status(h, HOLD_HOW_EXITED, 4);
	hold_release(h);
}

TEST("options from the future are taken if what is unknown is zero, else -E2BIG") {
	struct {
		struct hold_options options;
		char tail[32];
	} future = { .options = { .size = sizeof future, .argv = SHELL("exit 4") } };
	struct hold_error error = { .size = sizeof error };
	struct hold *h = NULL;

	CHECK_EQ(hold_spawn(&h, &future.options, NULL), 0);
	check_status(h, HOLD_HOW_EXITED, 4);
	hold_release(h);
	for (size_t i = 0; i < sizeof future.tail; i += 31) {
		future.tail[i] = 1;
		h = NULL;
		CHECK_EQ(hold_spawn(&h, &future.options, &error), -E2BIG);
		CHECK(!h);
		CHECK_EQ(error.step, HOLD_AT_OPTION);
		CHECK_STRING(error.object, "size");
		future.tail[i] = 0;
	}
}

TEST("the same goes for a terminal's structure") {
	struct {
		struct hold_terminal terminal;
		char tail[8];
	} future = { .terminal = { .size = sizeof future } };
	struct hold_terminal past = { .size = sizeof(size_t) + sizeof(struct hold_winsize),
				      .modes = (void *)(uintptr_t)1 }; /* beyond its size */
	struct hold_options options = { .terminal = &future.terminal };
	struct hold_error error = { .size = sizeof error };
	struct hold *h = start_with(SHELL("exit 4"), &options);

	check_status(h, HOLD_HOW_EXITED, 4);
	hold_release(h);
	options.terminal = &past;
	h = start_with(SHELL("exit 4"), &options);
	check_status(h, HOLD_HOW_EXITED, 4);
	hold_release(h);
	options.terminal = &future.terminal;
	future.tail[7] = 1;
	CHECK_EQ(hold_spawn(&h, &options, &error), -E2BIG);
	CHECK_STRING(error.object, "terminal");
	past.size = 0;
	options.terminal = &past;
	CHECK_EQ(hold_spawn(&h, &options, &error), -EINVAL);
	CHECK_STRING(error.object, "terminal");
}

TEST("of an error no more is written than its size, and nothing on success") {
	struct hold_options options = { .size = sizeof options, .argv = ARGV("/nope") };
	struct {
		struct hold_error error;
		char tail[8];
	} future = { .error = { .size = sizeof future, .code = 77 } };
	struct hold_error past;
	struct hold *h;

	memset(&past, 'x', sizeof past);
	past.size = offsetof(struct hold_error, step);
	CHECK_EQ(hold_spawn(&h, &options, &past), -ENOENT);
	CHECK_EQ(past.size, offsetof(struct hold_error, step));
	CHECK_EQ(past.code, -ENOENT);
	CHECK_EQ(past.object[0], 'x');
	CHECK_EQ(((char *)&past.step)[0], 'x');
	options.argv = SHELL("exit 0");
	CHECK_EQ(hold_spawn(&h, &options, &future.error), 0);
	CHECK_EQ(future.error.code, 77);
	wait_for(h);
	hold_release(h);
	past.size = 0;
	CHECK_EQ(hold_spawn(&h, &options, &past), -EINVAL);
}

/* ---- the good guest ---- */

TEST("a start leaves errno alone, whether it works or not") {
	struct hold_options options = { .size = sizeof options,
					.argv = SHELL("exit 0"),
					.out = { .kind = HOLD_STDIO_PIPE } };
	struct hold *h;

	errno = 77;
	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	CHECK_EQ(errno, 77);
	wait_for(h);
	CHECK_EQ(errno, 77);
	hold_release(h);
	CHECK_EQ(errno, 77);
	options.directory = "/nope";
	CHECK_EQ(hold_spawn(&h, &options, NULL), -ENOENT);
	options.argv = ARGV("no-such-program-anywhere");
	options.env = ARGV("PATH=/nope:/bin");
	CHECK_EQ(hold_spawn(&h, &options, NULL), -ENOENT);
	CHECK_EQ(errno, 77);
}

TEST("while a process lives no handler and no mask of the host is another") {
	struct check_state before, meanwhile;
	struct hold *h;

	check_observe(&before);
	h = start_reading(ARGV(ACTOR("tell-signals")));
	await(hold_stream(h, 1), "ready\n");
	check_observe(&meanwhile);
	CHECK(!memcmp(before.handlers, meanwhile.handlers, sizeof before.handlers));
	for (int signal = 1; signal <= 64; signal++)
		CHECK_EQ(sigismember(&before.mask, signal), sigismember(&meanwhile.mask, signal));
	CHECK_EQ(hold_signal(h, SIGTERM), 0);
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
}

enum { THREADS = 4, STARTS = 25 };

static void *start_often(void *unused) {
	char script[32], text[32], wanted[32];

	for (int i = 0; i < STARTS; i++) {
		struct hold *h;

		snprintf(script, sizeof script, "echo %d; exit %d", i, i);
		snprintf(wanted, sizeof wanted, "%d\n", i);
		h = start_reading(SHELL(script));
		read_all(hold_stream(h, 1), text, sizeof text);
		CHECK_STRING(text, wanted);
		check_status(h, HOLD_HOW_EXITED, i);
		hold_release(h);
	}
	return unused;
}

/* In a child, since the first of them may reserve numbers, which lasts. */
static void start_in_threads(void) {
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, start_often, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_join(threads[i], NULL), 0);
}

TEST("threads start processes at the same time, and each has its own answer") {
	in_child(start_in_threads);
}

CHECK_MAIN
