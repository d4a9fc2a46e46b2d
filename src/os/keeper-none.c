/* SPDX-License-Identifier: ISC */
/*
 * No keeper and no control group. POSIX has nothing by which a process becomes the parent of the orphans among its
 * descendants, nor any by which it ends with its parent: so a keeper could keep no promise.
 */
#include "os.h"

#include <errno.h>

static const char need_of_keeper[] = "a subreaper: Linux, not -Dplatform=posix";

int os_keeper_check(const char **ret_need) {
	*ret_need = need_of_keeper;
	return -ENOSYS;
}

int os_spawn_with_keeper(const struct os_plan *plan, const struct os_keeping *keeping, struct os_child *ret,
			 struct os_keeper *ret_keeper, int *ret_failed, const char **ret_need) {
	(void)plan, (void)keeping, (void)ret, (void)ret_keeper;
	*ret_failed = OS_FAILED_KEEPER;
	return os_keeper_check(ret_need);
}

int os_keeper_receive(const struct os_keeper *keeper, enum os_keeper_news *ret, struct os_exit *ret_exit,
		      struct os_tree_use *ret_use) {
	(void)keeper, (void)ret, (void)ret_exit, (void)ret_use;
	return -EPIPE;
}

int os_keeper_send(const struct os_keeper *keeper, enum os_keeper_order order) {
	(void)keeper, (void)order;
	return -EPIPE;
}

int os_keeper_restore(const struct os_keeper *keeper, enum os_restore when) {
	(void)keeper, (void)when;
	return -EPIPE;
}

int os_keeper_set_screen(const struct os_keeper *keeper, const char *text, size_t size) {
	(void)keeper, (void)text, (void)size;
	return -EPIPE;
}

void os_keeper_wake(const struct os_keeper *keeper) {
	(void)keeper;
}

void os_keeper_release(struct os_keeper *keeper, int64_t deadline) {
	(void)keeper, (void)deadline;
}

void os_keeper_reap_late(void) {
}

bool os_keeper_left_group(void) {
	return false;
}

bool os_keeper_is_late(int pid) {
	(void)pid;
	return false;
}

bool os_keeper_may_be_late(void) {
	return true;
}

static const char need_of_group[] = "control groups: Linux, not -Dplatform=posix";

int os_cgroup_make(struct os_cgroup *ret, const char **ret_need) {
	ret->fd = -1;
	*ret_need = need_of_group;
	return -ENOSYS;
}

int os_cgroup_make_limited(struct os_cgroup *ret, const struct os_group_limits *limits, struct os_refusal *ret_why) {
	(void)limits;
	*ret_why = (struct os_refusal){ .limit = "control group" };
	return os_cgroup_make(ret, &ret_why->need);
}

void os_cgroup_use(const struct os_cgroup *group, struct os_tree_use *ret) {
	(void)group, (void)ret;
}

int os_cgroup_split(void) {
	return -ENOSYS;
}

int os_cgroup_unsplit(void) {
	return -ENOSYS;
}

int os_cgroup_kill(const struct os_cgroup *group) {
	(void)group;
	return -ENOSYS;
}

void os_cgroup_kill_rest(const struct os_cgroup *group) {
	(void)group;
}

long os_cgroup_count(const struct os_cgroup *group) {
	(void)group;
	return -ENOSYS;
}

int os_cgroup_wait_empty(const struct os_cgroup *group, int64_t deadline) {
	(void)group, (void)deadline;
	return -ENOSYS;
}

void os_cgroup_remove(struct os_cgroup *group) {
	(void)group;
}

void os_cgroup_let_go(struct os_cgroup *group) {
	(void)group;
}

void os_cgroup_sweep(void) {
}

void os_cgroup_end(struct os_cgroup *group, int64_t deadline) {
	(void)group, (void)deadline;
}
