/* SPDX-License-Identifier: ISC */
/*
 * The command's beginning: the plan is read out of its bytes, and a child is cloned that waits for the owner's word and
 * then replays the plan (os/child.c). It runs in the keeper's memory until it has executed its program.
 */
#include "state.h"
#include "os/calls.h"
#include "os/child.h"
#include "os/clone-ways.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static char stack[CLONE_STACK_SIZE] __attribute__((aligned(16)));
static struct os_plan plan;
static struct os_launch launch;

static const void *at(const struct keeper_plan *from, uint64_t offset) {
	return offset ? (const char *)from + offset : NULL;
}

/* Offsets become pointers, in their place: a pointer is as wide, or narrower. */
static const char *const *read_list(const struct keeper_plan *from, uint64_t offset) {
	char *list = (char *)(uintptr_t)at(from, offset);
	const char *text;
	uint64_t written;
	size_t i = 0;

	_Static_assert(sizeof text <= sizeof written, "a pointer lies where offsets were that have been read");
	do {
		memcpy(&written, list + i * sizeof written, sizeof written);
		text = at(from, written);
		memcpy(list + i * sizeof text, &text, sizeof text);
		i++;
	} while (text);
	return (const char *const *)(void *)list;
}

static int read_operations(const struct keeper_plan *from) {
	const struct keeper_operation *written = at(from, from->operations);
	struct os_operation *operations = calloc(from->operation_count + 1, sizeof *operations);

	if (!operations)
		return -ENOMEM;
	for (size_t i = 0; i < from->operation_count; i++)
		operations[i] = (struct os_operation){
			.action = (enum os_action)written[i].action,
			.number = written[i].number,
			.last = written[i].last,
			.source = written[i].source,
			.path = at(from, written[i].path),
			.data = at(from, written[i].data),
		};
	plan.operations = operations;
	plan.count = from->operation_count;
	return 0;
}

/* Those that were open in the caller came as descriptors, in their order. */
static void read_sources(const struct keeper_plan *from, const int *descriptors) {
	int *sources = (int *)(uintptr_t)at(from, from->sources);

	for (size_t i = 0; i < from->source_count; i++) {
		if (sources[i] >= 0)
			sources[i] = *descriptors++;
	}
	plan.sources = sources;
	plan.source_count = from->source_count;
}

static int read_plan(const struct received *all) {
	const struct keeper_plan *from = all->plan;

	plan.program = at(from, from->program);
	plan.argv = read_list(from, from->argv);
	plan.env = read_list(from, from->env);
	plan.first_free = from->first_free;
	plan.keep_ignored = from->keep_ignored;
	plan.ignored = from->ignored;
	read_sources(from, all->descriptors + KEEPER_FDS);
	return read_operations(from);
}

/* A child that changes its ids gets a copy of the memory: the kernel would hide the keeper's /proc from its owner. */
static long clone_command(bool copies_memory, int cgroup) {
	const struct clone_request request = {
		.run = os_child,
		.argument = &launch,
		.stack = copies_memory ? NULL : stack,
		.stack_size = sizeof stack,
		.exit_signal = SIGCHLD,
		.cgroup = cgroup,
		.may_fork = true,
		.ret_handlers_cleared = &launch.handlers_cleared,
	};

	return clone_child(&request, &keeper.command_fd);
}

/* Where the kernel cannot clone into a control group, or may not by a filter, the child joins it. */
static long clone_into_group(bool copies_memory) {
	long pid;

	launch.join = -1;
	if (keeper.cgroup < 0)
		return clone_command(copies_memory, 0);
	pid = clone_command(copies_memory, keeper.cgroup);
	if (pid >= 0 || pid == -EAGAIN || pid == -ENOMEM)
		return pid;
	launch.join = keeper.cgroup;
	return clone_command(copies_memory, 0);
}

int command_make(const struct received *all, int *ret_failed) {
	const bool copies_memory = all->plan->changes_ids || !CALLS_ARE_BARE;
	long pid;
	int error = read_plan(all);

	*ret_failed = OS_FAILED_KEEPER;
	if (error < 0)
		return error;
	launch = (struct os_launch){
		.plan = &plan,
		.mask = all->plan->mask,
		.status_fd = all->descriptors[KEEPER_STATUS],
		.table = TABLE_COPY,
		.parent_pid = call_getpid(),
		.autogroup = INT32_MIN,
		.failed = OS_FAILED_PROCESS,
		.is_kept = true,
	};
	pid = clone_into_group(copies_memory);
	if (pid == -EMFILE || pid == -ENFILE) /* for its descriptor: without a keeper there may be enough */
		return (int)pid;
	*ret_failed = OS_FAILED_PROCESS;
	if (pid < 0)
		return (int)pid;
	keeper.command = (int)pid;
	if (keeper.command_fd < 0)
		keeper.command_fd = call_pidfd_open((int)pid, 0); /* not reaped: the number is its own */
	*ret_failed = OS_FAILED_KEEPER;
	return keeper.command_fd < 0 ? keeper.command_fd : 0;
}
