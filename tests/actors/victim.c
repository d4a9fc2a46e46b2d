/* SPDX-License-Identifier: ISC */
/*
 * victim KIND [COUNT]: a process or a tree that is hard to end. It says "ready" once all of it is there. Bounded by
 * construction: there are never more than COUNT processes, or in all COUNT generations, and each ends by itself after
 * a minute at most.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char *self;
static int count;

static void say_ready(void) {
	if (write(STDOUT_FILENO, "ready\n", 6) != 6)
		_exit(1);
}

__attribute__((noreturn)) static void stay(void) {
	alarm(60);
	for (;;)
		pause();
}

__attribute__((noreturn)) static void stay_ready(void) {
	say_ready();
	stay();
}

static pid_t make(void) {
	pid_t pid = fork();

	if (pid < 0)
		_exit(1);
	if (pid == 0)
		alarm(60);
	return pid;
}

static void become(const char *kind, int number) {
	char text[16];

	snprintf(text, sizeof text, "%d", number);
	execl(self, self, kind, text, (char *)NULL);
	_exit(1);
}

static void ignore_term(void) {
	signal(SIGTERM, SIG_IGN);
	stay_ready();
}

static void fork_twice(void) {
	if (make() == 0) {
		setsid();
		if (make() > 0)
			_exit(0);
		signal(SIGTERM, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
		stay_ready();
	}
	stay();
}

static void clear_environment(void) {
	char *const none[] = { NULL }, *const argv[] = { self, "daemon", NULL };

	execve(self, argv, none);
}

static void close_everything(void) {
	signal(SIGTERM, SIG_IGN);
	say_ready();
	for (int fd = 0; fd < 1024; fd++)
		close(fd);
	stay();
}

static void stop(void) {
	if (make() == 0) {
		setsid();
		signal(SIGHUP, SIG_IGN);
		raise(SIGSTOP);
		stay();
	}
	waitpid(-1, NULL, WUNTRACED);
	say_ready();
	raise(SIGSTOP);
	stay();
}

/* The parent is in the kernel until its child is gone. */
static void fork_and_share(void) {
	if (vfork() == 0) {
		say_ready();
		alarm(60);
		for (;;)
			pause();
	}
	stay();
}

/* Each is the child of the one before, has executed a program and leads a session. */
static void chain(void) {
	if (count > 1 && make() == 0) {
		setsid();
		become("chain", count - 1);
	}
	if (count <= 1)
		stay_ready();
	stay();
}

static void wide(void) {
	for (int i = 1; i < count; i++) {
		if (make() == 0)
			stay();
	}
	stay_ready();
}

/* One process alive at a time, never for long, COUNT in all. */
static void move_on(void) {
	const struct timespec moment = { 0, 1000000 };

	signal(SIGTERM, SIG_IGN);
	say_ready();
	for (int i = 1; i < count; i++) {
		if (make() > 0)
			_exit(0);
		setsid();
		nanosleep(&moment, NULL);
	}
	stay();
}

/* Each forks the next at once, in a session of its own, and every other one ends, but not the first. */
static void burst(void) {
	for (int i = 1; i < count; i++) {
		if (make() > 0) {
			if (i % 2 == 0)
				_exit(0);
			stay();
		}
		setsid();
	}
	stay_ready();
}

/* Two of them: whoever sees the end of the other makes it again, COUNT times in all. */
static void restart(void) {
	signal(SIGTERM, SIG_IGN);
	for (int i = 0; i < count; i++) {
		const pid_t parent = getpid();

		if (make() == 0) {
			while (getppid() == parent)
				nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
			continue;
		}
		if (i == 0)
			say_ready();
		waitpid(-1, NULL, 0);
	}
	_exit(0);
}

static void reap_orphans(void) {
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	fork_twice();
}

static void *go_on(void *context) {
	(void)context;
	nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
	signal(SIGTERM, SIG_IGN);
	if (make() == 0)
		stay();
	say_ready();
	stay();
}

static void end_first_thread(void) {
	pthread_t thread;

	if (pthread_create(&thread, NULL, go_on, NULL))
		_exit(1);
	pthread_exit(NULL);
}

static void leave_zombie(void) {
	siginfo_t info;

	if (make() == 0)
		_exit(0);
	waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
	stay_ready();
}

static void rename_itself(void) {
	prctl(PR_SET_NAME, ") R 1 1 (\n");
	memset(self, ' ', strlen(self));
	stay_ready();
}

/* Set-user-ID root: nobody but root can signal it. */
static void become_root(void) {
	if (make() == 0) {
		if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
			_exit(1);
		stay_ready();
	}
	stay();
}

static const struct {
	const char *name;
	void (*act)(void);
} kinds[] = {
	{ "ignore-term", ignore_term },
	{ "daemon", fork_twice },
	{ "clear-environment", clear_environment },
	{ "close-everything", close_everything },
	{ "stopped", stop },
	{ "vfork", fork_and_share },
	{ "chain", chain },
	{ "wide", wide },
	{ "moving", move_on },
	{ "burst", burst },
	{ "restart", restart },
	{ "subreaper", reap_orphans },
	{ "leader-exited", end_first_thread },
	{ "zombie", leave_zombie },
	{ "renamed", rename_itself },
	{ "root", become_root },
};

int main(int argc, char **argv) {
	self = argv[0];
	count = argc > 2 ? atoi(argv[2]) : 1;
	for (size_t i = 0; argc > 1 && i < sizeof kinds / sizeof *kinds; i++) {
		if (!strcmp(argv[1], kinds[i].name))
			kinds[i].act();
	}
	return 2;
}
