/* SPDX-License-Identifier: ISC */
/*
 * grow SHAPE COUNT: becomes a tree of so many processes, writes a byte when all of them exist, and stays. It always
 * ends by itself: each process after a minute, and a process that replaces itself again and again after GENERATIONS.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	LIFE = 60,         /* seconds, at most */
	FORKING = 10,      /* seconds for which a tree forks, at most */
	GENERATIONS = 400, /* at most */
	PACE_US = 250      /* between two forks in a tree that forks all the time */
};

static char *self;
static int count;
static time_t begun;

static time_t now(void) {
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

static pid_t make(void) {
	const pid_t pid = fork();

	if (pid < 0)
		_exit(1);
	if (pid == 0)
		alarm(LIFE);
	return pid;
}

__attribute__((noreturn)) static void stay(void) {
	for (;;)
		pause();
}

static void say_ready(void) {
	if (write(STDOUT_FILENO, "", 1) != 1)
		_exit(1);
}

static void wide(void) {
	for (int i = 1; i < count; i++) {
		if (make() == 0)
			stay();
	}
	say_ready();
}

/* Each process executes a program: a copy of a copy of a copy would be expensive for the kernel, also to end. */
static void chain(void) {
	char rest[16];

	if (count > 1 && make() == 0) {
		snprintf(rest, sizeof rest, "%d", count - 1);
		execl(self, self, "chain", rest, (char *)NULL);
		_exit(1);
	}
	if (count == 1)
		say_ready();
}

/* Each daemon was forked twice and leads a session. */
static void daemons(void) {
	for (int i = 1; i < count; i++) {
		const pid_t between = make();

		if (between == 0) {
			setsid();
			if (make() == 0)
				stay();
			_exit(0);
		}
		waitpid(between, NULL, 0);
	}
	say_ready();
}

/* Each process forks its successor and ends: thousands a second, however many there are at a time. */
__attribute__((noreturn)) static void move_on(void) {
	const long pace_us = (long)count * PACE_US;
	const struct timespec moment = { pace_us / 1000000, pace_us % 1000000 * 1000 };

	for (int i = 0; i < GENERATIONS && now() - begun < FORKING; i++) {
		if (make() > 0)
			_exit(0);
		nanosleep(&moment, NULL);
	}
	_exit(0);
}

static void forking(void) {
	signal(SIGCHLD, SIG_IGN); /* so that no child needs to be waited for */
	for (int i = 1; i < count; i++) {
		if (make() == 0)
			move_on();
	}
	say_ready();
}

int main(int argc, char **argv) {
	static const struct {
		const char *name;
		void (*make)(void);
	} shapes[] = { { "wide", wide }, { "chain", chain }, { "daemons", daemons }, { "forking", forking } };

	count = argc > 2 ? atoi(argv[2]) : 0;
	self = argv[0];
	begun = now();
	alarm(LIFE);
	for (size_t i = 0; count > 0 && i < sizeof shapes / sizeof *shapes; i++) {
		if (strcmp(argv[1], shapes[i].name) == 0) {
			shapes[i].make();
			stay();
		}
	}
	return 2;
}
