/* SPDX-License-Identifier: ISC */
/* The files of control groups, good and bad, in an ordinary directory that looks like a group. */
#include "../check.h"

#include "os/cgroup-leaf.h"
#include "os/cgroup-limits.h"
#include "os/cgroup-numbers.h"

#include <fcntl.h>
#include <sys/stat.h>

static char directory[32];

static int begin(void) {
	strcpy(directory, "/tmp/pidhold-unit-XXXXXX");
	CHECK(mkdtemp(directory));
	return open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void put(int group, const char *name, const char *text) {
	const int fd = openat(group, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, text, strlen(text)), (long)strlen(text));
	close(fd);
}

static void check_text(int group, const char *name, const char *wanted) {
	char text[64] = "";
	const int fd = openat(group, name, O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	CHECK(read(fd, text, sizeof text - 1) >= 0);
	CHECK_STRING(text, wanted);
	close(fd);
}

static void end(int group) {
	static const char *const names[] = {
		"file",
		"memory.peak",
		"cpu.stat",
		"io.stat",
		"pids.peak",
		"pids.events",
		"memory.events",
		"cgroup.subtree_control",
		"cgroup.procs",
		"cgroup.type",
		"cgroup.controllers",
		"memory.max",
		"memory.high",
		"memory.swap.max",
		"memory.oom.group",
		"pids.max",
		"cpu.max",
		"io.weight",
		"io.max",
		"cpuset.cpus",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unlinkat(group, names[i], 0);
	unlinkat(group, "file", AT_REMOVEDIR);
	close(group);
	CHECK_EQ(rmdir(directory), 0);
}

static int64_t number_in(const char *text, const char *key) {
	const int group = begin();
	int64_t number;

	put(group, "file", text);
	number = cgroup_number(group, "file", key);
	end(group);
	return number;
}

TEST("a number is found in each form of file") {
	CHECK_EQ(number_in("4096\n", ""), 4096);
	CHECK_EQ(number_in("4096", ""), 4096);
	CHECK_EQ(number_in("low 1\noom 2\noom_kill 3\noom_group_kill 4\n", "oom_kill"), 3);
	CHECK_EQ(number_in("low 1\noom 2", "oom"), 2);
	CHECK_EQ(number_in("9223372036854775799\n", ""), INT64_MAX - 8);
}

TEST("the numbers of all disks are added") {
	CHECK_EQ(number_in("8:0 rbytes=10 wbytes=20 rios=1\n8:16 rbytes=5 wbytes=0 rios=9\n", "rbytes"), 15);
	CHECK_EQ(number_in("8:0 \n8:16 rbytes=5\n", "rbytes"), 5);
}

TEST("what is no number is not taken for one") {
	CHECK_EQ(number_in("", ""), -ENODATA);
	CHECK_EQ(number_in("\n\n", ""), -ENODATA);
	CHECK_EQ(number_in("max\n", ""), -ENODATA);
	CHECK_EQ(number_in("max 7\n", ""), -ENODATA);
	CHECK_EQ(number_in("-5\n", ""), -ENODATA);
	CHECK_EQ(number_in("oom_kill\n", "oom_kill"), -ENODATA);
	CHECK_EQ(number_in("oom_kill x\n", "oom_kill"), -ENODATA);
	CHECK_EQ(number_in("oom_kills 3\noom_kil 3\n", "oom_kill"), -ENODATA);
	CHECK_EQ(number_in("oom_kill 00000000000000000000000000000000000000003\n", "oom_kill"), -ENODATA);
}

TEST("a number that is too large is an error") {
	CHECK_EQ(number_in("9223372036854775808\n", ""), -ERANGE);
	CHECK_EQ(number_in("a=9223372036854775799 a=9\n", "a"), -ERANGE);
}

TEST("a file that is missing or cannot be read is an error") {
	const int group = begin();

	CHECK_EQ(cgroup_number(group, "file", ""), -ENOENT);
	CHECK_EQ(mkdirat(group, "file", 0700), 0);
	CHECK_EQ(cgroup_number(group, "file", ""), -EISDIR);
	end(group);
}

TEST("what a group does not count is unknown, and what it has not read is 0") {
	struct os_tree_use use;
	const int group = begin();

	cgroup_read_use(group, &use);
	CHECK_EQ(use.memory_peak_kib, -1);
	CHECK_EQ(use.user_us, -1);
	CHECK_EQ(use.read_bytes, -1);
	CHECK_EQ(use.tasks_peak, -1);
	CHECK_EQ(use.oom_kills, -1);
	put(group, "memory.peak", "8192\n");
	put(group, "cpu.stat", "usage_usec 9\nuser_usec 5\nsystem_usec 4\n");
	put(group, "io.stat", "");
	put(group, "pids.events", "max 2\n");
	cgroup_read_use(group, &use);
	CHECK_EQ(use.memory_peak_kib, 8);
	CHECK_EQ(use.user_us, 5);
	CHECK_EQ(use.system_us, 4);
	CHECK_EQ(use.read_bytes, 0);
	CHECK_EQ(use.tasks_refused, 2);
	end(group);
}

/* ---- limits ---- */

static void check_not_enabled(int group, bool may_enable, int error, const char *limit) {
	const struct os_group_limits limits = { .memory = 4096, .tasks = 7 };
	struct os_refusal why = { .limit = NULL };

	CHECK_EQ(cgroup_enable(group, &limits, may_enable, &why), error);
	CHECK_STRING(why.limit, limit);
	CHECK(why.need);
}

TEST("a limit whose controller is not there is refused by its name") {
	const int group = begin();

	check_not_enabled(group, true, -ENOENT, "memory");
	put(group, "cgroup.subtree_control", "memory\n");
	put(group, "cgroup.controllers", "cpuset memory hugetlb mypids pidsx\n");
	check_not_enabled(group, true, -EOPNOTSUPP, "tasks");
	put(group, "cgroup.controllers", "");
	check_not_enabled(group, true, -EOPNOTSUPP, "tasks");
	end(group);
}

TEST("no controller is enabled in a group that has a process, or for a caller that may not") {
	const int group = begin();

	put(group, "cgroup.subtree_control", "cpu memory\n");
	put(group, "cgroup.controllers", "cpu memory pids\n");
	put(group, "cgroup.type", "domain\n");
	put(group, "cgroup.procs", "0\n"); /* of another PID namespace */
	check_not_enabled(group, true, -EBUSY, "tasks");
	put(group, "cgroup.procs", "");
	check_not_enabled(group, false, -EBUSY, "tasks");
	check_text(group, "cgroup.subtree_control", "cpu memory\n");
	end(group);
}

TEST("a controller is enabled in a group without processes") {
	const struct os_group_limits limits = { .memory = 4096, .tasks = 7 };
	struct os_refusal why;
	const int group = begin();

	put(group, "cgroup.subtree_control", "io memory\n");
	put(group, "cgroup.controllers", "io memory pids\n");
	put(group, "cgroup.type", "domain\n");
	put(group, "cgroup.procs", "");
	CHECK_EQ(cgroup_enable(group, &limits, true, &why), 0);
	check_text(group, "cgroup.subtree_control", "+pidsmory\n"); /* an ordinary file: it is written over */
	end(group);
}

static void check_not_limited(int group, const struct os_group_limits *limits, int error, const char *limit) {
	struct os_refusal why = { .limit = NULL };

	CHECK_EQ(cgroup_limit(group, limits, &why), error);
	CHECK_STRING(why.limit, limit);
	CHECK(why.need);
}

TEST("each limit has its file, and one whose file is missing is refused") {
	const struct os_group_limits limits = {
		.memory = 4096, .tasks = 7, .milli_cpus = 1500, .io_weight = 50, .cpu_time_us = 9
	};
	static const struct {
		const char *missing, *limit, *text;
	} files[] = {
		{ "memory.max", "memory", "4096" },     { "memory.swap.max", "memory", "0" },
		{ "memory.oom.group", "memory", "1" },  { "pids.max", "tasks", "7" },
		{ "cpu.max", "cpus", "150000 100000" }, { "io.weight", "io_weight", "default 50" },
	};
	struct os_refusal why;
	const int group = begin();

	put(group, "cgroup.type", "domain\n");
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		if (strcmp(files[i].missing, "memory.swap.max") != 0 || access("/proc/swaps", F_OK) == 0)
			check_not_limited(group, &limits, -ENOENT, files[i].limit);
		put(group, files[i].missing, "");
	}
	check_not_limited(group, &limits, -ENOENT, "cpu_time");
	put(group, "cpu.stat", "garbage\n");
	check_not_limited(group, &limits, -ENODATA, "cpu_time");
	put(group, "cpu.stat", "usage_usec 0\n");
	CHECK_EQ(cgroup_limit(group, &limits, &why), 0);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		check_text(group, files[i].missing, files[i].text);
	end(group);
}

TEST("a group that can have no processes is refused, whatever its controllers") {
	const struct os_group_limits limits = { .tasks = 7 };
	const int group = begin();

	check_not_limited(group, &limits, -ENOENT, "tasks");
	put(group, "pids.max", "");
	put(group, "cgroup.type", "domain invalid\n");
	check_not_limited(group, &limits, -EOPNOTSUPP, "tasks");
	check_text(group, "pids.max", "");
	end(group);
}

TEST("a group bounds its processes if one of its files does, or cannot be read") {
	static const char *const names[] = { "memory.max", "memory.high", "memory.swap.max", "pids.max" };
	const int group = begin();

	CHECK(cgroup_is_unbounded(group));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		put(group, names[i], "max\n");
		CHECK(cgroup_is_unbounded(group));
		put(group, names[i], "4096\n");
		CHECK(!cgroup_is_unbounded(group));
		unlinkat(group, names[i], 0);
	}
	put(group, "cpu.max", "max 100000\n");
	put(group, "io.max", "");
	put(group, "cpuset.cpus", "\n");
	CHECK(cgroup_is_unbounded(group));
	put(group, "io.max", "8:0 rbps=1000 wbps=max riops=max wiops=max\n");
	CHECK(!cgroup_is_unbounded(group));
	put(group, "io.max", "");
	put(group, "cpuset.cpus", "0-1\n");
	CHECK(!cgroup_is_unbounded(group));
	put(group, "cpuset.cpus", "\n");
	CHECK_EQ(mkdirat(group, "file", 0700), 0);
	CHECK_EQ(renameat(group, "file", group, "memory.max"), 0);
	CHECK(!cgroup_is_unbounded(group));
	CHECK_EQ(unlinkat(group, "memory.max", AT_REMOVEDIR), 0);
	end(group);
}

