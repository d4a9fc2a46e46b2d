/* SPDX-License-Identifier: ISC */
/*
 * A control group for one process and its descendants. Each start makes a new one: a process that is cloned into a
 * group that was killed once dies at its birth (a defect of Linux 6.14 and later). The group lies below the caller's
 * own, so it stays within what a service manager or a batch system has set up. Nothing is assumed about where groups
 * are mounted, or about rights: a caller that may not make a group gets the error.
 *
 * The process that makes a group holds a lock on its directory (flock); so does the keeper, which inherits the lock.
 * A group without a lock is one whose maker and keeper were killed: the next process that makes a group beside it kills
 * and removes it. The group of a service or a container may have such a name too, and has no lock. So each group has a
 * mark, and one without it is left alone.
 */
#include "calls.h"
#include "cgroup-v2.h"
#include "directory.h"
#include "os.h"
#include "procfs.h"
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

static bool is_octal(char digit) {
	return digit >= '0' && digit <= '7';
}

/* Decodes a path of mountinfo, where a space, for example, is written \ooo. */
static void unescape(char *path) {
	char *to = path;

	for (const char *from = path; *from; to++) {
		if (from[0] == '\\' && is_octal(from[1]) && is_octal(from[2]) && is_octal(from[3])) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = 0;
}

/* Where groups of version 2 are mounted, and which group is the root of that mount. */
struct mount {
	char root[PATH_MAX / 2], point[PATH_MAX / 2];
};

/* A line of mountinfo: id, parent, device, root, mount point, ... - type, ... */
static int parse_mount(void *context, char *line) {
	struct mount *mount = context;
	char *end = strstr(line, " - "), *fields[5] = { NULL }, *rest = NULL;

	if (!end || strncmp(end, " - cgroup2 ", sizeof " - cgroup2 " - 1))
		return 0;
	*end = 0;
	for (int i = 0; i < 5; i++)
		fields[i] = strtok_r(i ? NULL : line, " ", &rest);
	if (!fields[4] || strlen(fields[3]) >= sizeof mount->root || strlen(fields[4]) >= sizeof mount->point)
		return 0;
	unescape(strcpy(mount->root, fields[3]));
	unescape(strcpy(mount->point, fields[4]));
	return 1;
}

/* The mount is looked for once in a process. */
static int find_mount(struct mount *ret) {
	enum { UNKNOWN, BEING_WRITTEN, KNOWN };
	static struct mount known_mount;
	static _Atomic int mount_state;
	int unknown = UNKNOWN, result;

	if (atomic_load(&mount_state) == KNOWN) {
		*ret = known_mount;
		return 0;
	}
	result = procfs_each_line("/proc/self/mountinfo", parse_mount, ret);
	if (result != 1)
		return result < 0 && result != -ENOENT ? result : -ENOSYS;
	if (atomic_compare_exchange_strong(&mount_state, &unknown, BEING_WRITTEN)) {
		known_mount = *ret;
		atomic_store(&mount_state, KNOWN);
	}
	return 0;
}

/* The caller's own group, as "/a/b". */
static int read_own_group(char *path, size_t size) {
	char text[PATH_MAX];
	const long length = procfs_read("/proc/self/cgroup", text, sizeof text);
	const char *line;
	int size_of_path;

	if (length < 0)
		return length == -ENOENT ? -ENOSYS : (int)length;
	for (line = text; line && strncmp(line, "0::", 3); line = line ? line + 1 : NULL)
		line = strchr(line, '\n');
	if (!line)
		return -ENOSYS;
	line += sizeof "0::" - 1;
	size_of_path = (int)strcspn(line, "\n");
	return snprintf(path, size, "%.*s", size_of_path, line) < (int)size ? 0 : -ENAMETOOLONG;
}

/* The directory of the caller's own group. */
static int find_own_directory(char *path, size_t size) {
	char group[PATH_MAX / 2];
	struct mount mount;
	size_t above;
	int error = read_own_group(group, sizeof group);

	if (error == 0)
		error = find_mount(&mount);
	if (error < 0)
		return error;
	above = strcmp(mount.root, "/") ? strlen(mount.root) : 0;
	if (strncmp(group, mount.root, above) || (group[above] && group[above] != '/'))
		return -ENOSYS; /* the caller's group is not visible in that mount */
	return snprintf(path, size, "%s%s", mount.point, group + above) < (int)size ? 0 : -ENAMETOOLONG;
}

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

/* Calls `visit` for each group with such a name in a directory, until it returns true. Returns whether it did. */
static bool find_group(int dirfd, bool (*visit)(int dirfd, const char *name)) {
	const struct directory_entry *entry;
	struct directory list;
	bool found = false;

	directory_begin(&list, open_group(dirfd, "."));
	while (!found && (entry = directory_next(&list)))
		found = !strncmp(entry->name, PREFIX, sizeof PREFIX - 1) && visit(dirfd, entry->name);
	os_close(list.fd);
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

/* Removes a group that no process locks: its maker and keeper were killed. Returns false, so that all are visited. */
static bool sweep_group(int above, const char *name) {
	const int dirfd = open_group(above, name);

	if (dirfd < 0)
		return false;
	if (is_marked(dirfd) && lock_group(dirfd, LOCK_EX) == 0 && !find_group(dirfd, is_locked)) {
		cgroup_kill(dirfd);
		cgroup_remove(dirfd, name); /* if processes still end in it, the next sweep removes it */
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
	char path[PATH_MAX];
	const int error = find_own_directory(path, sizeof path);

	*ret_need = "a mounted cgroup of version 2 that shows the caller's group";
	return error < 0 ? error : call_openat(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
}

/* Closes `above`. */
static int make_below(int above, struct os_cgroup *ret, const char **ret_need) {
	static _Atomic unsigned next_number;
	int result = -EEXIST;

	for (int i = 0; i < NAMES && result == -EEXIST; i++) {
		snprintf(ret->name, sizeof ret->name, PREFIX "%d-%u", call_getpid(), atomic_fetch_add(&next_number, 1));
		result = make_in(above, ret->name, ret_need);
	}
	call_close(above);
	ret->fd = result;
	return result < 0 ? result : 0;
}

int os_cgroup_make(struct os_cgroup *ret, const char **ret_need) {
	static _Atomic int has_swept;
	const int above = open_own_group(ret_need);

	if (above < 0)
		return above;
	/* once is enough: this process itself leaves no group, unless one of its keepers is killed */
	if (!atomic_exchange(&has_swept, 1))
		find_group(above, sweep_group);
	return make_below(above, ret, ret_need);
}

void os_cgroup_sweep(void) {
	const char *need;
	const int above = open_own_group(&need);

	if (above < 0)
		return;
	find_group(above, sweep_group);
	call_close(above);
}

/* There is no sweep: a probe must not kill any process. */
static int try_to_make(const char **ret_need) {
	struct os_cgroup group = { .fd = -1 };
	const int above = open_own_group(ret_need), error = above < 0 ? above : make_below(above, &group, ret_need);

	os_cgroup_remove(&group);
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
