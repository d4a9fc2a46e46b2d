/* SPDX-License-Identifier: ISC */
/*
 * A group can have a limit if its controller is enabled in cgroup.subtree_control of the group above. The kernel lets a
 * controller be enabled there if it is available to that group, and, except in the root, if no process is in that
 * group. (It allows the threaded controllers, cpu and pids, also with processes: then the groups below can have no
 * processes of their own. So this file does not ask for that.)
 */
#include "cgroup-limits.h"
#include "calls.h"
#include "cgroup-numbers.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CPU_PERIOD_US = 100000 };

#define CPU_TIME "cpu_time"
#define NEEDS_ALONE "a delegated control group in which no process but the caller is"

struct kind {
	const char *limit, *controller, *need;
};

static const struct kind memory = { "memory", "memory", "the memory controller of cgroup version 2" };
static const struct kind tasks = { "tasks", "pids", "the pids controller of cgroup version 2" };
static const struct kind cpus = { "cpus", "cpu", "the cpu controller of cgroup version 2" };
static const struct kind io_weight = { "io_weight", "io", "the io controller of cgroup version 2" };

static int refuse_limit(struct os_refusal *ret_why, const char *limit, const char *need, int error) {
	*ret_why = (struct os_refusal){ .limit = limit, .need = need };
	return error;
}

/* Reads a small file, with a final NUL. -E2BIG: it is not small. */
static long read_file(int dirfd, const char *name, char *text, size_t size) {
	const int fd = (int)OS_CALL(SYS_openat, dirfd, name, O_RDONLY | O_CLOEXEC, 0, 0);
	long length;

	if (fd < 0)
		return fd;
	do
		length = call_read(fd, text, size);
	while (length == -EINTR);
	call_close(fd);
	if (length >= 0 && (size_t)length == size)
		return -E2BIG;
	text[length < 0 ? 0 : length] = 0;
	return length;
}

/* Whether a list of words, which spaces separate and a newline ends, has this word. */
static bool has_word(const char *list, const char *word) {
	const size_t length = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += length) {
		if ((at == list || at[-1] == ' ') && (!at[length] || strchr(" \n", at[length])))
			return true;
	}
	return false;
}

/* Also none of another PID namespace. */
static bool has_nobody(int dirfd) {
	char text[16];

	return read_file(dirfd, "cgroup.procs", text, sizeof text) == 0;
}

static bool is_root(int dirfd) {
	return OS_CALL(SYS_faccessat, dirfd, "cgroup.type", F_OK, 0, 0) == -ENOENT;
}

static int enable(int above, const struct kind *kind, bool may_enable, struct os_refusal *ret_why) {
	char list[512], word[16];
	long result = read_file(above, "cgroup.subtree_control", list, sizeof list);

	if (result >= 0 && has_word(list, kind->controller))
		return 0;
	if (result >= 0)
		result = read_file(above, "cgroup.controllers", list, sizeof list);
	if (result < 0 || !has_word(list, kind->controller))
		return refuse_limit(ret_why, kind->limit, kind->need, result < 0 ? (int)result : -EOPNOTSUPP);
	if (!may_enable || (!is_root(above) && !has_nobody(above)))
		return refuse_limit(ret_why, kind->limit, NEEDS_ALONE, -EBUSY);
	snprintf(word, sizeof word, "+%s", kind->controller);
	result = call_write_file(above, "cgroup.subtree_control", word, strlen(word));
	return result < 0 ? refuse_limit(ret_why, kind->limit, NEEDS_ALONE, (int)result) : 0;
}

int cgroup_enable(int above, const struct os_group_limits *limits, bool may_enable, struct os_refusal *ret_why) {
	int error = limits->memory ? enable(above, &memory, may_enable, ret_why) : 0;

	if (error == 0 && limits->tasks)
		error = enable(above, &tasks, may_enable, ret_why);
	if (error == 0 && limits->milli_cpus)
		error = enable(above, &cpus, may_enable, ret_why);
	if (error == 0 && limits->io_weight)
		error = enable(above, &io_weight, may_enable, ret_why);
	return error;
}

/* ---- the files ---- */

static int set(int dirfd, const char *file, const char *text) {
	return call_write_file(dirfd, file, text, strlen(text));
}

static int set_number(int dirfd, const char *file, uint64_t number) {
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, number);
	return set(dirfd, file, text);
}

