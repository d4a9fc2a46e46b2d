/* SPDX-License-Identifier: ISC */
/*
 * The time from a child's exit until it is known, the cost of a signal through a hold, and that of an exit among many
 * children. The ways take turns in one run; medians are printed.
 *
 *	exit CHILD-THAT-TELLS CHILD-THAT-STAYS ROUNDS
 */
#include "figures.h"

#include <pidhold.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct hold *start(const char *child, int kind) {
	static const char *const argv[] = { "child", NULL };
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.program = child,
		.argv = argv,
		.in = { .kind = kind },
		.out = { .kind = kind },
	};
	struct hold *h;

	if (hold_spawn(&h, &options, NULL) < 0)
		fail("hold_spawn");
	return h;
}

/* ---- from exit to notification ---- */

static void wait_by_waitid(struct hold *h) {
	siginfo_t info;

	if (waitid((idtype_t)3 /* P_PIDFD */, (id_t)hold_fd(h), &info, WEXITED) < 0)
		fail("waitid");
}

static void wait_by_hold(struct hold *h) {
	struct hold_status status = { .size = sizeof status };

	hold_wait(h, HOLD_FOREVER, &status);
}

static void wait_by_poll(struct hold *h) {
	struct pollfd fd = { hold_fd(h), POLLIN, 0 };

	poll(&fd, 1, -1);
	wait_by_hold(h);
}

static const struct {
	const char *name;
	void (*wait)(struct hold *h);
} waits[] = {
	{ "waitid on a pidfd", wait_by_waitid },
	{ "hold_wait", wait_by_hold },
	{ "poll on hold_fd, hold_wait", wait_by_poll },
};

enum { WAITS = sizeof waits / sizeof *waits };

static int64_t time_to_notification(const char *child, int way) {
	struct hold *h = start(child, HOLD_STDIO_PIPE);
	struct timespec exited;
	int64_t noticed;

	if (write(hold_stream(h, 0), "", 1) != 1)
		fail("write");
	waits[way].wait(h);
	noticed = now_ns();
	if (read(hold_stream(h, 1), &exited, sizeof exited) != sizeof exited)
		fail("read");
	hold_release(h);
	return noticed - ((int64_t)exited.tv_sec * 1000000000 + exited.tv_nsec);
}

static void measure_notification(const char *child, int rounds) {
	struct figures figures[WAITS] = { { 0 } };
	int order[WAITS] = { 0, 1, 2 };

	for (int round = 0; round < rounds; round++) {
		shuffle(order, WAITS);
		for (int i = 0; i < WAITS; i++)
			figures_add(&figures[order[i]], time_to_notification(child, order[i]));
	}
	printf("from a child's exit to its being known and reaped, %d rounds\n", rounds);
	for (int i = 0; i < WAITS; i++)
		printf("  %-34s %8.1f us  (%.1f, %.1f)\n", waits[i].name, figures_at(&figures[i], 0.5) / 1e3,
		       figures_at(&figures[i], 0.25) / 1e3, figures_at(&figures[i], 0.75) / 1e3);
	expect_at_most("hold_wait, of waitid", figures_at(&figures[1], 0.5) / figures_at(&figures[0], 0.5), 1.15);
	expect_at_most("poll and hold_wait, of waitid", figures_at(&figures[2], 0.5) / figures_at(&figures[0], 0.5),
		       1.15);
}

/* ---- a signal ---- */

enum { SIGNALS = 1000 };

