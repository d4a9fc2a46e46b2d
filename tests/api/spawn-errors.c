/* SPDX-License-Identifier: ISC */
/*
 * Starts that fail: the code, the step, the object and the sentence of each; and after each the harness finds no
 * descriptor, child or blocked signal more than before.
 */
#include "children.h"

#include <limits.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* Must fail, and yield no hold. Returns the sentence. */
static const char *fail_with(struct hold_options *options, int code, int step, const char *object) {
	static const char *const usual[] = { "/bin/true", NULL };
	struct hold_error error = { .size = sizeof error, .code = 77, .step = 77 };
	struct hold *h = (struct hold *)&error;
	static char text[2 * sizeof error.object];

	options->size = sizeof *options;
	if (!options->argv)
		options->argv = usual;
	CHECK_EQ(hold_spawn(&h, options, &error), code);
	CHECK(h == (struct hold *)&error);
	CHECK_EQ(error.code, code);
	CHECK_EQ(error.step, step);
	CHECK_STRING(error.object, object);
	CHECK_EQ(hold_error_text(&error, text, sizeof text), strlen(text));
	return text;
}

static void fail_at_option(struct hold_options options, const char *object) {
	char wanted[64];

	snprintf(wanted, sizeof wanted, "option %s: Invalid argument", object);
	CHECK_STRING(fail_with(&options, -EINVAL, HOLD_AT_OPTION, object), wanted);
}

#define OPTIONS(...) ((struct hold_options){ __VA_ARGS__ })

/* ---- options ---- */

TEST("an option that makes no sense is named") {
	static const char *const none[] = { NULL };

	fail_at_option(OPTIONS(.argv = none), "argv");
	fail_at_option(OPTIONS(.flags = HOLD_KEEPER_LEADS << 1), "flags"); /* the last that there is */
	fail_at_option(OPTIONS(.flags = UINT64_C(1) << 63), "flags");
	fail_at_option(OPTIONS(.flags = HOLD_SET_UMASK, .umask = 01000), "umask");
	fail_at_option(OPTIONS(.parent_death_signal = -1), "parent_death_signal");
	fail_at_option(OPTIONS(.contain = -1), "contain");
	fail_at_option(OPTIONS(.contain = 1), "contain");
	fail_at_option(OPTIONS(.on_release = 1), "on_release");
	fail_at_option(OPTIONS(.contain = HOLD_CONTAIN_CGROUP + 1), "contain");
	fail_at_option(OPTIONS(.contain = HOLD_CONTAIN_KEEPER, .parent_death_signal = SIGTERM), "contain");
	fail_at_option(OPTIONS(.contain = HOLD_CONTAIN_PIDNS, .on_release = HOLD_ON_RELEASE_LEAVE), "contain");
	fail_at_option(OPTIONS(.on_release = -1), "on_release");
	fail_at_option(OPTIONS(.on_release = HOLD_ON_RELEASE_LEAVE + 1), "on_release");
}

#define LIMITS(...) (&(struct hold_tree_limits){ .size = sizeof(struct hold_tree_limits), __VA_ARGS__ })

TEST("a limit of the tree that makes no sense is named") {
	fail_at_option(OPTIONS(.tree_limits = LIMITS(.tasks = (1 << 22) + 1)), "tree_limits.tasks");
	fail_at_option(OPTIONS(.tree_limits = LIMITS(.cpu_time_us = UINT64_MAX)), "tree_limits.cpu_time_us");
	fail_at_option(OPTIONS(.tree_limits = LIMITS(.milli_cpus = 9)), "tree_limits.milli_cpus");
	fail_at_option(OPTIONS(.tree_limits = LIMITS(.io_weight = 10001)), "tree_limits.io_weight");
	fail_at_option(OPTIONS(.tree_limits = &(struct hold_tree_limits){ .size = 0 }), "tree_limits");
	fail_at_option(OPTIONS(.tree_limits = LIMITS(.tasks = 5), .contain = HOLD_CONTAIN_KEEPER), "tree_limits");
	fail_at_option(OPTIONS(.tree_limits = LIMITS(.tasks = 5), .contain = HOLD_CONTAIN_NONE), "tree_limits");
	fail_at_option(OPTIONS(.tree_limits = LIMITS(.tasks = 5), .parent_death_signal = SIGTERM), "contain");
}

