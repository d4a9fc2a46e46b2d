/* SPDX-License-Identifier: ISC */
/*
 * soak PROGRAM [COUNT [LIVE]]: COUNT processes, LIVE of them at once, of which a quarter of the starts fail. Afterwards
 * nothing of them is left: no descriptor, child or control group, and no more memory than after the first half.
 * PROGRAM is tests/actors/exit-with.c.
 */
#define CHECK_SECONDS 20000
#include "../check.h"
#include "../free-memory.h"
#include "../../bench/capped.h"

#include <pidhold.h>

#include <sys/resource.h>

enum {
	SPARE = 300,
	FDS_A_KEPT = 3,    /* descriptors of a hold with a keeper */
	KEPT_SHARE = 8,    /* one in so many has a keeper, */
	DEAR_SHARE = 32,   /* one in so many a control group or a PID namespace */
	GROWTH_KIB = 1024, /* of the resident size from half to end */
	BYTES_A_PROCESS = 200 * 1024
};

static const char *program;
static long wanted = 20000, live = 200, failing, started;
static bool has_groups, has_namespaces;
static uint64_t state = 88172645463325252u;

static uint64_t below(uint64_t limit) {
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 20) % limit;
}

static long resident_kib(void) {
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	CHECK(file && fscanf(file, "%*d %ld", &pages) == 1);
	fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static int count_children(void) {
	char path[64], word[32];
	int count = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	file = fopen(path, "r");
	while (file && fscanf(file, "%31s", word) == 1)
		count++;
	if (file)
		fclose(file);
	return count;
}

/* Directories that this process made in its group, whose names have its number. */
static int count_groups(void) {
	const char *own = own_group_of_version_2();
	char name[32];
	DIR *directory = own ? opendir(own) : NULL;
	struct dirent *entry;
	int count = 0;

	snprintf(name, sizeof name, "pidhold-%d-", (int)getpid());
	while (directory && (entry = readdir(directory)))
		count += !strncmp(entry->d_name, name, strlen(name));
	if (directory)
		closedir(directory);
	return count;
}

static int draw_containment(void) {
	if (below(DEAR_SHARE) == 0) {
		if (has_groups && below(2))
			return HOLD_CONTAIN_CGROUP;
		if (has_namespaces)
			return HOLD_CONTAIN_PIDNS;
	}
	return below(KEPT_SHARE) ? HOLD_CONTAIN_NONE : HOLD_CONTAIN_KEEPER;
}

static void fail_to_start(void) {
	const char *const argv[] = { below(2) ? "/nonexistent/program" : program, NULL };
	const struct hold_options options = {
		.size = sizeof options,
		.argv = argv,
		.contain = draw_containment(),
		.directory = argv[0] == program ? "/nonexistent/directory" : NULL,
	};
	struct hold *h = NULL;

	CHECK_EQ(hold_spawn(&h, &options, NULL), -ENOENT);
	CHECK(!h);
	failing++;
}

static struct hold *start(void) {
	const char *const argv[] = { program, NULL };
	const struct hold_options options = {
		.size = sizeof options, .argv = argv, .contain = draw_containment(), .on_release = HOLD_ON_RELEASE_KILL
	};
	struct hold_error error = { .size = sizeof error };
	struct hold *h;
	const int result = hold_spawn(&h, &options, &error);

	if (result == -EAGAIN || result == -ENOMEM)
		SKIP("so many processes are not allowed here");
	if (result < 0)
		printf("# %s at %s %s\n", strerror(-result), hold_step_name(error.step), error.object);
	CHECK_EQ(result, 0);
	started++;
	return h;
}

static void end(struct hold *h) {
	struct hold_status status = { .size = sizeof status };
	const int signal = below(2) ? SIGTERM : SIGKILL;

	if (h && below(4)) {
		CHECK_EQ(hold_wait(h, HOLD_NOW, NULL), HOLD_PENDING);
		CHECK_EQ(hold_signal(h, signal), 0);
		CHECK_EQ(hold_wait(h, HOLD_FOREVER, &status), 0);
		CHECK_EQ(status.how, HOLD_HOW_SIGNALLED);
		CHECK_EQ(status.code, signal);
	}
	hold_release(h);
}

/* A ring of those that live: each start ends the one that is in its place. */
static void run_half(struct hold **ring, long count) {
	long at = 0;

	while (started + failing < count) {
		if (below(4) == 0) {
			fail_to_start();
			continue;
		}
		end(ring[at]);
		ring[at] = start();
		at = (at + 1) % live;
	}
	for (at = 0; at < live; at++) {
		end(ring[at]);
		ring[at] = NULL;
	}
}

static void need_limits(void) {
	struct rlimit limit;
	long affordable;

	CHECK_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	affordable = ((long)limit.rlim_max - SPARE) * KEPT_SHARE / (KEPT_SHARE - 1 + 2 * FDS_A_KEPT);
	if (limit.rlim_max != RLIM_INFINITY && live > affordable)
		SKIP("so many descriptors are not allowed here");
}

static bool is_to_be_had(int contain) {
	const char *const argv[] = { program, "0", NULL };
	const struct hold_options options = { .size = sizeof options, .argv = argv, .contain = contain };
	struct hold *h;

	if (hold_spawn(&h, &options, NULL) < 0)
		return false;
	hold_release(h);
	return true;
}

TEST("a program that starts processes for long has nothing of them left, though a quarter of its starts fail") {
	struct hold **ring = calloc((size_t)live, sizeof(struct hold *));
	struct check_state before, after;
	long half, whole;

	CHECK(ring);
	need_limits();
	need_memory((long long)live * BYTES_A_PROCESS);
	if (!capped_begin((int)live * 2 + SPARE))
		SKIP("no group with a limit can be made for a large victim");
	has_groups = is_to_be_had(HOLD_CONTAIN_CGROUP);
	has_namespaces = is_to_be_had(HOLD_CONTAIN_PIDNS);
	run_half(ring, wanted / 2);
	check_observe(&before);
	half = resident_kib();
	run_half(ring, wanted);
	check_observe(&after);
	whole = resident_kib();
	printf("# %ld starts and %ld that failed, %ld at once; %ld KiB after half of them, %ld KiB after all\n",
	       started, failing, live, half, whole);
	capped_end();
	CHECK(memcmp(before.descriptors, after.descriptors, sizeof before.descriptors) == 0);
	CHECK_EQ(count_children(), 0);
	CHECK_EQ(count_groups(), 0);
	CHECK(whole - half < GROWTH_KIB);
	free(ring);
}

int main(int argc, char **argv) {
	if (argc < 2)
		return 2;
	program = argv[1];
	if (argc > 2)
		wanted = atol(argv[2]);
	live = argc > 3 ? atol(argv[3]) : wanted / 100;
	hold_fds_reserve();
	return check_run("");
}
