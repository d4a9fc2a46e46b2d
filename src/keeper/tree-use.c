/* SPDX-License-Identifier: ISC */
/* What the tree has used, and the group in which its owner was. */
#include "state.h"
#include "os/calls.h"
#include "os/cgroup-leaf.h"
#include "os/cgroup-numbers.h"

struct os_tree_use tree_use(void) {
	struct os_tree_use use;

	use.memory_peak_kib = use.user_us = use.system_us = use.read_bytes = use.written_bytes = -1;
	use.tasks_peak = use.tasks_refused = use.oom_kills = -1;
	if (keeper.cgroup >= 0)
		cgroup_read_use(keeper.cgroup, &use);
	use.signalled = keeper.signalled;
	use.dumped = keeper.dumped;
	use.cpu_time_is_up = keeper.cpu_time_is_up;
	use.cpu_time_error = keeper.cpu_time_error;
	return use;
}

int open_above_group(void) {
	if (!keeper.task.has_limits || !owner_has_died())
		return -1;
	return (int)OS_CALL(SYS_openat, keeper.cgroup, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0);
}

void leave_leaf(int above) {
	if (above < 0)
		return;
	cgroup_leave_leaf(above);
	call_close(above);
}