/* ---- leaves ---- */

TEST("a process is alone in a group if that lists it, and no other number") {
	char own[32], both[64];
	const int group = begin();

	CHECK(!cgroup_is_alone(group));
	put(group, "cgroup.procs", "");
	CHECK(!cgroup_is_alone(group));
	snprintf(own, sizeof own, "%d\n", getpid());
	snprintf(both, sizeof both, "%s0\n", own);
	put(group, "cgroup.procs", both);
	CHECK(!cgroup_is_alone(group));
	put(group, "cgroup.procs", "1\n");
	CHECK(!cgroup_is_alone(group));
	put(group, "cgroup.procs", own);
	CHECK(cgroup_is_alone(group));
	end(group);
}

TEST("a leaf is not left while another group or process is there") {
	const int group = begin();

	put(group, "cgroup.subtree_control", "memory\n");
	put(group, "cgroup.procs", "");
	CHECK_EQ(cgroup_leave_leaf(group), -EBUSY);
	CHECK_EQ(mkdirat(group, CGROUP_LEAF "1", 0700), 0);
	CHECK_EQ(cgroup_leave_leaf(group), -EBUSY); /* this process is not in it */
	CHECK_EQ(mkdirat(group, "other", 0700), 0);
	CHECK_EQ(cgroup_leave_leaf(group), -EBUSY);
	check_text(group, "cgroup.subtree_control", "memory\n");
	unlinkat(group, "other", AT_REMOVEDIR);
	unlinkat(group, CGROUP_LEAF "1", AT_REMOVEDIR);
	end(group);
}

CHECK_MAIN
