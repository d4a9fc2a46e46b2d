/* SPDX-License-Identifier: ISC */
/*
 * inject-command KIND [STATUS]: what hold runs under the injector. The file that INJECT_SIDE names is told what really
 * happened, a line each: "began PID", "member PID", "term PID", "ended STATUS" and others. Each of its processes ends
 * by itself after a while, whatever becomes of hold.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LIFE_S = 60, LINES = 40 };

static int side = -1;

static void tell(const char *word, int number) {
	char line[64];
	const int length = snprintf(line, sizeof line, "%s %d\n", word, number);

	if (write(side, line, (size_t)length) != length)
		_exit(99);
}

static void take_term(int signal) {
	(void)signal;
	tell("term", (int)getpid());
}

static void rest_ms(long ms) {
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&time, &time) != 0)
		;
}

/* A signal that came in between would make what was told untrue. */
static void finish(int status) {
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	tell("ended", status);
	_exit(status);
}

/* Only KILL ends it. */
static void stay(void) {
	struct sigaction action = { .sa_handler = take_term };

	sigaction(SIGTERM, &action, NULL);
	tell("member", (int)getpid());
	rest_ms(LIFE_S * 1000L);
	_exit(98);
}

static void be_stubborn(bool is_alone, bool has_session) {
	if (!is_alone && fork() == 0) {
		alarm(LIFE_S);
		if (has_session)
			setsid();
		stay();
	}
	stay();
}

/* A daemon that TERM ends. The caller goes on when it is there: nobody is only about to be left. */
static void leave_daemon(long ms) {
	int ends[2];
	char byte;

	if (pipe(ends) < 0)
		_exit(97);
	if (fork() == 0) {
		setsid();
		if (fork() != 0)
			_exit(0);
		alarm(LIFE_S);
		tell("member", (int)getpid());
		close(ends[0]);
		close(ends[1]);
		rest_ms(ms);
		_exit(0);
	}
	close(ends[1]);
	while (read(ends[0], &byte, 1) > 0)
		;
}

static void talk(void) {
	for (int i = 0; i < LINES; i++)
		printf("line %d of what it has to say\n", i);
	fflush(stdout);
}

/* Ends when it is told to, by SIGUSR1; a child of its own ends a while after that. */
static void live(bool has_child) {
	sigset_t set;
	int ends[2], signal;
	char byte;

	if (pipe(ends) < 0)
		_exit(97);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (has_child && fork() == 0) {
		close(ends[1]);
		alarm(LIFE_S);
		tell("member", (int)getpid());
		if (read(ends[0], &byte, 1) == 0)
			rest_ms(60);
		_exit(0);
	}
	tell("lives", (int)getpid());
	sigwait(&set, &signal);
}

int main(int argc, char **argv) {
	const char *path = getenv("INJECT_SIDE"), *kind = argc > 1 ? argv[1] : "";
	const int status = argc > 2 ? atoi(argv[2]) : 0;

	side = open(path ? path : "", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (side < 0)
		return 99;
	alarm(LIFE_S);
	tell("began", (int)getpid());
	if (strcmp(kind, "stubborn-alone") == 0)
		be_stubborn(true, false);
	if (strcmp(kind, "stubborn-group") == 0)
		be_stubborn(false, false);
	if (strcmp(kind, "stubborn") == 0)
		be_stubborn(false, true);
	if (strcmp(kind, "leave") == 0)
		leave_daemon(LIFE_S * 1000L);
	if (strcmp(kind, "leave-short") == 0)
		leave_daemon(100);
	if (strcmp(kind, "talk") == 0)
		talk();
	if (strcmp(kind, "live") == 0)
		live(false);
	if (strcmp(kind, "live-with-child") == 0)
		live(true);
	finish(status);
}
