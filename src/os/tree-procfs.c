/* SPDX-License-Identifier: ISC */
/*
 * A process and all that descends from it, found through /proc/PID/task/TID/children. A number that is read there may
 * be another process's by the time it is used. So each process found is held by a descriptor, and only then looked at:
 * it is a child of a member if it says so while neither has been reaped.
 *
 * What a list says of a tree that forks meanwhile is never complete. A tree that is to be killed is stopped first,
 * parents before children, until a look finds nobody new; and it is killed deepest first, since the end of a parent
 * wakes stopped children that are a process group of their own.
 */
#include "calls.h"
#include "cgroup-v2.h"
#include "info-pidfd.h"
#include "os.h"
#include "procfs.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

enum {
	FIRST_ROOM = 64,
	ROUNDS = 64 /* of stopping: one that may not be stopped could fork for ever */
};

/* ---- where a number is in the table: open addressing, an index more by one, 0 where nothing is ---- */

static unsigned hash(const struct os_tree *tree, int pid) {
	return (unsigned)pid * 2654435761u & (unsigned)(2 * tree->room - 1);
}

static void enter(struct os_tree *tree, size_t index) {
	unsigned at = hash(tree, tree->members[index].pid);

	while (tree->places[at])
		at = (at + 1) & (unsigned)(2 * tree->room - 1);
	tree->places[at] = (unsigned)index + 1;
}

static int grow(struct os_tree *tree) {
	const size_t room = tree->room ? 2 * tree->room : FIRST_ROOM;
	struct os_member *members = calloc(room, sizeof *members);
	unsigned *places = calloc(2 * room, sizeof *places);

	if (!members || !places) {
		free(members);
		free(places);
		return -ENOMEM;
	}
	for (size_t i = 0; i < tree->count; i++)
		members[i] = tree->members[i];
	free(tree->members);
	free(tree->places);
	tree->members = members;
	tree->places = places;
	tree->room = room;
	for (size_t i = 0; i < tree->count; i++)
		enter(tree, i);
	return 0;
}

static bool has_ended(int pidfd) {
	return os_wait_readable(pidfd, 0) == 0;
}

/* A member of that number which has been reaped is none: the number is another's. */
static bool is_known(const struct os_tree *tree, int pid) {
	unsigned at = hash(tree, pid);

	for (; tree->places[at]; at = (at + 1) & (unsigned)(2 * tree->room - 1)) {
		const struct os_member *member = &tree->members[tree->places[at] - 1];

		if (member->pid == pid && !os_is_reaped(member->pidfd))
			return true;
	}
	return false;
}

/* ---- growth ---- */

/* Asked of the descriptor, since Linux 6.13; else of the number, which was its own if it has not ended after that. */
static int parent_of(int pid, int pidfd) {
	const int parent = info_parent(pidfd);
	struct procfs_stat stat;

	if (parent >= 0 || parent == -ESRCH)
		return parent;
	return procfs_stat(pid, &stat) < 0 ? -ESRCH : stat.parent;
}

/*
 * The number of a child of member `index`, as it was a moment ago. 1: it is a new member. 0: it is known, has ended, or
 * is no child of that member any more.
 */
static int add_child(struct os_tree *tree, size_t index, int pid) {
	const struct os_member parent = tree->members[index];
	int pidfd, error;

	if (pid == tree->except || is_known(tree, pid))
		return 0;
	pidfd = call_pidfd_open(pid, 0);
	if (pidfd < 0)
		return pidfd == -ESRCH || pidfd == -EINVAL ? 0 : pidfd;
	if (parent_of(pid, pidfd) != parent.pid || has_ended(pidfd) || os_is_reaped(parent.pidfd)) {
		call_close(pidfd);
		return 0;
	}
	error = tree->count == tree->room ? grow(tree) : 0;
	if (error < 0) {
		call_close(pidfd);
		return error;
	}
	tree->members[tree->count] = (struct os_member){ .pid = pid, .pidfd = pidfd };
	enter(tree, tree->count++);
	return 1;
}

/* A member whose children are looked for, and how many of them are new. */
struct look {
	struct os_tree *tree;
	size_t index;
	int count;
};

