/* SPDX-License-Identifier: ISC */
/*
 * A program that was written a moment ago: while one thread writes it, the child that another thread starts may have
 * a copy of the descriptor until its own exec, and "Text file busy" is then nobody's fault.
 *
 *	busy-text [STARTS]
 */
#define CHECK_SECONDS 300
#include "../check.h"

#include <pidhold.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

enum { WRITERS = 20, PATH = 96 };

static int starts = 1000; /* by all threads */
static _Atomic int wrong;
static char directory[PATH / 2];

static void name_file(char path[PATH], int number) {
	snprintf(path, PATH, "%s/program-%d", directory, number);
}

static void write_program(const char *path) {
	static const char text[] = "#!/bin/sh\nexit 7\n";
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	/* Without O_CLOEXEC: only the library keeps it from a child. */
	CHECK(fd >= 0 && write(fd, text, sizeof text - 1) == sizeof text - 1);
	CHECK(fchmod(fd, 0700) == 0 && close(fd) == 0);
}

/* With a copy of the table, in which a stranger's descriptor stays until exec, or without. */
static int start(const char *path, bool with_copy, struct hold_error *reterr) {
	const char *argv[] = { path, NULL };
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.argv = argv,
		.start_deadline = with_copy ? hold_after_ms(60000) : 0,
	};
	struct hold_status status = { .size = sizeof status };
	struct hold *h;
	int error = hold_spawn(&h, &options, reterr);

	if (error < 0)
		return error;
	hold_wait(h, HOLD_FOREVER, &status);
	hold_release(h);
	return status.how == HOLD_HOW_EXITED ? status.code : -EPROTO;
}

static void *write_and_start(void *number) {
	struct hold_error error = { .size = sizeof error };
	char path[PATH];

	name_file(path, (int)(intptr_t)number);
	for (int i = 0; i < starts / WRITERS; i++) {
		write_program(path);
		if (start(path, i % 2, &error) == 7)
			continue;
		printf("# %s: %s\n", hold_step_name(error.step), strerror(-error.code));
		wrong++;
	}
	return NULL;
}

static void make_directory(void) {
	const char *place = getenv("TMPDIR");

	snprintf(directory, sizeof directory, "%.30s/pidhold-XXXXXX", place && *place ? place : P_tmpdir);
	CHECK(mkdtemp(directory));
}

TEST("twenty threads write programs and start them at once, and none is busy") {
	pthread_t threads[WRITERS];
	char path[PATH];

	make_directory();
	for (int i = 0; i < WRITERS; i++)
		CHECK(pthread_create(&threads[i], NULL, write_and_start, (void *)(intptr_t)i) == 0);
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(threads[i], NULL);
		name_file(path, i);
		unlink(path);
	}
	rmdir(directory);
	CHECK_EQ(wrong, 0);
}

TEST("one that somebody has open for writing is busy, and the error names it") {
	struct hold_error error = { .size = sizeof error };
	char path[PATH];
	int fd;

	make_directory();
	name_file(path, 0);
	write_program(path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK_EQ(start(path, false, &error), -ETXTBSY);
	CHECK_STRING(hold_step_name(error.step), "program");
	CHECK_STRING(error.object, path);
	close(fd);
	CHECK_EQ(start(path, false, NULL), 7);
	unlink(path);
	rmdir(directory);
}

int main(int argc, char **argv) {
	if (argc > 1)
		starts = atoi(argv[1]);
	return check_run("");
}
