/* SPDX-License-Identifier: ISC */
/* A start that does not come to its end: the deadline ends it, names what hung, and leaves nothing. */
#define CHECK_SECONDS 120
#include "../check.h"

#include <pidhold.h>

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>

static char directory[64], path[96];

static void make_directory(void) {
	const char *place = getenv("TMPDIR");

	snprintf(directory, sizeof directory, "%.40s/pidhold-XXXXXX", place && *place ? place : P_tmpdir);
	CHECK(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/it", directory);
}

static void remove_directory(void) {
	unlink(path);
	rmdir(directory);
}

static const char *const true_argv[] = { "true", NULL };

static struct hold_options reading(const char *file) {
	return (struct hold_options){
		.size = sizeof(struct hold_options),
		.argv = true_argv,
		.in = { .kind = HOLD_STDIO_FILE, .path = file },
	};
}

/* On a busy machine a child may not have come to its first step in time: then it is given more. */
static void expect_late(struct hold_options *options, int64_t milliseconds, const char *step, const char *object) {
	struct hold_error error = { .size = sizeof error };
	struct hold *h;

	do {
		options->start_deadline = hold_after_ms(milliseconds);
		CHECK_EQ(hold_spawn(&h, options, &error), -ETIMEDOUT);
		CHECK_EQ(error.code, -ETIMEDOUT);
		milliseconds *= 2;
	} while (error.step == HOLD_AT_PROCESS && milliseconds < 10000);
	CHECK_STRING(hold_step_name(error.step), step);
	CHECK_STRING(error.object, object);
	CHECK_EQ(waitpid(-1, NULL, WNOHANG), -1);
	CHECK_EQ(errno, ECHILD);
}

static void expect_success(const struct hold_options *options) {
	struct hold_status status = { .size = sizeof status };
	struct hold *h;

	CHECK_EQ(hold_spawn(&h, options, NULL), 0);
	CHECK_EQ(hold_wait(h, HOLD_FOREVER, &status), 0);
	CHECK(status.how == HOLD_HOW_EXITED && status.code == 0);
	hold_release(h);
}

TEST("a fifo whose other side does not come is named, in the first start and in later ones, time and again") {
	struct hold_options options;

	make_directory();
	CHECK(mkfifo(path, 0600) == 0);
	options = reading(path);
	for (int i = 0; i < 50; i++)
		expect_late(&options, i == 0 ? 50 : 2, "standard input", path);
	options.terminal = &(const struct hold_terminal){ .size = sizeof(struct hold_terminal) };
	expect_late(&options, 20, "standard input", path);
	remove_directory();
}

TEST("so it is for a host that ignores SIGCHLD, and for a start as another user") {
	const struct hold_ids ids = { .size = sizeof ids, .set = HOLD_IDS_GROUPS };
	struct hold_options options;

	make_directory();
	CHECK(mkfifo(path, 0600) == 0);
	options = reading(path);
	signal(SIGCHLD, SIG_IGN);
	expect_late(&options, 20, "standard input", path);
	signal(SIGCHLD, SIG_DFL);
	if (geteuid() == 0) {
		options.ids = &ids;
		expect_late(&options, 20, "standard input", path);
	}
	remove_directory();
}

struct patience {
	int asked, enough;
};

static int give_up(void *context) {
	struct patience *patience = context;

	return ++patience->asked >= patience->enough;
}

static volatile sig_atomic_t handled;

static void note(int signal) {
	handled = signal;
}

static int ask_handler(void *context) {
	(void)context;
	return handled;
}

static void expect_given_up(const struct hold_options *options) {
	struct hold_error error = { .size = sizeof error };
	struct hold *h;

	CHECK_EQ(hold_spawn(&h, options, &error), -ECANCELED);
	CHECK_EQ(error.code, -ECANCELED);
	CHECK_STRING(hold_step_name(error.step), "standard input");
	CHECK_STRING(error.object, path);
	CHECK_EQ(waitpid(-1, NULL, WNOHANG), -1);
	CHECK_EQ(errno, ECHILD);
}

TEST("a start ends when the caller gives it up, and leaves nothing; one that comes to its end is not disturbed") {
	static const int ways[] = { HOLD_CONTAIN_NONE, HOLD_CONTAIN_AUTO };
	struct hold_options options;

	make_directory();
	CHECK(mkfifo(path, 0600) == 0);
	for (int i = 0; i < 4; i++) {
		struct patience patience = { .enough = 3 };

		options = reading(path);
		options.contain = ways[i % 2];
		options.give_up = give_up;
		options.give_up_context = &patience;
		expect_given_up(&options);
		CHECK_EQ(patience.asked, 3);
		options = reading("/dev/null");
		options.contain = ways[i % 2];
		patience = (struct patience){ .enough = 100000 };
		options.give_up = give_up;
		options.give_up_context = &patience;
		expect_success(&options);
	}
	remove_directory();
}

TEST("a signal's handler runs before the caller is asked, so it can tell that the start is to be given up") {
	static const int ways[] = { HOLD_CONTAIN_NONE, HOLD_CONTAIN_AUTO };
	const struct sigaction action = { .sa_handler = note };
	struct hold_options options;

	make_directory();
	CHECK(mkfifo(path, 0600) == 0);
	CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
	options = reading(path);
	options.give_up = ask_handler;
	for (int i = 0; i < 2; i++) {
		const pid_t self = getpid();
		pid_t sender;

		handled = 0;
		sender = fork();
		CHECK(sender >= 0);
		if (sender == 0) {
			/* The start waits by then, or has yet to begin. */
			usleep(200000);
			kill(self, SIGUSR1);
			_exit(0);
		}
		options.contain = ways[i];
		CHECK_EQ(hold_spawn(&(struct hold *){ NULL }, &options, NULL), -ECANCELED);
		CHECK_EQ(handled, SIGUSR1);
		CHECK_EQ(waitpid(sender, NULL, 0), sender);
	}
	signal(SIGUSR1, SIG_DFL);
	remove_directory();
}

/* Waits for the child in another thread, while the start waits for it here. */
static void *open_other_side(void *unused) {
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	(void)unused;
	CHECK(fd >= 0);
	close(fd);
	return NULL;
}

TEST("one whose other side comes in time goes on, and its status is its own") {
	struct hold_options options;
	pthread_t thread;

	make_directory();
	CHECK(mkfifo(path, 0600) == 0);
	options = reading(path);
	for (int i = 0; i < 20; i++) {
		options.start_deadline = hold_after_ms(60000);
		CHECK(pthread_create(&thread, NULL, open_other_side, NULL) == 0);
		expect_success(&options);
		pthread_join(thread, NULL);
	}
	remove_directory();
}

/* Writes a program and holds a lease on it: who executes it waits until the lease is given back. */
static int lease_program(void) {
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);

	CHECK(fd >= 0 && write(fd, "#!/bin/sh\n", 10) == 10);
	close(fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	signal(SIGIO, SIG_IGN); /* which asks for it */
	if (fcntl(fd, F_SETLEASE, F_WRLCK) < 0) {
		remove_directory();
		SKIP("leases on files are not possible here");
	}
	return fd;
}

TEST("an exec that does not come to its end is named") {
	struct hold_options options = { .size = sizeof options, .contain = HOLD_CONTAIN_NONE };
	const char *const argv[] = { path, NULL };
	int fd;

	make_directory();
	fd = lease_program();
	options.argv = argv;
	expect_late(&options, 50, "program", path);
	expect_late(&options, 50, "program", path);
	close(fd);
	options.start_deadline = hold_after_ms(60000);
	expect_success(&options);
	signal(SIGIO, SIG_DFL);
	remove_directory();
}

TEST("a deadline that has passed leaves nothing, whether it was met or not") {
	struct hold_options options = reading("/dev/null");
	struct hold *h;
	int error;

	for (int i = 0; i < 100; i++) {
		options.start_deadline = i % 2 ? 1 : hold_now();
		error = hold_spawn(&h, &options, NULL);
		CHECK(error == 0 || error == -ETIMEDOUT);
		if (error == 0)
			hold_release(h);
		CHECK_EQ(waitpid(-1, NULL, WNOHANG), -1);
	}
}

TEST("a deadline that is far changes nothing, and HOLD_FOREVER is none") {
	struct hold_options options = reading("/dev/null");
	struct hold *h;

	for (int i = 0; i < 3; i++) {
		options.start_deadline = i == 1 ? HOLD_FOREVER : hold_after_ms(1000000);
		expect_success(&options);
	}
	options.argv = (const char *const[]){ "/no/such/program", NULL };
	CHECK_EQ(hold_spawn(&h, &options, NULL), -ENOENT);
	options = reading("/no/such/file");
	options.start_deadline = hold_after_ms(1000000);
	CHECK_EQ(hold_spawn(&h, &options, NULL), -ENOENT);
}

CHECK_MAIN