/* The children of one thread: numbers, a space after each. */
static int look_at_thread(void *context, int thread) {
	struct look *look = context;
	char process[PROCFS_PATH], path[PROCFS_PATH], text[1024];
	int fd, pid = 0, result = 0;
	long length;

	procfs_path(process, "", look->tree->members[look->index].pid, "/task/");
	procfs_path(path, process + sizeof "/proc/" - 1, thread, "/children");
	fd = call_openat(path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd == -ENOENT || fd == -ESRCH ? 0 : fd;
	while (result >= 0 && (length = call_read(fd, text, sizeof text)) > 0) {
		for (long i = 0; i < length && result >= 0; i++) {
			if (text[i] >= '0' && text[i] <= '9') {
				pid = 10 * pid + text[i] - '0';
				continue;
			}
			result = pid > 0 ? add_child(look->tree, look->index, pid) : 0;
			look->count += result > 0;
			pid = 0;
		}
	}
	call_close(fd);
	return result < 0 ? result : 0;
}

static int look_at_member(struct os_tree *tree, size_t index) {
	struct look look = { tree, index, 0 };
	const int pid = tree->members[index].pid;
	const int result = procfs_has_one_thread(pid) ? look_at_thread(&look, pid)
						      : procfs_each_thread(pid, look_at_thread, &look);

	return result < 0 && result != -ENOENT && result != -ESRCH ? result : look.count;
}

static void count_ended(struct os_tree *tree, const struct os_member *member) {
	if (member->is_killed)
		tree->killed++;
	else if (member->is_signalled)
		tree->terminated++;
	else
		tree->ended++;
}

/* Members that have ended hold nobody, and are let go: their numbers are others' to have. */
static void let_go_of_ended(struct os_tree *tree) {
	size_t kept = 1; /* the root stays, and is counted once */

	if (!tree->root_has_ended && !tree->members[0].is_spared && has_ended(tree->members[0].pidfd)) {
		tree->root_has_ended = true;
		count_ended(tree, &tree->members[0]);
	}
	for (size_t i = 1; i < tree->count; i++) {
		if (!has_ended(tree->members[i].pidfd)) {
			tree->members[kept++] = tree->members[i];
			continue;
		}
		count_ended(tree, &tree->members[i]);
		call_close(tree->members[i].pidfd);
	}
	if (kept == tree->count)
		return;
	tree->count = kept;
	memset(tree->places, 0, 2 * tree->room * sizeof *tree->places);
	for (size_t i = 0; i < tree->count; i++)
		enter(tree, i);
}

int os_tree_look(struct os_tree *tree) {
	int result, count = 0;

	let_go_of_ended(tree);
	for (size_t i = 0; i < tree->count; i++) { /* grows as it goes */
		result = look_at_member(tree, i);
		if (result < 0)
			return result;
		count += result;
	}
	tree->seen += (size_t)count;
	return count;
}

int os_tree_begin(struct os_tree *tree, int pid, int pidfd, bool spares_root) {
	const int us = call_getpid();
	int error;

	*tree = (struct os_tree){ .except = us };
	error = call_openat("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (error < 0)
		return error == -ENOENT ? -ENOSYS : error;
	call_close(error);
	error = grow(tree);
	if (error < 0)
		return error;
	spares_root |= pid == us;
	tree->members[0] = (struct os_member){ .pid = pid, .pidfd = pidfd, .is_spared = spares_root };
	tree->seen = !spares_root;
	tree->count = 1;
	enter(tree, 0);
	error = os_tree_look(tree);
	if (error < 0)
		os_tree_end(tree);
	return error < 0 ? error : 0;
}

void os_tree_end(struct os_tree *tree) {
	for (size_t i = 1; i < tree->count; i++)
		call_close(tree->members[i].pidfd);
	free(tree->members);
	free(tree->places);
	*tree = (struct os_tree){ .count = 0 };
}

/* ---- signals ---- */

/* -ESRCH: it has ended, or is not to be signalled. */
static int send(struct os_member *member, int signal) {
	int result = member->is_spared ? -ESRCH : call_pidfd_send_signal(member->pidfd, signal, 0);

	member->is_refused = result == -EPERM;
	return result;
}

int os_tree_signal(struct os_tree *tree, int signal, bool only_new) {
	int result, error = 0;

	for (size_t i = 0; i < tree->count; i++) {
		struct os_member *member = &tree->members[i];

		if (only_new && member->is_signalled)
			continue;
		result = send(member, signal);
		if (result == 0)
			member->is_signalled = true;
		else if (result != -ESRCH)
			error = result;
	}
	return error;
}

/* Stops whoever was not stopped yet, until a look finds nobody new. */
static int stop_all(struct os_tree *tree) {
	int result = 1;

	for (int round = 0; round < ROUNDS && result > 0; round++) {
		for (size_t i = 0; i < tree->count; i++) {
			if (!tree->members[i].is_stopped)
				send(&tree->members[i], SIGSTOP);
			tree->members[i].is_stopped = true;
		}
		result = os_tree_look(tree);
	}
	return result;
}

/* Each by itself as well: see cgroup_kill_rest. */
static int kill_group(struct os_tree *tree) {
	const int result = cgroup_kill(tree->cgroup);

	for (size_t i = 0; i < tree->count && result == 0; i++) {
		send(&tree->members[i], SIGKILL);
		tree->members[i].is_killed = !tree->members[i].is_spared;
	}
	return result;
}

int os_tree_kill(struct os_tree *tree) {
	int refused = 0, result;

	if (tree->cgroup && kill_group(tree) == 0)
		return 0;
	result = stop_all(tree);
	for (size_t i = tree->count; i-- > 0;) { /* the deepest were found last */
		struct os_member *member = &tree->members[i];

		if (send(member, SIGKILL) == 0)
			member->is_killed = true;
		refused += member->is_refused;
	}
	return result < 0 ? result : refused ? -EPERM : 0;
}

/* ---- the end ---- */

int os_tree_count(struct os_tree *tree, int *ret_refused) {
	int alive = 0;

	*ret_refused = 0;
	for (size_t i = 0; i < tree->count; i++) {
		const struct os_member *member = &tree->members[i];

		if (member->is_spared || has_ended(member->pidfd))
			continue;
		alive++;
		*ret_refused += member->is_refused;
	}
	return alive;
}

int os_tree_wait(const struct os_tree *tree, int64_t deadline, bool refused_too) {
	int result;

	for (size_t i = 0; i < tree->count; i++) {
		if (tree->members[i].is_spared || (tree->members[i].is_refused && !refused_too))
			continue;
		result = os_wait_readable(tree->members[i].pidfd, deadline);
		if (result != 0)
			return result;
	}
	return 0;
}

int os_set_subreaper(bool is_on) {
	return call_prctl(PR_SET_CHILD_SUBREAPER, is_on);
}