/* What the limits do where they can be set is tested in tests/kernels. */
TEST("a limit of the tree that cannot be set is named, with what it needs") {
	const char *const argv[] = { "/bin/true", NULL };
	const struct hold_options options = { .size = sizeof options,
					      .argv = argv,
					      .tree_limits = LIMITS(.memory = UINT64_C(64) << 20) };
	struct hold_error error = { .size = sizeof error };
	struct hold *h = NULL;

	if (hold_spawn(&h, &options, &error) == 0) {
		CHECK_EQ(hold_containment(h), HOLD_CONTAIN_CGROUP);
		hold_release(h);
		return;
	}
	if (error.step == HOLD_AT_CONTAINMENT) /* there can be no keeper */
		return;
	CHECK_EQ(error.step, HOLD_AT_TREE_LIMIT);
	CHECK_STRING(error.object, "memory");
	CHECK(error.need);
}

TEST("a stream that makes no sense is named, and what of it") {
	fail_at_option(OPTIONS(.in = { HOLD_STDIO_LIKE_STDOUT + 1, 0, NULL }), "in.kind");
	fail_at_option(OPTIONS(.in = { -1, 0, NULL }), "in.kind");
	fail_at_option(OPTIONS(.in = { HOLD_STDIO_LIKE_STDOUT, 0, NULL }), "in.kind");
	fail_at_option(OPTIONS(.in = { HOLD_STDIO_APPEND, 0, "/dev/null" }), "in.kind");
	fail_at_option(OPTIONS(.in = { HOLD_STDIO_FD, -1, NULL }), "in.fd");
	fail_at_option(OPTIONS(.in = { HOLD_STDIO_FILE, 0, NULL }), "in.path");
	fail_at_option(OPTIONS(.out = { HOLD_STDIO_LIKE_STDOUT, 0, NULL }), "out.kind");
	fail_at_option(OPTIONS(.out = { HOLD_STDIO_FD, INT32_MIN, NULL }), "out.fd");
	fail_at_option(OPTIONS(.out = { HOLD_STDIO_APPEND, 0, NULL }), "out.path");
	fail_at_option(OPTIONS(.err = { INT32_MAX, 0, NULL }), "err.kind");
	fail_at_option(OPTIONS(.err = { HOLD_STDIO_FD, -2, NULL }), "err.fd");
	fail_at_option(OPTIONS(.err = { HOLD_STDIO_FILE, 0, NULL }), "err.path");
}

#define COUNT(type, ...) (sizeof((const type[]){ __VA_ARGS__ }) / sizeof(type))
#define PASSES(...) \
	.pass = (const struct hold_pass[]){ __VA_ARGS__ }, .pass_count = COUNT(struct hold_pass, __VA_ARGS__)

TEST("a descriptor to be passed that makes no sense is named") {
	fail_at_option(OPTIONS(.pass_count = 1), "pass");
	fail_at_option(OPTIONS(.pass = (const struct hold_pass[]){ { 0, 3 } }, .pass_count = SIZE_MAX), "pass");
	fail_at_option(OPTIONS(PASSES({ 0, 3 }, { 0, 2 })), "pass[1].as");
	fail_at_option(OPTIONS(PASSES({ 0, 0 })), "pass[0].as");
	fail_at_option(OPTIONS(PASSES({ 0, -5 })), "pass[0].as");
	fail_at_option(OPTIONS(PASSES({ 0, 3 }, { 0, 4 }, { -1, 5 })), "pass[2].fd");
	fail_at_option(OPTIONS(PASSES({ 0, 7 }, { 1, 6 }, { 2, 7 })), "pass[2].as"); /* two as one number */
}