/* A system without swap, which has no /proc/swaps, has no limit for it. */
static int forbid_swap(int dirfd) {
	const int error = set(dirfd, "memory.swap.max", "0");

	if (error == -ENOENT && OS_CALL(SYS_faccessat, AT_FDCWD, "/proc/swaps", F_OK, 0, 0) == -ENOENT)
		return 0;
	return error;
}

static int limit_memory(int dirfd, uint64_t bytes, struct os_refusal *ret_why) {
	int error = set_number(dirfd, "memory.max", bytes);

	if (error < 0)
		return refuse_limit(ret_why, memory.limit, memory.need, error);
	error = forbid_swap(dirfd);
	if (error < 0)
		return refuse_limit(ret_why, memory.limit, "memory.swap.max: the kernel's swap accounting", error);
	error = set(dirfd, "memory.oom.group", "1");
	return error < 0 ? refuse_limit(ret_why, memory.limit, "memory.oom.group: Linux 4.19", error) : 0;
}

static int limit_cpus(int dirfd, uint32_t milli_cpus) {
	char text[48];

	snprintf(text, sizeof text, "%" PRIu64 " %d", (uint64_t)milli_cpus * CPU_PERIOD_US / 1000, CPU_PERIOD_US);
	return set(dirfd, "cpu.max", text);
}

static int limit_io(int dirfd, uint32_t weight) {
	char text[24];

	snprintf(text, sizeof text, "default %" PRIu32, weight);
	return set(dirfd, "io.weight", text);
}

const char *cgroup_first_limit(const struct os_group_limits *limits) {
	return limits->memory       ? memory.limit
	       : limits->tasks      ? tasks.limit
	       : limits->milli_cpus ? cpus.limit
	       : limits->io_weight  ? io_weight.limit
				    : CPU_TIME;
}

/* Below a group that has processes and enabled the threaded controllers no group can have processes of its own. */
static int check_type(int dirfd) {
	char text[32];
	const long length = read_file(dirfd, "cgroup.type", text, sizeof text);

	return length < 0 ? (int)length : strcmp(text, "domain\n") == 0 ? 0 : -EOPNOTSUPP;
}

int cgroup_limit(int dirfd, const struct os_group_limits *limits, struct os_refusal *ret_why) {
	int64_t number;
	int error = check_type(dirfd);

	if (error < 0)
		return refuse_limit(ret_why, cgroup_first_limit(limits), NEEDS_ALONE, error);
	if (limits->memory)
		error = limit_memory(dirfd, limits->memory, ret_why);
	if (error == 0 && limits->tasks && (error = set_number(dirfd, "pids.max", limits->tasks)) < 0)
		return refuse_limit(ret_why, tasks.limit, tasks.need, error);
	if (error == 0 && limits->milli_cpus && (error = limit_cpus(dirfd, limits->milli_cpus)) < 0)
		return refuse_limit(ret_why, cpus.limit, "cpu.max: CONFIG_CFS_BANDWIDTH", error);
	if (error == 0 && limits->io_weight && (error = limit_io(dirfd, limits->io_weight)) < 0)
		return refuse_limit(ret_why, io_weight.limit, "io.weight: CONFIG_BLK_CGROUP_IOCOST", error);
	if (error == 0 && limits->cpu_time_us && (number = cgroup_number(dirfd, "cpu.stat", "usage_usec")) < 0)
		return refuse_limit(ret_why, CPU_TIME, "cpu.stat: Linux 4.15", (int)number);
	return error;
}

/* ---- the bounds of a group ---- */

/* A file, and with what it begins where it bounds nothing; "": it is empty then. */
struct bound {
	const char *file, *unbounded;
};

bool cgroup_is_unbounded(int dirfd) {
	static const struct bound bounds[] = {
		{ "memory.max", "max" }, { "memory.high", "max" }, { "memory.swap.max", "max" },
		{ "pids.max", "max" },   { "cpu.max", "max " },    { "io.max", "" },
		{ "cpuset.cpus", "\n" }, { "cpuset.mems", "\n" },
	};
	char text[512];
	long length;

	for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
		length = read_file(dirfd, bounds[i].file, text, sizeof text);
		if (length == -ENOENT || length == 0)
			continue;
		if (length < 0 || !*bounds[i].unbounded ||
		    strncmp(text, bounds[i].unbounded, strlen(bounds[i].unbounded)))
			return false;
	}
	return true;
}
