/* SPDX-License-Identifier: ISC */
/*
 * storm HOLD MEMBER [--seconds N] [--seed N] [--workers N] [--attack PART] [--way NAME] [--write FILE]
 * prints a table of figures and one line of TAP. MEMBER is tests/edges/member.c.
 */
#include "storm.h"
#include "../../bench/capped.h"
#include "../edges/fence.h"

#include <sys/mman.h>

enum { WORKERS_MAX = 16, NOBODY = 65534, MOST = 1000 /* processes, ten times what is expected */ };

struct storm *storm;

static uint64_t state;

static uint64_t below(uint64_t limit) {
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 20) % limit;
}

/* Half of the attacks in the first instants, where a start is under way. */
static uint64_t random_delay(bool stays) {
	return below(2) ? below(8000) : below(stays ? 600000 : 60000);
}

static void run_random(const char *part, const char *way) {
	struct run run = { .status = 0 };

	do {
		run.attack = &attacks[below((uint64_t)attack_count)];
		run.way = (int)below(WAYS_MAX);
		run.is_user = below(3) == 0;
	} while (!storm->has_way[run.is_user][run.way] || !strstr(run.attack->name, part) ||
		 (way && strcmp(way, ways[run.way]) != 0));
	run.stays = below(2);
	run.has_terminal = below(3) == 0;
	run.delay_us = random_delay(run.stays);
	run.pause_us = 50000 + below(300000);
	run_once(&run);
}

/* Whether this containment is to be had here, by root and by a user. */
static bool is_to_be_had(int way, bool is_user) {
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (is_user && (setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
			_exit(99);
		if (!freopen("/dev/null", "w", stderr) || !freopen("/dev/null", "w", stdout))
			_exit(99);
		execl(storm->hold, storm->hold, "run", "--contain", ways[way], "--", storm->member, "exit", "7",
		      (char *)NULL);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

static void work(uint64_t seed, int index, const char *part, const char *way) {
	state = seed * 0x9E3779B97F4A7C15u + (uint64_t)index * 0xD1B54A32D192ED03u + 1;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	while (!atomic_load(&storm->is_over))
		run_random(part, way);
	fence_end_all();
	fflush(stdout);
	_exit(0);
}

int main(int argc, char **argv) {
	uint64_t seed = (uint64_t)time(NULL) ^ (uint64_t)getpid() << 32;
	const char *path = NULL, *part = "", *way = NULL;
	int seconds = 10, workers = 8, bad;
	bool is_capped;

	if (argc < 3)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 3; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--seconds"))
			seconds = atoi(argv[i + 1]);
		else if (!strcmp(argv[i], "--seed"))
			seed = strtoull(argv[i + 1], NULL, 10);
		else if (!strcmp(argv[i], "--workers"))
			workers = atoi(argv[i + 1]) < WORKERS_MAX ? atoi(argv[i + 1]) : WORKERS_MAX;
		else if (!strcmp(argv[i], "--attack"))
			part = argv[i + 1];
		else if (!strcmp(argv[i], "--way"))
			way = argv[i + 1];
		else if (!strcmp(argv[i], "--write"))
			path = argv[i + 1];
		else
			return 2;
	}
	storm = mmap(NULL, sizeof *storm, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (storm == MAP_FAILED)
		return 2;
	storm->hold = argv[1];
	storm->member = argv[2];
	for (int i = 0; i < WAYS_MAX && ways[i]; i++) {
		storm->has_way[0][i] = is_to_be_had(i, false);
		storm->has_way[1][i] = geteuid() == 0 && is_to_be_had(i, true);
	}
	printf("# --seed %llu\n", (unsigned long long)seed);
	if (!(is_capped = capped_begin(MOST)))
		printf("# no control group with a limit is to be had here\n");
	for (int i = 0; i < workers; i++) {
		fflush(stdout);
		if (fork() == 0)
			work(seed, i, part, way);
	}
	sleep((unsigned)seconds);
	atomic_store(&storm->is_over, true);
	while (wait(NULL) > 0)
		;
	if (is_capped)
		capped_end();
	bad = write_table(path, seed, seconds);
	printf("%s 1 - whichever is killed or stopped: hold ends, tells the truth and leaves nothing untold\n1..1\n",
	       bad ? "not ok" : "ok");
	return bad > 0;
}
