/* SPDX-License-Identifier: ISC */
/*
 * The command's beginning: a child is cloned, which waits for the owner's byte and then replays the plan
 * (os/start/child.c). It runs in the keeper's memory until it has executed its program.
 */
#include "state.h"
#include "os/calls.h"
#include "os/start/child.h"
#include "os/start/clone-ways.h"

#include <signal.h>
#include <sys/ioctl.h>

static char stack[CLONE_STACK_SIZE] __attribute__((aligned(16)));
static struct os_plan plan;
static struct os_handoff handoff;

/*
 * A child that changes its ids gets a copy of the memory: else the kernel hides the keeper's /proc from its owner.
 * Where the kernel cannot clone into a control group, or a filter forbids it, the child joins the group itself.
 */
static long clone_command(bool copies_memory) {
	struct clone_request request = {
		.run = os_child,
		.argument = &handoff,
		.stack = copies_memory ? NULL : stack,
		.stack_size = sizeof stack,
		.exit_signal = SIGCHLD,
		.cgroup = keeper.cgroup < 0 ? 0 : keeper.cgroup,
		.may_fork = true,
		.ret_handlers_cleared = &handoff.handlers_cleared,
	};
	long pid;

	handoff.join = -1;
	pid = clone_child(&request, &keeper.command_fd);
	if (!request.cgroup || pid >= 0 || pid == -EAGAIN || pid == -ENOMEM)
		return pid;
	handoff.join = request.cgroup;
	request.cgroup = 0;
	return clone_child(&request, &keeper.command_fd);
}

/*
 * The keeper leads the session of the command's terminal, so that the terminal lives until the tree is empty, and the
 * command's group, whose parent is in the same session, is not orphaned: it can be stopped.
 */
static int lead_session(void) {
	int error = 0;

	for (size_t i = 0; i < plan.count && error == 0; i++) {
		if (plan.operations[i].action != OS_FOREGROUND)
			continue;
		error = call_setsid();
		if (error >= 0)
			error = call_ioctl(plan.sources[plan.operations[i].source], TIOCSCTTY, NULL);
		keeper.is_leader = error >= 0;
	}
	return error;
}

int command_make(const struct received *all, int *ret_failed) {
	const bool copies_memory = all->plan->changes_ids || !CALLS_ARE_BARE;
	long pid;
	int error = plan_read(all, &plan);

	*ret_failed = OS_FAILED_KEEPER;
	if (error == 0)
		error = lead_session();
	if (error < 0)
		return error;
	handoff = (struct os_handoff){
		.plan = &plan,
		.mask = all->plan->mask,
		.status_fd = all->descriptors[KEEPER_STATUS],
		.table = TABLE_COPY,
		.parent_pid = call_getpid(),
		.autogroup = INT32_MIN,
		.failed = OS_FAILED_PROCESS,
		.has_keeper = true,
	};
	pid = clone_command(copies_memory);
	if (pid == -EMFILE || pid == -ENFILE) /* no room for its pidfd; there may be without a keeper */
		return (int)pid;
	*ret_failed = OS_FAILED_PROCESS;
	if (pid < 0)
		return (int)pid;
	keeper.command = (int)pid;
	if (keeper.command_fd < 0)
		keeper.command_fd = call_pidfd_open((int)pid, 0); /* not reaped yet: the number is its own */
	*ret_failed = OS_FAILED_KEEPER;
	return keeper.command_fd < 0 ? keeper.command_fd : 0;
}