#define LADDER(...) \
	.ladder = (const struct hold_rung[]){ __VA_ARGS__ }, .ladder_count = COUNT(struct hold_rung, __VA_ARGS__)

TEST("a ladder that makes no sense is refused at the start already") {
	static const struct hold_rung long_ladder[HOLD_LADDER_MAX + 1] = { { SIGTERM, 0, 0 } };

	fail_at_option(OPTIONS(.ladder = long_ladder, .ladder_count = 0), "ladder");
	fail_at_option(OPTIONS(.ladder = long_ladder, .ladder_count = HOLD_LADDER_MAX + 1), "ladder");
	fail_at_option(OPTIONS(LADDER({ SIGTERM, 0, -1 })), "ladder");
	fail_at_option(OPTIONS(LADDER({ SIGTERM, 0, 5 }, { 0, 0, 0 })), "ladder");
	fail_at_option(OPTIONS(LADDER({ SIGTERM, 1, 5 })), "ladder");
}

TEST("no options, no place for the hold, and a size of 0 are -EINVAL") {
	struct hold_options options = { .size = sizeof options, .argv = ARGV("/bin/true") };
	struct hold_error error = { .size = sizeof error };
	struct hold *h;

	CHECK_EQ(hold_spawn(NULL, &options, &error), -EINVAL);
	CHECK_EQ(hold_spawn(&h, NULL, &error), -EINVAL);
	options.size = 0;
	CHECK_EQ(hold_spawn(&h, &options, &error), -EINVAL);
	CHECK_EQ(error.step, HOLD_AT_OPTION);
	CHECK_STRING(error.object, "size");
	options.size = sizeof(size_t) - 1;
	CHECK_EQ(hold_spawn(&h, &options, NULL), -EINVAL);
}

/* ---- the program ---- */

