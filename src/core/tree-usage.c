/* SPDX-License-Identifier: ISC */
/* What a tree has used: the keeper tells at the end, and the tree's control group before. */
#include "keeper.h"
#include "structure.h"

#include <errno.h>

/* 0; -ENODATA: there is nobody to tell. */
static int read_use(struct hold *h, struct os_tree_use *ret) {
	if (has_keeper(h))
		keeper_check(h);
	if (atomic_load(&h->is_empty)) {
		*ret = h->use;
		return 0;
	}
	if (h->cgroup.fd < 0)
		return -ENODATA;
	os_cgroup_use(&h->cgroup, ret);
	ret->signalled = ret->dumped = -1;
	ret->cpu_time_is_up = ret->cpu_time_error = 0;
	return 0;
}

int hold_tree_usage(struct hold *h, struct hold_tree_usage *ret) {
	struct os_tree_use use;
	int error = held_check(h), saved_errno = errno;

	if (error == 0)
		error = ret ? structure_check(ret, sizeof *ret) : -EINVAL;
	if (error == 0)
		error = read_use(h, &use);
	errno = saved_errno;
	if (error < 0)
		return error;
	structure_give(ret,
		       &(struct hold_tree_usage){
			       .memory_peak_kib = use.memory_peak_kib,
			       .user_us = use.user_us,
			       .system_us = use.system_us,
			       .read_bytes = use.read_bytes,
			       .written_bytes = use.written_bytes,
			       .tasks_peak = use.tasks_peak,
			       .tasks_refused = use.tasks_refused,
			       .oom_kills = use.oom_kills,
			       .signalled = use.signalled,
			       .dumped = use.dumped,
			       .cpu_time_is_up = use.cpu_time_is_up,
			       .cpu_time_error = use.cpu_time_error,
		       },
		       sizeof *ret);
	return 0;
}

int hold_group_split(int is_on) {
	int saved_errno = errno, error = is_on ? os_cgroup_split() : os_cgroup_unsplit();

	errno = saved_errno;
	return error;
}
