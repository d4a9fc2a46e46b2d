/* SPDX-License-Identifier: ISC */
/*
 * What a start costs: hold_spawn beside the bare system calls, posix_spawn, fork and forkpty, each with a child that
 * only exits, from the start to the child reaped and all closed again. The ways take turns in one run, in an order
 * drawn anew each round; what is printed are medians and their ratio to the floor. How large this program is (MiB of
 * memory that it has touched) and how many descriptors it has open are varied, since fork copies what describes the
 * one, and all but a start that cuts the table copy the other.
 *
 *	start CHILD ROUNDS MIB:DESCRIPTORS...
 */
#include <pidhold.h>

#include <fcntl.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const char *child;
static char *child_argv[2];

static void fail(const char *what) {
	perror(what);
	exit(1);
}

static void wait_for(int pidfd) {
	siginfo_t info;

	if (waitid((idtype_t)3 /* P_PIDFD */, (id_t)pidfd, &info, WEXITED) < 0)
		fail("waitid");
	close(pidfd);
}

static int execute(void *unused) {
	(void)unused;
	execve(child, child_argv, environ);
	_exit(127);
}

/* The floor: clone with VM, VFORK and PIDFD, execve, waitid, and nothing else. */
static void bare(void) {
	static char stack[16384] __attribute__((aligned(16)));
	int pidfd;

	if (clone(execute, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, NULL, &pidfd) < 0)
		fail("clone");
	wait_for(pidfd);
}

/* The same and the opening and closing of a terminal, which a start on a terminal cannot do without. */
static void bare_and_terminal(void) {
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), unlock = 0, peer;

	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) < 0)
		fail("/dev/ptmx");
	peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	bare();
	close(peer);
	close(master);
}

static void hold_it(const struct hold_terminal *terminal) {
	struct hold_options options = { .size = sizeof options, .terminal = terminal };
	struct hold *h;

	options.argv = (const char *const *)child_argv;
	if (hold_spawn(&h, &options, NULL) < 0)
		fail("hold_spawn");
	hold_wait(h, HOLD_FOREVER, NULL);
	hold_release(h);
}

static void hold_plain(void) {
	hold_it(NULL);
}

static void hold_on_terminal(void) {
	const struct hold_terminal terminal = { .size = sizeof terminal };

	hold_it(&terminal);
}

static void by_posix_spawn(void) {
	pid_t pid;

	if (posix_spawn(&pid, child, NULL, NULL, child_argv, environ) != 0)
		fail("posix_spawn");
	waitpid(pid, NULL, 0);
}

static void by_fork(void) {
	pid_t pid = fork();

	if (pid == 0)
		execute(NULL);
	if (pid < 0)
		fail("fork");
	waitpid(pid, NULL, 0);
}

static void by_forkpty(void) {
	int master;
	pid_t pid = forkpty(&master, NULL, NULL, NULL);

	if (pid == 0)
		execute(NULL);
	if (pid < 0)
		fail("forkpty");
	waitpid(pid, NULL, 0);
	close(master);
}

static const struct way {
	const char *name;
	void (*start)(void);
	int floor; /* the way to which it is compared */
} ways[] = {
	{ "bare calls", bare, 0 },
	{ "hold_spawn", hold_plain, 0 },
	{ "posix_spawn", by_posix_spawn, 0 },
	{ "fork, exec", by_fork, 0 },
	{ "bare calls, a terminal", bare_and_terminal, 4 },
	{ "hold_spawn on a terminal", hold_on_terminal, 4 },
	{ "forkpty, exec", by_forkpty, 4 },
};

enum { WAYS = sizeof ways / sizeof *ways };

static int64_t now_ns(void) {
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int compare(const void *one, const void *other) {
	const int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

	return (a > b) - (a < b);
}

static void shuffle(int *order) {
	for (int i = WAYS - 1; i > 0; i--) {
		int j = rand() % (i + 1), kept = order[i];

		order[i] = order[j];
		order[j] = kept;
	}
}

static void measure(int rounds) {
	int64_t *times[WAYS], begun, median[WAYS];
	int order[WAYS];

	for (int i = 0; i < WAYS; i++) {
		times[i] = calloc((size_t)rounds, sizeof **times);
		order[i] = i;
		ways[i].start(); /* what is done once in a process is done now */
	}
	for (int round = 0; round < rounds; round++) {
		shuffle(order);
		for (int i = 0; i < WAYS; i++) {
			begun = now_ns();
			ways[order[i]].start();
			times[order[i]][round] = now_ns() - begun;
		}
	}
	for (int i = 0; i < WAYS; i++) {
		qsort(times[i], (size_t)rounds, sizeof **times, compare);
		median[i] = times[i][rounds / 2];
		printf("  %-26s %9.1f us   %7.2f of %s\n", ways[i].name, (double)median[i] / 1e3,
		       (double)median[i] / (double)median[ways[i].floor], ways[ways[i].floor].name);
		free(times[i]);
	}
}

/* Descriptors up to `count` in all; those that are there are left alone. */
static void open_up_to(int count) {
	for (int fd = 0; fd >= 0 && fd < count - 1;)
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void close_above(int highest) {
	for (int fd = highest + 1; fd < 1000000 && (fcntl(fd, F_GETFD) >= 0); fd++)
		close(fd);
}

int main(int argc, char **argv) {
	const int rounds = argc > 3 ? atoi(argv[2]) : 0;
	int descriptors, highest;
	void *memory;
	size_t size;
	int mib;

	if (rounds < 1) {
		fprintf(stderr, "usage: start CHILD ROUNDS MIB:DESCRIPTORS...\n");
		return 2;
	}
	child = child_argv[0] = argv[1];
	hold_reserve();
	highest = dup(2);
	close(highest--);
	for (int i = 3; i < argc; i++) {
		if (sscanf(argv[i], "%d:%d", &mib, &descriptors) != 2)
			return 2;
		size = (size_t)mib << 20;
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (memory == MAP_FAILED)
			fail("mmap");
		madvise(memory, size, MADV_NOHUGEPAGE);
		memset(memory, 1, size);
		open_up_to(descriptors);
		printf("start to end of a child that exits, from %d MiB and %d descriptors, medians of %d rounds\n",
		       mib, descriptors, rounds);
		measure(rounds);
		close_above(highest);
		munmap(memory, size);
	}
	return 0;
}
