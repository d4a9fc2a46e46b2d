/* SPDX-License-Identifier: ISC */
/*
 * A control group for one process and its descendants. Each start makes a new one: a process that is cloned into a
 * group that was killed once dies at its birth (a defect of Linux 6.14 and later). The group lies below the caller's
 * own, so it stays within what a service manager or a batch system has set up. Nothing is assumed about where groups
 * are mounted, or about rights: a caller that may not make a group gets the error.
 *
 * A group with limits may lie beside the caller's own, since the kernel lets no group with processes limit those below
 * it; but only if the caller's own group bounds nothing, so that the new group leaves no bound behind.
 *
 * The process that makes a group holds a lock on its directory (flock); so does the keeper, which inherits the lock.
 * A group without a lock is one whose maker and keeper were killed: the next process that makes a group beside it kills
 * and removes it. The group of a service or a container may have such a name too, and has no lock. So each group has a
 * mark, and one without it is left alone.
 */
#include "calls.h"
#include "cgroup-leaf.h"
#include "cgroup-limits.h"
#include "cgroup-numbers.h"
#include "cgroup-place.h"
#include "cgroup-v2.h"
#include "directory.h"
#include "os.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PREFIX "pidhold-"
#define MARK "user.pidhold"

enum { NAMES = 16 }; /* tried, one after the other */

static int lock_group(int dirfd, int how) {
	return (int)OS_CALL(SYS_flock, dirfd, how | LOCK_NB, 0, 0, 0);
}

static int open_group(int above, const char *name) {
	return (int)OS_CALL(SYS_openat, above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0);
}

/* In the group itself: nothing but the library writes it. */
static int mark_group(int dirfd) {
	return (int)OS_CALL(SYS_fsetxattr, dirfd, MARK, "1", 1, 0);
}

static bool is_marked(int dirfd) {
	char mark;

	return OS_CALL(SYS_fgetxattr, dirfd, MARK, &mark, sizeof mark, 0) == sizeof mark;
}

/*
 * Calls `visit` for each group with such a name in a directory, until it returns true. Returns whether it did. The
 * directory was just opened: it is read from its beginning, once.
 */
static bool find_group(int dirfd, bool (*visit)(int dirfd, const char *name)) {
	const struct directory_entry *entry;
	struct directory list;
	bool found = false;

	directory_begin(&list, dirfd);
	while (!found && (entry = directory_next(&list)))
		found = !strncmp(entry->name, PREFIX, sizeof PREFIX - 1) && visit(dirfd, entry->name);
	return found;
}

/* Whether a group or one below it is locked. One below belongs to a hold that a command made which was left alive. */
static bool is_locked(int above, const char *name) {
	const int dirfd = open_group(above, name);
	bool locked;

	if (dirfd < 0)
		return false;
	locked = lock_group(dirfd, LOCK_EX) != 0 || find_group(dirfd, is_locked);
	call_close(dirfd);
	return locked;
}

static const char *after_digits(const char *text) {
	while (*text >= '0' && *text <= '9')
		text++;
	return text;
}

/* PREFIX, digits, a minus, digits: as make_below makes them. */
static bool is_made_name(const char *name) {
	const char *process = name + sizeof PREFIX - 1, *minus = after_digits(process);

	return minus != process && *minus == '-' && minus[1] && !*after_digits(minus + 1);
}

/*
 * Removes a group that no process locks: its maker and keeper were killed. One that has no mark yet may be ours too:
 * the kernel removes it if it is empty, which is all that it can be. Returns false, so that all are visited.
 */
static bool sweep_group(int above, const char *name) {
	const int dirfd = open_group(above, name);

	if (dirfd < 0)
		return false;
	if (lock_group(dirfd, LOCK_EX) == 0 && !find_group(dirfd, is_locked)) {
		if (is_marked(dirfd)) {
			cgroup_kill(dirfd);
			cgroup_remove(dirfd, name); /* if processes still end in it, the next sweep removes it */
		} else if (is_made_name(name)) {
			OS_CALL(SYS_unlinkat, above, name, AT_REMOVEDIR, 0, 0);
		}
	}
	call_close(dirfd);
	return false;
}

