/* SPDX-License-Identifier: ISC */
/*
 * What a command costs that runs another one, beside a start of that other one alone. The ways take turns in one run,
 * in a new random order each round. What is told is what a way adds to the child alone.
 *
 *	command CHILD HOLD ROUNDS
 */
#include "figures.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS = 16 };

/* %H: the path of hold, %C: that of the child. The first one is the child alone. */
static struct way {
	const char *name, *line;
	char text[4096];
	char *words[WORDS];
	struct figures times;
} ways[] = {
	{ .name = "the child alone", .line = "%C" },
	{ .name = "timeout 10", .line = "timeout 10 %C" },
	{ .name = "hold timeout 10", .line = "%H timeout 10 %C" },
	{ .name = "hold run --contain none", .line = "%H run --contain none %C" },
	{ .name = "hold run --contain keeper", .line = "%H run --contain keeper %C" },
	{ .name = "hold run", .line = "%H run %C" },
	{ .name = "hold run -t", .line = "%H run -t %C" },
	{ .name = "hold run -t --contain none", .line = "%H run -t --contain none %C" },
	{ .name = "hold nice", .line = "%H nice -n 1 %C" },
	{ .name = "nice", .line = "nice -n 1 %C" },
	{ .name = "setsid", .line = "setsid -w %C" },
	{ .name = "tini", .line = "tini -s %C" },
	{ .name = "script", .line = "script -qec %C /dev/null" },
	{ .name = "systemd-run", .line = "systemd-run --scope -q %C" },
};

enum { WAYS = sizeof ways / sizeof *ways, ALONE = 0, TIMEOUT = 1 };

extern char **environ;

static void prepare(struct way *way, const char *child, const char *hold) {
	size_t count = 0;
	char *to = way->text, *rest = NULL;

	for (const char *from = way->line; *from; from++) {
		if (from[0] == '%')
			to = stpcpy(to, *++from == 'H' ? hold : child);
		else
			*to++ = *from;
	}
	*to = 0;
	for (char *word = strtok_r(way->text, " ", &rest); word && count < WORDS - 1; word = strtok_r(NULL, " ", &rest))
		way->words[count++] = word;
}

/* Output is thrown away, and there is no terminal to be had. Returns the exit status; -1: there is no such command. */
static int run_once(struct way *way) {
	posix_spawn_file_actions_t actions;
	int status, error;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	for (int fd = 0; fd <= 2; fd++)
		posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
	error = posix_spawnp(&pid, way->words[0], &actions, NULL, way->words, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void measure(int rounds) {
	int order[WAYS], count = 0;

	for (int i = 0; i < WAYS; i++) {
		if (run_once(&ways[i]) == 0)
			order[count++] = i;
		else
			printf("  %-34s cannot be run here\n", ways[i].name);
	}
	for (int round = 0; round < rounds; round++) {
		shuffle(order, count);
		for (int i = 0; i < count; i++) {
			const int64_t begun = now_ns();

			run_once(&ways[order[i]]);
			figures_add(&ways[order[i]].times, now_ns() - begun);
		}
	}
}

/* What it adds: the median, or the least, which other work of the machine touches less. */
static double added(struct way *way, double fraction) {
	return figures_at(&way->times, fraction) - figures_at(&ways[ALONE].times, fraction);
}

static void expect(const char *name, double most) {
	for (int i = 0; i < WAYS; i++) {
		if (strcmp(ways[i].name, name) == 0 && ways[i].times.count && ways[TIMEOUT].times.count)
			expect_at_most(name, added(&ways[i], 0.5) / added(&ways[TIMEOUT], 0.5), most);
	}
}

static void print(void) {
	printf("  %-34s %12s %12s   %s\n", "added, in us", "median", "least", "of timeout 10: median, least");
	for (int i = 0; i < WAYS; i++) {
		if (!ways[i].times.count || i == ALONE)
			continue;
		printf("  %-34s %12.1f %12.1f   %.2f %.2f\n", ways[i].name, added(&ways[i], 0.5) / 1e3,
		       added(&ways[i], 0) / 1e3, added(&ways[i], 0.5) / added(&ways[TIMEOUT], 0.5),
		       added(&ways[i], 0) / added(&ways[TIMEOUT], 0));
		figures_record("command", ways[i].name, i, added(&ways[i], 0.5), 0);
	}
}

int main(int argc, char **argv) {
	const int rounds = argc > 3 ? atoi(argv[3]) : 0;

	if (rounds < 1) {
		fprintf(stderr, "usage: command CHILD HOLD ROUNDS\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 0; i < WAYS; i++)
		prepare(&ways[i], argv[1], argv[2]);
	printf("what a command adds to the start of a child, %d rounds\n", rounds);
	measure(rounds);
	print();
	expect("hold run --contain none", 0.35);
	expect("hold run --contain keeper", 0.60);
	expect("hold run", 0.75);
	expect("hold timeout 10", 0.75);
	expect("hold run -t", 0.90);
	printf("\n%d missed\n", expectations_missed());
	return expectations_missed() > 0;
}
