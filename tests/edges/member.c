/* SPDX-License-Identifier: ISC */
/*
 * member exit STATUS           says "ran" and exits
 * member tree COUNT STATUS [PROGRAM]
 *                              says "ran", leaves COUNT processes that ignore TERM, every other one a daemon in a
 *                              session of its own, and one that executes PROGRAM; then exits, or with -1 stays
 * member root                  takes root's ids, where the file is set-user-ID, and stays
 * member crowd COUNT           says "ran" once COUNT children stay, and stays
 * Each ends by itself after a minute. What may not fork goes on without.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIFE = 60 };

static void say_ran(void) {
	if (write(1, "ran\n", 4) != 4)
		_exit(90);
}

__attribute__((noreturn)) static void stay(void) {
	alarm(LIFE);
	for (;;)
		pause();
}

/* The streams are the test's: it must not wait for those that are left. */
static void close_streams(void) {
	for (int fd = 0; fd < 3; fd++)
		close(fd);
}

static void leave_one(int is_daemon, const char *program) {
	if (fork() != 0)
		return;
	if (is_daemon) {
		setsid();
		if (fork() > 0)
			_exit(0);
	}
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	close_streams();
	if (program)
		execl(program, program, "root", (char *)NULL);
	stay();
}

int main(int argc, char **argv) {
	const int count = argc > 2 ? atoi(argv[2]) : 0;

	if (argc == 2 && !strcmp(argv[1], "root")) {
		if (setregid(0, 0) < 0 || setreuid(0, 0) < 0)
			_exit(91);
		stay();
	}
	if (argc > 2 && !strcmp(argv[1], "exit")) {
		say_ran();
		return count;
	}
	if (argc < 3)
		return 2;
	if (!strcmp(argv[1], "crowd")) {
		for (int i = 0; i < count; i++) {
			if (fork() == 0) {
				close_streams();
				stay();
			}
		}
		say_ran();
		stay();
	}
	say_ran();
	for (int i = 0; i < count; i++)
		leave_one(i % 2, argc > 4 && i == 0 ? argv[4] : NULL);
	if (argc < 4 || atoi(argv[3]) < 0)
		stay();
	return atoi(argv[3]);
}