static void measure_signal(const char *child, int rounds) {
	struct hold *h = start(child, HOLD_STDIO_NULL);
	const pid_t pid = (pid_t)hold_pid(h);
	struct figures ours = { 0 }, theirs = { 0 };
	int64_t begun;

	for (int round = 0; round < rounds; round++) {
		begun = now_ns();
		for (int i = 0; i < SIGNALS; i++)
			hold_signal(h, SIGCONT); /* has no effect on a process that is not stopped */
		figures_add(&ours, (now_ns() - begun) * 10 / SIGNALS);
		begun = now_ns();
		for (int i = 0; i < SIGNALS; i++)
			kill(pid, SIGCONT);
		figures_add(&theirs, (now_ns() - begun) * 10 / SIGNALS);
	}
	printf("\na signal, %d rounds of %d\n", rounds, SIGNALS);
	printf("  %-34s %8.1f ns\n  %-34s %8.1f ns\n", "hold_signal", figures_at(&ours, 0.5) / 10, "kill",
	       figures_at(&theirs, 0.5) / 10);
	expect_at_most("hold_signal, of kill", figures_at(&ours, 0.5) / figures_at(&theirs, 0.5), 1.05);
	hold_signal(h, SIGKILL);
	hold_wait(h, HOLD_FOREVER, NULL);
	hold_release(h);
}

/* ---- an exit among many ---- */

enum { FEW = 10, MOST = 10000, EXITS = 300 };

/* The processor time of this thread for the end of one child, from the wait for it to the release of its hold. */
static int64_t end_one(struct hold_waitset *set, struct hold *h) {
	struct hold *ended;
	int64_t begun;

	hold_signal(h, SIGKILL);
	begun = thread_cpu_ns();
	if (hold_waitset_next(set, HOLD_FOREVER, &ended, NULL) != 0 || ended != h) {
		fprintf(stderr, "another one has ended\n");
		exit(2);
	}
	hold_wait(ended, HOLD_FOREVER, NULL);
	hold_release(ended);
	return thread_cpu_ns() - begun;
}

static void end_among(const char *child, int count, struct figures *figures) {
	struct hold **holds = calloc((size_t)count, sizeof *holds);
	struct hold_waitset *set;
	int victim;

	if (!holds || hold_waitset_new(&set) < 0)
		fail("a set");
	for (int i = 0; i < count; i++) {
		holds[i] = start(child, HOLD_STDIO_NULL);
		if (hold_waitset_add(set, holds[i], NULL) < 0)
			fail("hold_waitset_add");
	}
	for (int i = 0; i < EXITS; i++) {
		victim = rand() % count;
		figures_add(figures, end_one(set, holds[victim]));
		holds[victim] = start(child, HOLD_STDIO_NULL);
		hold_waitset_add(set, holds[victim], NULL);
	}
	for (int i = 0; i < count; i++)
		end_one(set, holds[i]);
	hold_waitset_free(set);
	free(holds);
}

static void measure_among_many(const char *child) {
	struct figures few = { 0 }, many = { 0 };
	struct rlimit files;
	int most = MOST;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur < MOST + 100)
		most = (int)files.rlim_cur - 100;
	for (int sweep = 0; sweep < 3; sweep++) {
		end_among(child, FEW, &few);
		end_among(child, most, &many);
	}
	figures_record("exits", "hold_waitset_next", FEW, figures_at(&few, 0.5), 0);
	figures_record("exits", "hold_waitset_next", most, figures_at(&many, 0.5), 0);
	printf("\nthe processor time that an exit costs us, among %d and among %d children\n", FEW, most);
	printf("  %-34s %8.1f us, %.1f us\n", "hold_waitset_next, _wait, _release", figures_at(&few, 0.5) / 1e3,
	       figures_at(&many, 0.5) / 1e3);
	expect_at_most("among many, of among few", figures_at(&many, 0.5) / figures_at(&few, 0.5), 1.50);
}

int main(int argc, char **argv) {
	const int rounds = argc > 3 ? atoi(argv[3]) : 0;

	if (rounds < 1) {
		fprintf(stderr, "usage: exit CHILD-THAT-TELLS CHILD-THAT-STAYS ROUNDS\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	measure_notification(argv[1], rounds);
	measure_signal(argv[2], rounds);
	measure_among_many(argv[2]);
	printf("\n%d missed\n", expectations_missed());
	return expectations_missed() > 0;
}
