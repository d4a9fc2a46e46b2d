/* SPDX-License-Identifier: ISC */
/* Files that the kernel does not know: HOLD_SHELL_SCRIPTS has them run by the shell, in one start. */
#include "../check.h"

#include <pidhold.h>

#include <fcntl.h>
#include <sys/stat.h>

static const int containments[] = { HOLD_CONTAIN_NONE, HOLD_CONTAIN_KEEPER };

/* A new executable file in a directory of its own; its path is static. */
static const char *make_file(const char *text) {
	static char path[64];
	int fd;

	strcpy(path, "/tmp/pidhold-script-XXXXXX");
	CHECK(mkdtemp(path));
	strcat(path, "/script");
	fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0700);
	CHECK(fd >= 0);
	CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	return path;
}

static void remove_file(const char *path) {
	char directory[64];

	CHECK_EQ(unlink(path), 0);
	strcpy(directory, path);
	*strrchr(directory, '/') = 0;
	CHECK_EQ(rmdir(directory), 0);
}

/* What the program writes; it must exit with `status`. */
static const char *output_of(struct hold_options *options, int status) {
	static char text[512];
	struct hold_status ended = { .size = sizeof ended };
	size_t length = 0;
	struct hold *h;
	ssize_t size;

	options->size = sizeof *options;
	options->out.kind = HOLD_STDIO_PIPE;
	CHECK_EQ(hold_spawn(&h, options, NULL), 0);
	while ((size = read(hold_stream(h, 1), text + length, sizeof text - 1 - length)) > 0)
		length += (size_t)size;
	CHECK_EQ(size, 0);
	text[length] = 0;
	CHECK_EQ(hold_wait(h, hold_after_ms(15000), &ended), 0);
	CHECK_EQ(ended.how, HOLD_HOW_EXITED);
	CHECK_EQ(ended.code, status);
	hold_release(h);
	return text;
}

/* Once for each containment. */
static void check_output(struct hold_options options, int status, const char *wanted) {
	for (size_t i = 0; i < sizeof containments / sizeof *containments; i++) {
		options.contain = containments[i];
		options.flags |= HOLD_SHELL_SCRIPTS;
		CHECK_STRING(output_of(&options, status), wanted);
	}
}

TEST("an executable file that the kernel does not know is run by the shell with its arguments") {
	const char *path = make_file("echo \"$0:$#:$1:$2:$3\"; exit 5\n");
	const char *const argv[] = { path, "one two", "", "*", NULL };
	const struct hold_options options = { .argv = argv };
	char wanted[128];

	snprintf(wanted, sizeof wanted, "%s:3:one two::*\n", path);
	check_output(options, 5, wanted);
	remove_file(path);
}

TEST("an empty file is a script that succeeds, and one argument may be all that there is") {
	const char *path = make_file("");
	const char *const argv[] = { path, NULL };
	const struct hold_options options = { .argv = argv };

	check_output(options, 0, "");
	remove_file(path);
}

TEST("the shell gets the file that was found in PATH, argv[0] notwithstanding, and the environment") {
	const char *path = make_file("echo \"$0 $A\"\n");
	const char *const argv[] = { "some name", NULL };
	char search[64], wanted[128];
	const char *const env[] = { search, "A=B", NULL };
	const struct hold_options options = { .program = "script", .argv = argv, .env = env };

	snprintf(search, sizeof search, "PATH=%s", path);
	*strrchr(search, '/') = 0;
	snprintf(wanted, sizeof wanted, "%s B\n", path);
	check_output(options, 0, wanted);
	remove_file(path);
}

TEST("the shell is given a relative path from where the process is") {
	const char *path = make_file("echo \"$0\"\n");
	const char *const argv[] = { "./script", NULL };
	char directory[64];
	const struct hold_options options = { .argv = argv, .directory = directory };

	strcpy(directory, path);
	*strrchr(directory, '/') = 0;
	check_output(options, 0, "./script\n");
	remove_file(path);
}

TEST("a program that the kernel knows is not given to the shell") {
	const char *path = make_file("#!/bin/echo as its first line has it\n");
	const char *const argv[] = { path, NULL }, *const binary[] = { "/bin/echo", "binary", NULL };
	struct hold_options options = { .argv = argv };
	char wanted[128];

	snprintf(wanted, sizeof wanted, "as its first line has it %s\n", path);
	check_output(options, 0, wanted);
	options.argv = binary;
	check_output(options, 0, "binary\n");
	remove_file(path);
}

TEST("under a deadline it is run by the shell too") {
	const char *path = make_file("echo here\n");
	const char *const argv[] = { path, NULL };
	const struct hold_options options = { .argv = argv, .start_deadline = hold_after_ms(15000) };

	check_output(options, 0, "here\n");
	remove_file(path);
}

/* ---- without the flag, and what can fail ---- */

TEST("without the flag such a file is an error of its own, at the program") {
	const char *path = make_file("echo never\n");
	const char *const argv[] = { path, NULL };
	struct hold_options options = { .size = sizeof options, .argv = argv };

	for (size_t i = 0; i < sizeof containments / sizeof *containments; i++) {
		struct hold_error error = { .size = sizeof error };
		struct hold *h;

		options.contain = containments[i];
		CHECK_EQ(hold_spawn(&h, &options, &error), -ENOEXEC);
		CHECK_EQ(error.step, HOLD_AT_PROGRAM);
		CHECK_STRING(error.object, path);
	}
	remove_file(path);
}

static int spawns;

static int count_spawn(void *context, const struct hold_event *event) {
	const char *const *argv = context;

	if (strcmp(event->name, "pidhold.spawn"))
		return 0;
	spawns++;
	CHECK_STRING(event->program, argv[0]);
	CHECK_STRING(event->argv[1], argv[1]);
	return 0;
}

static void start_audited(const char *const *argv) {
	const struct hold_options options = { .argv = argv };

	CHECK_EQ(hold_audit_add(count_spawn, (void *)(uintptr_t)argv), 0);
	check_output(options, 0, "argument\n");
	CHECK_EQ(spawns, 2); /* one for each containment */
}

TEST("the audit hooks see one start, of the file and not of the shell") {
	const char *path = make_file("echo $1\n");
	const char *const argv[] = { path, "argument", NULL };

	start_audited(argv);
	remove_file(path);
}

CHECK_MAIN