/*
 * Makes a group of that name and locks it. -EEXIST: the name exists, or another process swept the group before it was
 * locked. No other user may open it: a user who can open it can lock it, and a locked group is never swept.
 */
static int make_in(int above, const char *name, const char **ret_need) {
	int dirfd, error = (int)OS_CALL(SYS_mkdirat, above, name, 0700, 0, 0);
	bool was_swept;

	*ret_need = "the right to make groups in the caller's control group";
	if (error < 0)
		return error;
	dirfd = os_above_stdio((int)OS_CALL(SYS_openat, above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0));
	error = dirfd < 0 ? dirfd : lock_group(dirfd, LOCK_SH);
	was_swept = error == -EAGAIN; /* or a sweep has the lock now */
	if (error == 0) {
		*ret_need = "user attributes of control groups: Linux 5.7";
		error = mark_group(dirfd);
	}
	*ret_need = error ? *ret_need : "cgroup.kill: Linux 5.14";
	if (error == 0)
		error = (int)OS_CALL(SYS_faccessat, dirfd, "cgroup.kill", W_OK, 0, 0);
	if (error == 0)
		return dirfd;
	os_close(dirfd);
	was_swept |= OS_CALL(SYS_unlinkat, above, name, AT_REMOVEDIR, 0, 0) == -ENOENT;
	return was_swept ? -EEXIST : error;
}

static int open_own_group(const char **ret_need) {
	const char *name;
	char path[PATH_MAX];

	return cgroup_open_own(&name, path, ret_need);
}

static int make_below(int above, struct os_cgroup *ret, const char **ret_need) {
	static _Atomic unsigned next_number;
	int result = -EEXIST;

	for (int i = 0; i < NAMES && result == -EEXIST; i++) {
		snprintf(ret->name, sizeof ret->name, PREFIX "%d-%u", call_getpid(), atomic_fetch_add(&next_number, 1));
		result = make_in(above, ret->name, ret_need);
	}
	ret->fd = result;
	return result < 0 ? result : 0;
}

int os_cgroup_make(struct os_cgroup *ret, const char **ret_need) {
	static _Atomic int has_swept;
	const int above = open_own_group(ret_need);
	int error;

	if (above < 0)
		return above;
	/* once is enough: this process itself leaves no group, unless one of its keepers is killed */
	if (!atomic_exchange(&has_swept, 1))
		find_group(above, sweep_group);
	error = make_below(above, ret, ret_need);
	call_close(above);
	return error;
}

/* ---- with limits ---- */

static int make_limited_below(int above, bool may_enable, const struct os_group_limits *limits, struct os_cgroup *ret,
			      struct os_refusal *ret_why) {
	int error = cgroup_enable(above, limits, may_enable, ret_why);

	if (error < 0)
		return error;
	*ret_why = (struct os_refusal){ .limit = NULL };
	error = make_below(above, ret, &ret_why->need);
	if (error == 0)
		error = cgroup_limit(ret->fd, limits, ret_why);
	if (error < 0)
		os_cgroup_remove(ret);
	return error;
}

/* The directory above a group; an error if the group is the highest one that can be seen. */
static int open_above(int own) {
	const int above = open_group(own, "..");
	int error = above;

	if (above >= 0)
		error = (int)OS_CALL(SYS_faccessat, above, "cgroup.subtree_control", F_OK, 0, 0);
	if (above >= 0 && error < 0)
		call_close(above);
	return error < 0 ? error : above;
}

/* A group that this file has made may be one whose keeper was killed: the caller must not kill its own group. */
static void sweep_beside(int above, const char *own_name) {
	if (strncmp(own_name, PREFIX, sizeof PREFIX - 1) != 0)
		find_group(above, sweep_group);
}

/* What the caller has left for this (os_cgroup_split) is bounded by the group above both. */
static int make_limited_beside(int own, const char *own_name, const struct os_group_limits *limits,
			       struct os_cgroup *ret, struct os_refusal *ret_why) {
	const bool is_leaf = cgroup_is_leaf(own_name);
	int above, error;

	if (!is_leaf && !cgroup_is_unbounded(own))
		return -EBUSY;
	above = open_above(own);
	if (above < 0)
		return above;
	sweep_beside(above, own_name);
	error = make_limited_below(above, is_leaf, limits, ret, ret_why);
	call_close(above);
	return error;
}