/* A new file with this text and mode; its path is static. */
static const char *make_file(const char *text, mode_t mode) {
	static char path[64];
	int fd;

	strcpy(path, "/tmp/pidhold-error-XXXXXX");
	fd = mkstemp(path);
	CHECK(fd >= 0);
	CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
	CHECK_EQ(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

TEST("a program that is not there") {
	struct hold_options options = { .argv = ARGV("/nope/program") };

	CHECK_STRING(fail_with(&options, -ENOENT, HOLD_AT_PROGRAM, "/nope/program"),
		     "program /nope/program: No such file or directory");
	options.argv = ARGV("no-such-program-anywhere");
	options.env = ARGV("PATH=/nope:/bin"); /* the caller's may have directories that may not be searched */
	CHECK_STRING(fail_with(&options, -ENOENT, HOLD_AT_PROGRAM, "no-such-program-anywhere"),
		     "program no-such-program-anywhere: No such file or directory");
	options.argv = ARGV("");
	fail_with(&options, -ENOENT, HOLD_AT_PROGRAM, "");
	options.argv = ARGV("name");
	options.program = "/nope/other";
	fail_with(&options, -ENOENT, HOLD_AT_PROGRAM, "/nope/other");
	options.program = "/bin/sh/program";
	fail_with(&options, -ENOTDIR, HOLD_AT_PROGRAM, "/bin/sh/program");
}

TEST("a program that may not be executed") {
	const char *path = make_file("#!/bin/sh\n", 0644);
	struct hold_options options = { .argv = ARGV(path) };
	char wanted[128];

	snprintf(wanted, sizeof wanted, "program %s: Permission denied", path);
	CHECK_STRING(fail_with(&options, -EACCES, HOLD_AT_PROGRAM, path), wanted);
	CHECK_EQ(unlink(path), 0);
}

TEST("a directory instead of a program") {
	struct hold_options options = { .argv = ARGV("/tmp") };

	CHECK_STRING(fail_with(&options, -EACCES, HOLD_AT_PROGRAM, "/tmp"), "program /tmp: Permission denied");
}

TEST("a file that is no program") {
	const char *path = make_file("neither a script nor a binary\n", 0755);
	struct hold_options options = { .argv = ARGV(path) };
	char wanted[128];

	snprintf(wanted, sizeof wanted, "program %s: Exec format error", path);
	CHECK_STRING(fail_with(&options, -ENOEXEC, HOLD_AT_PROGRAM, path), wanted);
	CHECK_EQ(unlink(path), 0);
}

TEST("a program that is being written") {
	const char *path = make_file("#!/bin/sh\n", 0755);
	struct hold_options options = { .argv = ARGV(path) };
	char wanted[128];
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	CHECK(fd >= 0);
	snprintf(wanted, sizeof wanted, "program %s: Text file busy", path);
	CHECK_STRING(fail_with(&options, -ETXTBSY, HOLD_AT_PROGRAM, path), wanted);
	close(fd);
	CHECK_EQ(unlink(path), 0);
}

TEST("arguments that are too long") {
	const size_t size = 256 * 1024; /* more than a single argument may have, whatever the limits */
	char *argument = malloc(size);
	struct hold_options options = { .argv = ARGV("/bin/true", argument) };

	memset(argument, 'x', size - 1);
	argument[size - 1] = 0;
	CHECK_STRING(fail_with(&options, -E2BIG, HOLD_AT_PROGRAM, "/bin/true"),
		     "program /bin/true: Argument list too long");
	free(argument);
}

TEST("a script's interpreter that is not there is named, not the script alone") {
	const char *path = make_file("#! \t/nope/interpreter -x\necho\n", 0755);
	struct hold_options options = { .argv = ARGV(path) };
	char object[128], wanted[256];

	snprintf(object, sizeof object, "/nope/interpreter of %s", path);
	snprintf(wanted, sizeof wanted, "interpreter %s: No such file or directory", object);
	CHECK_STRING(fail_with(&options, -ENOENT, HOLD_AT_INTERPRETER, object), wanted);
	CHECK_EQ(unlink(path), 0);
}

TEST("a script's interpreter that may not be executed is named") {
	const char *path = make_file("#!/dev/null\n", 0755);
	struct hold_options options = { .argv = ARGV(path) };
	char object[128], wanted[256];

	snprintf(object, sizeof object, "/dev/null of %s", path);
	snprintf(wanted, sizeof wanted, "interpreter %s: Permission denied", object);
	CHECK_STRING(fail_with(&options, -EACCES, HOLD_AT_INTERPRETER, object), wanted);
	CHECK_EQ(unlink(path), 0);
}

TEST("a script's interpreter is found at fault too where the script is relative to the process's directory") {
	const char *path = make_file("#!/nope/interpreter\n", 0755), *name = strrchr(path, '/') + 1;
	char argument[64], object[128];
	struct hold_options options = { .argv = ARGV(argument), .directory = "/tmp" };

	snprintf(argument, sizeof argument, "./%s", name);
	snprintf(object, sizeof object, "/nope/interpreter of %s", argument);
	fail_with(&options, -ENOENT, HOLD_AT_INTERPRETER, object);
	CHECK_EQ(unlink(path), 0);
}

/* A copy of an actor whose loader is called otherwise. NULL: it has none. */
static const char *make_program_without_loader(void) {
	const char *path = make_file("", 0755);
	int from = open(ACTOR("ignore"), O_RDONLY | O_CLOEXEC), to;
	static char bytes[1 << 16];
	char *loader = NULL;
	ssize_t size = read(from, bytes, sizeof bytes);

	CHECK(size > 0);
	for (ssize_t i = 0; i + 4 < size && !loader; i++) {
		if (!memcmp(bytes + i, "/lib", 4))
			loader = bytes + i;
	}
	if (loader)
		loader[1] = 'X';
	to = open(path, O_WRONLY | O_CLOEXEC);
	while (size > 0) {
		CHECK_EQ(write(to, bytes, (size_t)size), size);
		size = read(from, bytes, sizeof bytes);
	}
	close(from);
	close(to);
	if (!loader)
		unlink(path);
	return loader ? path : NULL;
}

TEST("a program whose loader is not there is told from a program that is not there") {
	const char *path = make_program_without_loader();
	struct hold_options options = { .argv = ARGV(path) };
	char object[128];

	if (!path)
		SKIP("programs have no loader here");
	snprintf(object, sizeof object, "of %s", path);
	fail_with(&options, -ENOENT, HOLD_AT_INTERPRETER, object);
	CHECK_EQ(unlink(path), 0);
}

/* ---- the process ---- */

TEST("a working directory that is none") {
	struct hold_options options = { .directory = "/nope" };

	CHECK_STRING(fail_with(&options, -ENOENT, HOLD_AT_DIRECTORY, "/nope"),
		     "working directory /nope: No such file or directory");
	options.directory = "/bin/sh";
	CHECK_STRING(fail_with(&options, -ENOTDIR, HOLD_AT_DIRECTORY, "/bin/sh"),
		     "working directory /bin/sh: Not a directory");
	options.directory = "";
	fail_with(&options, -ENOENT, HOLD_AT_DIRECTORY, "");
}

TEST("an object longer than its place is cut") {
	char object[sizeof((struct hold_error *)NULL)->object], directory[2 * sizeof object];
	struct hold_options options = { .directory = directory };

	memset(directory, 'd', sizeof directory);
	directory[0] = '/';
	directory[sizeof directory - 1] = 0;
	memcpy(object, directory, sizeof object - 1);
	object[sizeof object - 1] = 0;
	fail_with(&options, -ENAMETOOLONG, HOLD_AT_DIRECTORY, object);
}

static void enter_forbidden_directory(void) {
	char path[] = "/tmp/pidhold-closed-XXXXXX";
	struct hold_options options = { .directory = path };

	become_ordinary();
	CHECK(mkdtemp(path));
	CHECK_EQ(chmod(path, 0), 0);
	fail_with(&options, -EACCES, HOLD_AT_DIRECTORY, path);
	CHECK_EQ(rmdir(path), 0);
}

TEST("a working directory that may not be entered") {
	in_child(enter_forbidden_directory);
}

static void lower_niceness(void) {
	struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };
	struct hold_options options = { .nice = -3 };

	become_ordinary();
	if (setrlimit(RLIMIT_NICE, &none) || setpriority(PRIO_PROCESS, 0, 10))
		SKIP("the limit on niceness cannot be set here");
	CHECK_STRING(fail_with(&options, -EPERM, HOLD_AT_NICENESS, "-3"), "niceness -3: Operation not permitted");
}

TEST("a niceness that may not be had") {
	in_child(lower_niceness);
}

TEST("a parent-death signal that is none") {
	struct hold_options options = { .parent_death_signal = 65 };

	CHECK_STRING(fail_with(&options, -EINVAL, HOLD_AT_PARENT_DEATH_SIGNAL, "65"),
		     "parent-death signal 65: Invalid argument");
}

TEST("a stream's descriptor that is not open") {
	struct hold_options options = { .in = { HOLD_STDIO_FD, 4000, NULL } };

	CHECK_STRING(fail_with(&options, -EBADF, HOLD_AT_STDIN, "from descriptor 4000"),
		     "standard input from descriptor 4000: Bad file descriptor");
	options = OPTIONS(.out = { HOLD_STDIO_FD, 4000, NULL });
	fail_with(&options, -EBADF, HOLD_AT_STDOUT, "from descriptor 4000");
	options = OPTIONS(.err = { HOLD_STDIO_FD, 4000, NULL });
	fail_with(&options, -EBADF, HOLD_AT_STDERR, "from descriptor 4000");
}

TEST("a stream's file that cannot be opened") {
	struct hold_options options = { .in = { HOLD_STDIO_FILE, 0, "/nope/in" } };

	CHECK_STRING(fail_with(&options, -ENOENT, HOLD_AT_STDIN, "/nope/in"),
		     "standard input /nope/in: No such file or directory");
	options = OPTIONS(.out = { HOLD_STDIO_FILE, 0, "/tmp" });
	CHECK_STRING(fail_with(&options, -EISDIR, HOLD_AT_STDOUT, "/tmp"), "standard output /tmp: Is a directory");
	options = OPTIONS(.in = { .kind = HOLD_STDIO_PIPE }, .out = { .kind = HOLD_STDIO_PIPE },
			  .err = { HOLD_STDIO_APPEND, 0, "/nope/err" });
	CHECK_STRING(fail_with(&options, -ENOENT, HOLD_AT_STDERR, "/nope/err"),
		     "standard error /nope/err: No such file or directory");
}

TEST("a descriptor to be passed that is not open") {
	struct hold_options options = { PASSES({ 2, 20 }, { 4000, 9 }, { 2, 30 }) };

	CHECK_STRING(fail_with(&options, -EBADF, HOLD_AT_DESCRIPTOR, "4000 as 9"),
		     "descriptor 4000 as 9: Bad file descriptor");
	options = OPTIONS(PASSES({ 4000, 4000 }));
	fail_with(&options, -EBADF, HOLD_AT_DESCRIPTOR, "4000 as 4000");
}

static void pass_beyond_the_limit(void) {
	const struct rlimit limit = { .rlim_cur = 64, .rlim_max = 64 };
	struct hold_options options = { PASSES({ 2, 64 }) };

	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	fail_with(&options, -EBADF, HOLD_AT_DESCRIPTOR, "2 as 64");
	options = OPTIONS(PASSES({ 2, INT32_MAX - 1 }));
	fail_with(&options, -EBADF, HOLD_AT_DESCRIPTOR, "2 as 2147483646");
}

TEST("a number for a descriptor that is beyond the limit") {
	in_child(pass_beyond_the_limit);
}

/* ---- limits ---- */

enum { FILLED = 100 };

static const struct hold_options *at_limit;

/* With room for 0, 1, 2, ... more descriptors until it works: each time -EMFILE, and nothing left. */
static void run_out_of_descriptors(void) {
	enum { ENOUGH = 20 };
	struct hold_options options = *at_limit;
	int result = -EMFILE, room, before;

	options.size = sizeof options;
	options.argv = SHELL("exit 3");
	CHECK_EQ(hold_fds_reserve(), 0); /* so that no start does */
	fill_descriptors(FILLED);
	before = count_descriptors();
	for (room = 0; result < 0 && room < ENOUGH; room++) {
		struct hold_error error = { .size = sizeof error };
		struct hold *h;

		limit_descriptors(FILLED + room);
		result = hold_spawn(&h, &options, &error);
		limit_descriptors(FILLED + ENOUGH);
		if (result == 0) {
			check_status(h, HOLD_HOW_EXITED, 3);
			hold_release(h);
		} else {
			CHECK_EQ(result, -EMFILE);
			CHECK_EQ(error.code, -EMFILE);
			CHECK(strcmp(hold_step_name(error.step), "unknown step") != 0);
			CHECK(error.step != HOLD_AT_OPTION);
		}
		CHECK_EQ(count_descriptors(), before);
		CHECK_EQ(waitpid(-1, NULL, WNOHANG), -1);
	}
	CHECK_EQ(result, 0);
	CHECK(room > 1);
}

TEST("the limit on descriptors, wherever it strikes") {
	static const struct hold_terminal terminal = { .size = sizeof terminal };
	const struct hold_options with[] = {
		{ .size = 0 },
		{ .in = { .kind = HOLD_STDIO_PIPE },
		  .out = { .kind = HOLD_STDIO_PIPE },
		  .err = { .kind = HOLD_STDIO_PIPE } },
		{ .terminal = &terminal },
		{ .terminal = &terminal,
		  .out = { .kind = HOLD_STDIO_PIPE },
		  .err = { HOLD_STDIO_FILE, 0, "/dev/null" } },
	};

	for (size_t i = 0; i < sizeof with / sizeof *with; i++) {
		at_limit = &with[i];
		in_child(run_out_of_descriptors);
	}
}

static void fail_at_the_limit_unprepared(void) {
	struct hold_options options = { .size = sizeof options,
					.argv = SHELL("exit 3"),
					.in = { .kind = HOLD_STDIO_PIPE },
					.out = { .kind = HOLD_STDIO_PIPE },
					.err = { .kind = HOLD_STDIO_PIPE } };
	int before;

	fill_descriptors(FILLED);
	before = count_descriptors();
	for (int room = 0; room < 20; room++) {
		struct hold *h;
		int result;

		limit_descriptors(FILLED + room);
		result = hold_spawn(&h, &options, NULL);
		limit_descriptors(FILLED + 20);
		if (result == 0) {
			wait_for(h);
			hold_release(h);
			return;
		}
		CHECK_EQ(result, -EMFILE);
		CHECK_EQ(count_descriptors(), before);
	}
	check_fail(__FILE__, __LINE__, "it works at last");
}

TEST("a start that fails at the limit on descriptors keeps no numbers for later ones") {
	in_child(fail_at_the_limit_unprepared);
}

static void run_out_of_processes(void) {
	const struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };
	struct hold_options options = { .out = { .kind = HOLD_STDIO_PIPE } };
	int before;

	become_ordinary();
	CHECK_EQ(setrlimit(RLIMIT_NPROC, &none), 0);
	before = count_descriptors();
	CHECK_STRING(fail_with(&options, -EAGAIN, HOLD_AT_PROCESS, ""), "process: Resource temporarily unavailable");
	CHECK_EQ(count_descriptors(), before);
}

