/* SPDX-License-Identifier: ISC */
/*
 * try-all: does with the library what programs do with it, and says what came out, a line each: what it was, and in
 * one word how it went. It is run where mechanisms are missing: what has a weaker twin must come out the same, and
 * the rest with its documented error.
 */
#include "errno-name.h"

#include <pidhold.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHELL(script) ((const char *const[]){ "/bin/sh", "-c", script, NULL })

static void say(const char *what, int answer) {
	if (answer < 0)
		printf("%s %s\n", what, errno_name(-answer));
	else
		printf("%s %d\n", what, answer);
	fflush(stdout);
}

static void say_end(const char *what, struct hold *h) {
	struct hold_status status = { .size = sizeof status };
	int result = hold_wait(h, HOLD_FOREVER, &status);

	if (result)
		say(what, result);
	else if (status.how == HOLD_HOW_UNKNOWN)
		printf("%s unknown\n", what);
	else
		printf("%s %s%d\n", what, status.how == HOLD_HOW_SIGNALLED ? "signal-" : "", (int)status.code);
	hold_release(h);
}

/* Says why if it fails, and ends then: what comes after is missed by whoever reads. */
static struct hold *start_with(struct hold_options *options, const char *const *argv) {
	struct hold *h = NULL;
	int result;

	options->size = sizeof *options;
	options->contain = HOLD_CONTAIN_NONE; /* each mechanism as the caller's own child needs it */
	options->argv = argv;
	result = hold_spawn(&h, options, NULL);
	if (result < 0) {
		say("a start failed", result);
		exit(1);
	}
	return h;
}

static struct hold *start(const char *script) {
	return start_with(&(struct hold_options){ .size = 0 }, SHELL(script));
}

static void await_byte(struct hold *h) {
	char byte;

	if (read(hold_stream(h, 1), &byte, 1) != 1)
		say("nothing was read", 0);
}

static void try_starts(void) {
	struct hold_options options = { .directory = "/nope" };
	struct hold_error error = { .size = sizeof error };
	struct hold *h;
	int fd = fcntl(0, F_DUPFD, 90);

	say_end("a start", start("exit 7"));
	say_end("another start", start("exit 8"));
	say_end("passing what was not named", start("exec 2>/dev/null; true <&90 || exit 1"));
	close(fd);
	options.size = sizeof options;
	options.contain = HOLD_CONTAIN_NONE;
	options.argv = SHELL("exit 0");
	say("a start in no directory", hold_spawn(&h, &options, &error));
	say("the step of no directory", error.step == HOLD_AT_DIRECTORY);
	options.directory = NULL;
	options.argv = (const char *const[]){ "/nope", NULL };
	say("a start of no program", hold_spawn(&h, &options, &error));
	say("the step of no program", error.step == HOLD_AT_PROGRAM);
}

static void try_signals(void) {
	struct hold_options options = { .flags = HOLD_NEW_GROUP, .out = { .kind = HOLD_STDIO_PIPE } };
	struct hold *h = start("exec sleep 20");

	say("a signal to a group that it does not lead", hold_group_signal(h, SIGKILL));
	say("a signal", hold_signal(h, SIGTERM));
	say_end("the end by a signal", h);
	h = start_with(&options, SHELL("echo; exec sleep 20"));
	await_byte(h);
	say("a signal to a group", hold_group_signal(h, SIGKILL));
	hold_wait(h, HOLD_FOREVER, NULL);
	say("a signal after the end", hold_signal(h, SIGKILL));
	say("a signal to a group after the end", hold_group_signal(h, SIGKILL));
	say_end("the end by a signal to a group", h);
	h = start_with(&options, SHELL("trap '' TERM; echo; exec sleep 20"));
	await_byte(h);
	say("a stop", hold_stop(h, (const struct hold_rung[]){ { SIGTERM, 0, 10 }, { SIGKILL, 0, 0 } }, 2));
	say_end("the end by a stop", h);
}

static void try_waits(void) {
	struct hold_options options = { .in = { .kind = HOLD_STDIO_PIPE } };
	struct hold *h = start_with(&options, SHELL("read line; exit 9"));

	say("a look", hold_wait(h, HOLD_NOW, NULL));
	say("a wait to a deadline", hold_wait(h, hold_after_ms(20), NULL));
	say("a descriptor", hold_fd(h) < 0 ? hold_fd(h) : 0);
	close(hold_stream_take(h, 0));
	say_end("the end after waits", h);
	signal(SIGCHLD, SIG_IGN);
	say_end("the end where SIGCHLD is ignored", start("exit 7"));
	signal(SIGCHLD, SIG_DFL);
}

static void try_terminals(void) {
	const struct hold_terminal terminal = { .size = sizeof terminal };
	struct hold_options options = { .size = sizeof options,
					.terminal = &terminal,
					.argv = SHELL("test -t 0 && echo > /dev/tty && exit 4") };
	struct hold *h;
	int master, status = 0, result = hold_spawn(&h, &options, NULL);

	say("a start on a terminal", result);
	if (result == 0) {
		await_byte(h);
		say_end("the end on a terminal", h);
	} else {
		say("the end on a terminal", result);
	}
	result = hold_forkpty(&master, NULL, NULL);
	if (result == 0)
		_exit(isatty(0) ? 5 : 6);
	if (result > 0) {
		waitpid(result, &status, 0);
		close(master);
	}
	say("a forkpty", result < 0 ? result : status >> 8);
}

static void try_descriptors(void) {
	int pidfd = hold_pidfd_open(getpid(), 0), nonblocking = hold_pidfd_open(getpid(), HOLD_PIDFD_NONBLOCK);
	struct hold *h = NULL;

	say("a pidfd", pidfd < 0 ? pidfd : 0);
	say("a non-blocking pidfd", nonblocking < 0 ? nonblocking : 0);
	say("an adoption by a pidfd", pidfd < 0 ? pidfd : hold_adopt_fd(&h, pidfd));
	hold_release(h);
	if (pidfd >= 0)
		close(pidfd);
	if (nonblocking >= 0)
		close(nonblocking);
}

static void try_adoption(void) {
	struct hold *h = start("exec sleep 20"), *other = NULL;
	char text[80] = "";
	int result = hold_adopt(&other, getppid());

	say("an adoption", result);
	say("a signal to what was adopted", result == 0 ? hold_signal(other, 0) : result);
	hold_release(other);
	other = NULL;
	result = hold_reference(h, text, sizeof text);
	say("a reference", result < 0 ? result : 0);
	say("a reference by inode", strchr(text, ':') == strrchr(text, ':'));
	say("an adoption by reference", hold_adopt_reference(&other, text));
	hold_release(other);
	hold_signal(h, SIGKILL);
	say_end("the end of what had a reference", h);
}

static void try_fork(void) {
	struct hold *h = start("exit 3");
	int status = 0, pid = fork();

	if (pid == 0)
		_exit(-hold_signal(h, 0));
	waitpid(pid, &status, 0);
	say("a hold in a forked child", -(status >> 8));
	say_end("the end of a process of before a fork", h);
}

static int count_descriptors(void) {
	int count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

int main(void) {
	int before = count_descriptors();

	alarm(30);
	try_starts();
	try_signals();
	try_waits();
	try_terminals();
	try_descriptors();
	try_adoption();
	try_fork();
	say("descriptors left", count_descriptors() - before);
	say("a child left", waitpid(-1, NULL, WNOHANG) >= 0);
	return 0;
}