int os_cgroup_make_limited(struct os_cgroup *ret, const struct os_group_limits *limits, struct os_refusal *ret_why) {
	struct os_refusal second = { .limit = NULL };
	const char *name;
	char path[PATH_MAX];
	int own, error, error_beside;

	*ret_why = (struct os_refusal){ .limit = NULL };
	ret->fd = -1;
	own = cgroup_open_own(&name, path, &ret_why->need);
	if (own < 0) {
		ret_why->limit = cgroup_first_limit(limits);
		return own;
	}
	find_group(own, sweep_group);
	error = make_limited_below(own, true, limits, ret, ret_why);
	if (error < 0) {
		error_beside = make_limited_beside(own, name, limits, ret, &second);
		if (error_beside == 0 || cgroup_is_leaf(name)) {
			error = error_beside;
			*ret_why = second;
		}
	}
	if (error < 0 && !ret_why->limit)
		ret_why->limit = cgroup_first_limit(limits);
	call_close(own);
	return error;
}

void os_cgroup_use(const struct os_cgroup *group, struct os_tree_use *ret) {
	cgroup_read_use(group->fd, ret);
}

/* ---- sweeping and probing ---- */

void os_cgroup_sweep(void) {
	const char *name, *need;
	char path[PATH_MAX];
	const int own = cgroup_open_own(&name, path, &need);
	int above;

	if (own < 0)
		return;
	find_group(own, sweep_group);
	above = open_above(own);
	if (above >= 0) {
		sweep_beside(above, name);
		call_close(above);
	}
	call_close(own);
}

/* There is no sweep: a probe must not kill any process. */
static int try_to_make(const char **ret_need) {
	struct os_cgroup group = { .fd = -1 };
	const int above = open_own_group(ret_need);
	int error;

	if (above < 0)
		return above;
	error = make_below(above, &group, ret_need);
	os_cgroup_remove(&group);
	call_close(above);
	return error;
}

/* A group needs a keeper, which removes it at the end. */
int os_probe_cgroup(const char **ret_mechanism, const char **ret_need) {
	int error = os_probe_keeper(ret_mechanism, ret_need);

	if (error < 0)
		return error;
	error = try_to_make(ret_need);
	*ret_mechanism = error < 0 ? "keeper" : "cgroup.kill";
	return error;
}

/* The words are those of hold_containment_name. */
int os_probe_containment(const char **ret_mechanism, const char **ret_need) {
	const char *need_of_group;
	const int error = os_probe_keeper(ret_mechanism, ret_need);

	*ret_mechanism = error < 0 ? "none" : try_to_make(&need_of_group) < 0 ? "keeper" : "cgroup";
	return error;
}

int os_cgroup_kill(const struct os_cgroup *group) {
	return cgroup_kill(group->fd);
}

void os_cgroup_kill_rest(const struct os_cgroup *group) {
	cgroup_kill_rest(group->fd);
}

long os_cgroup_count(const struct os_cgroup *group) {
	return cgroup_count(group->fd);
}

/* Looks at intervals: no descriptor becomes readable for this alone. */
int os_cgroup_wait_empty(const struct os_cgroup *group, int64_t deadline) {
	struct os_timespec pause = { 0, 1000000 };
	int result;

	while ((result = cgroup_is_empty(group->fd)) == 0) {
		if (clock_now() >= deadline)
			return 1;
		call_nanosleep(&pause);
	}
	return result < 0 ? result : 0;
}

void os_cgroup_remove(struct os_cgroup *group) {
	if (group->fd < 0)
		return;
	cgroup_remove(group->fd, group->name);
	os_close(group->fd);
	group->fd = -1;
}

void os_cgroup_let_go(struct os_cgroup *group) {
	if (group->fd >= 0)
		cgroup_let_go(group->fd);
	os_cgroup_remove(group);
}

void os_cgroup_end(struct os_cgroup *group, int64_t deadline) {
	if (group->fd < 0)
		return;
	cgroup_kill(group->fd);
	cgroup_kill_rest(group->fd);
	os_cgroup_wait_empty(group, deadline);
	os_cgroup_remove(group);
}