TEST("the limit on processes") {
	in_child(run_out_of_processes);
}

/* ---- the words ---- */

TEST("a sentence is cut where its place ends, and its whole length returned") {
	struct hold_error error = {
		.size = sizeof error, .code = -ENOENT, .step = HOLD_AT_DIRECTORY, .object = "/nope"
	};
	const char *whole = "working directory /nope: No such file or directory";
	char text[16] = "untouched";

	CHECK_EQ(hold_error_text(&error, NULL, 0), strlen(whole));
	CHECK_EQ(hold_error_text(&error, text, 0), strlen(whole));
	CHECK_STRING(text, "untouched");
	CHECK_EQ(hold_error_text(&error, text, 8), strlen(whole));
	CHECK_STRING(text, "working");
	CHECK_EQ(hold_error_text(NULL, text, sizeof text), -EINVAL);
	error.size = 0;
	CHECK_EQ(hold_error_text(&error, text, sizeof text), -EINVAL);
}

TEST("an object that has no end is not read beyond its place") {
	struct hold_error error = { .size = sizeof error, .code = -ENOENT, .step = HOLD_AT_PROGRAM };
	char text[512];

	memset(error.object, 'o', sizeof error.object);
	CHECK_EQ(hold_error_text(&error, text, sizeof text),
		 strlen("program ") + sizeof error.object - 1 + strlen(": No such file or directory"));
}

TEST("each step has its words, and what is none is called so") {
	const int last = HOLD_AT_TREE_LIMIT;

	for (int step = HOLD_AT_OPTION; step <= last; step++) {
		for (int other = step + 1; other <= last + 1; other++)
			CHECK(strcmp(hold_step_name(step), hold_step_name(other)) != 0);
	}
	CHECK_STRING(hold_step_name(HOLD_AT_DIRECTORY), "working directory");
	CHECK_STRING(hold_step_name(0), "unknown step");
	CHECK_STRING(hold_step_name(-1), "unknown step");
	CHECK_STRING(hold_step_name(last + 1), "unknown step");
}

CHECK_MAIN
