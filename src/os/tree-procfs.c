/* SPDX-License-Identifier: ISC */
/*
 * A process and all its descendants, found through /proc/PID/task/TID/children. A number that is read there may be
 * another process's by the time it is used. So each process found is opened first, and only then looked at: it is a
 * child of a member if it has that parent while neither of the two has been reaped.
 *
 * A tree may have more members than there are descriptors. When they run out, descriptors of members are closed; what
 * identifies each member (the inode of its descriptor, or its start time) is kept, and the member is opened anew when
 * it is needed. A process that cannot be opened or looked into is passed over; the others are handled all the same.
 *
 * A list of a tree that forks meanwhile is never complete. So a tree that is to be killed is stopped first, parents
 * before children, until a look finds no new process. Then it is killed deepest first, since the end of a parent wakes
 * stopped children that are a process group of their own.
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

enum { STOP_ROUNDS = 64 }; /* a process that may not be stopped could fork for ever */

/* ---- a member by its pid: a hash table with open addressing; a place has the index plus one, 0 if it is empty ---- */

static unsigned hash(const struct os_tree *tree, int pid) {
	return (unsigned)pid * 2654435761u & (unsigned)(2 * tree->room - 1);
}

static void enter(struct os_tree *tree, size_t index) {
	unsigned at = hash(tree, tree->members[index].pid);

	while (tree->places[at])
		at = (at + 1) & (unsigned)(2 * tree->room - 1);
	tree->places[at] = (unsigned)index + 1;
}

static void enter_all(struct os_tree *tree) {
	memset(tree->places, 0, 2 * tree->room * sizeof *tree->places);
	for (size_t i = 0; i < tree->count; i++)
		enter(tree, i);
}

static void free_index(struct os_tree *tree) {
	if (tree->members == tree->first_members)
		return;
	free(tree->members);
	free(tree->places);
}

static int grow_tree(struct os_tree *tree) {
	const size_t room = 4 * tree->room;
	struct os_member *members = calloc(room, sizeof *members);
	unsigned *places = calloc(2 * room, sizeof *places);

	if (!members || !places) {
		free(members);
		free(places);
		return -ENOMEM;
	}
	memcpy(members, tree->members, tree->count * sizeof *members);
	free_index(tree);
	tree->members = members;
	tree->places = places;
	tree->room = room;
	enter_all(tree);
	return 0;
}

/* ---- descriptors, of which there may be too few ---- */

static bool is_lack(int error) {
	return error == -EMFILE || error == -ENFILE || error == -ENOMEM;
}

/* Closes the descriptor of one member that can be identified without it. */
static bool let_go_of_one(struct os_tree *tree) {
	for (size_t i = tree->count; i-- > 1;) {
		struct os_member *member = &tree->members[i];

		if (member->pidfd < 0 || member->uses || (!member->inode && !member->start_time))
			continue;
		call_close(member->pidfd);
		member->pidfd = -1;
		return true;
	}
	return false;
}

/* A descriptor is missing: closes one. Returns whether it did, so that the call can be tried again. */
static bool make_room(struct os_tree *tree) {
	for (int i = 0; i < 3; i++) {
		if (tree->spare[i] < 0)
			continue;
		call_close(tree->spare[i]);
		tree->spare[i] = -1;
		return true;
	}
	return let_go_of_one(tree);
}

static int open_process(struct os_tree *tree, int pid) {
	int pidfd;

	do
		pidfd = call_pidfd_open(pid, 0);
	while (is_lack(pidfd) && make_room(tree));
	return pidfd;
}

static int open_file(struct os_tree *tree, const char *path, int flags) {
	int fd;

	do
		fd = call_openat(path, flags | O_CLOEXEC, 0);
	while (is_lack(fd) && make_room(tree));
	return fd;
}

/* At most three are open at a time: a list, a process, and a file of that process in /proc. */
static void keep_spares(struct os_tree *tree, int fd) {
	tree->spare[0] = fd;
	for (int i = 1; i < 3; i++)
		tree->spare[i] = call_fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static bool has_spares(const struct os_tree *tree) {
	return tree->spare[0] >= 0 && tree->spare[1] >= 0 && tree->spare[2] >= 0;
}

static bool pidfd_has_ended(int pidfd) {
	return os_wait_readable(pidfd, 0) == 0;
}

/*
 * Stores what identifies the member when it is not held. The start time is that of its number, which is its own as long
 * as it is not reaped.
 */
static void identify(struct os_member *member) {
	struct procfs_stat stat;

	member->inode = info_inode(member->pidfd);
	if (!member->inode && procfs_stat(member->pid, &stat) == 0 && !os_is_reaped(member->pidfd))
		member->start_time = stat.start_time;
}

static bool is_same(const struct os_member *member, int pidfd) {
	struct procfs_stat stat;

	if (member->inode)
		return info_inode(pidfd) == member->inode;
	return procfs_stat(member->pid, &stat) == 0 && stat.start_time == member->start_time && !os_is_reaped(pidfd);
}

static int reopen(struct os_tree *tree, const struct os_member *member) {
	const int pidfd = open_process(tree, member->pid);

	if (pidfd < 0)
		return pidfd == -EINVAL || pidfd == -ENOENT ? -ESRCH : pidfd;
	if (is_same(member, pidfd) && !pidfd_has_ended(pidfd))
		return pidfd;
	call_close(pidfd);
	return -ESRCH;
}

int os_tree_hold(struct os_tree *tree, struct os_member *member) {
	if (member->pidfd < 0)
		return member->is_spared ? -EBADF : reopen(tree, member);
	if (pidfd_has_ended(member->pidfd))
		return -ESRCH;
	member->uses++;
	return member->pidfd;
}

void os_tree_put(struct os_member *member, int pidfd) {
	if (pidfd < 0)
		return;
	if (pidfd == member->pidfd)
		member->uses--;
	else
		call_close(pidfd);
}

static bool member_has_ended(struct os_tree *tree, struct os_member *member) {
	const int pidfd = os_tree_hold(tree, member);

	os_tree_put(member, pidfd);
	return pidfd == -ESRCH;
}

/* A member with that number that has been reaped does not count: the number is another process's now. */
static bool is_known(struct os_tree *tree, int pid) {
	for (unsigned at = hash(tree, pid); tree->places[at]; at = (at + 1) & (unsigned)(2 * tree->room - 1)) {
		struct os_member *member = &tree->members[tree->places[at] - 1];

		if (member->pid != pid)
			continue;
		if (member->pidfd >= 0 ? !os_is_reaped(member->pidfd) : !member_has_ended(tree, member))
			return true;
	}
	return false;
}

/* ---- growth ---- */

/* A member whose children are looked for, the path of their list, and how many of them are new. */
struct look {
	struct os_tree *tree;
	size_t index;
	char path[PROCFS_PATH];
	int count, error;
};

/* Calls `visit` for each number of the list, until it returns other than 0. Returns that, 0, or an error. */
static int each_number(struct look *look, int (*visit)(struct look *look, int pid, void *context), void *context) {
	const int fd = open_file(look->tree, look->path, O_RDONLY);
	char text[1024];
	int pid = 0, result = 0;
	long length = 0;

	if (fd < 0)
		return fd;
	while (result == 0 && (length = call_read(fd, text, sizeof text)) != 0) {
		if (length == -EINTR)
			continue;
		if (length < 0)
			break;
		for (long i = 0; i < length && result == 0; i++) {
			if (text[i] >= '0' && text[i] <= '9') {
				pid = 10 * pid + text[i] - '0';
				continue;
			}
			result = pid > 0 ? visit(look, pid, context) : 0;
			pid = 0;
		}
	}
	call_close(fd);
	return result == 0 && length < 0 ? (int)length : result;
}

static int is_number(struct look *look, int pid, void *wanted) {
	(void)look;
	return pid == *(int *)wanted;
}

/*
 * Since Linux 6.13 the descriptor says who the parent is. Before, /proc does, by number: the number was its own if the
 * process has not ended afterwards. A process that /proc does not show is a child if the list still has it, now that
 * it is held.
 */
static bool is_child(struct look *look, int pid, int pidfd) {
	const int parent = look->tree->members[look->index].pid, told = info_parent(pidfd);
	struct procfs_stat stat;

	if (told >= 0 || told == -ESRCH)
		return told == parent;
	if (procfs_stat(pid, &stat) == 0)
		return stat.parent == parent;
	return !os_is_reaped(pidfd) && each_number(look, is_number, &pid) == 1;
}

static bool parent_is_reaped(const struct look *look) {
	const struct os_member *parent = &look->tree->members[look->index];

	return parent->pidfd >= 0 && os_is_reaped(parent->pidfd);
}

static void note_error(struct os_tree *tree, int error) {
	if (error < 0 && !tree->error)
		tree->error = error;
}

/* Not all children of the member were seen. */
static void note_look_error(struct look *look, int error) {
	note_error(look->tree, error);
	if (error < 0 && !look->error)
		look->error = error;
}

/*
 * Makes a child of a member, listed a moment ago, a new member, unless it is known, has ended, or is no child of that
 * member any more. It always returns 0, so that the list goes on: a process that cannot be opened is passed over.
 */
static int add_child(struct look *look, int pid, void *context) {
	struct os_tree *tree = look->tree;
	struct os_member child = { .pid = pid };

	(void)context;
	if (pid == tree->except || is_known(tree, pid))
		return 0;
	child.pidfd = open_process(tree, pid);
	if (child.pidfd < 0) {
		if (child.pidfd != -ESRCH && child.pidfd != -EINVAL && child.pidfd != -ENOENT)
			note_look_error(look, child.pidfd);
		return 0;
	}
	if (!is_child(look, pid, child.pidfd) || pidfd_has_ended(child.pidfd) || parent_is_reaped(look)) {
		call_close(child.pidfd);
		return 0;
	}
	if (tree->count == tree->room && grow_tree(tree) < 0) {
		note_look_error(look, -ENOMEM);
		call_close(child.pidfd);
		return 0;
	}
	identify(&child);
	tree->members[tree->count] = child;
	enter(tree, tree->count++);
	look->count++;
	if (!has_spares(tree)) /* few descriptors are left: the next process needs one */
		let_go_of_one(tree);
	return 0;
}

static int look_at_thread(void *context, int thread) {
	struct look *look = context;
	char process[PROCFS_PATH];
	int result;

	procfs_path(process, "", look->tree->members[look->index].pid, "/task/");
	procfs_path(look->path, process + sizeof "/proc/" - 1, thread, "/children");
	result = each_number(look, add_child, NULL);
	if (result != -ENOENT && result != -ESRCH)
		note_look_error(look, result);
	return 0;
}

static int look_at_member(struct os_tree *tree, size_t index) {
	struct look look = { .tree = tree, .index = index };
	const int pid = tree->members[index].pid, held = os_tree_hold(tree, &tree->members[index]);
	int result = held;

	if (held >= 0 || tree->members[index].is_spared) {
		result = procfs_has_one_thread(pid) ? look_at_thread(&look, pid)
						    : procfs_each_thread(pid, look_at_thread, &look);
		while (is_lack(result) && make_room(tree))
			result = procfs_each_thread(pid, look_at_thread, &look);
	}
	/* It lives, but /proc hides it from us: it may have children. */
	if (result == -ENOENT && held >= 0 && !pidfd_has_ended(held))
		result = -EACCES;
	os_tree_put(&tree->members[index], held);
	if (result != -ENOENT && result != -ESRCH)
		note_look_error(&look, result);
	if (held != -ESRCH)
		tree->members[index].look_error = look.error;
	return look.count;
}

static void count_ended(struct os_tree *tree, const struct os_member *member) {
	if (member->look_error && !tree->lost)
		tree->lost = member->look_error;
	if (member->is_killed)
		tree->killed++;
	else if (member->is_signalled)
		tree->terminated++;
	else
		tree->ended++;
}

/* Drops members that have ended: they have no children any more, and other processes may get their numbers. */
static void let_go_of_ended(struct os_tree *tree) {
	size_t left = 1; /* the root stays, and is counted once */

	if (!tree->root_has_ended && !tree->members[0].is_spared && pidfd_has_ended(tree->members[0].pidfd)) {
		tree->root_has_ended = true;
		count_ended(tree, &tree->members[0]);
	}
	for (size_t i = 1; i < tree->count; i++) {
		if (!member_has_ended(tree, &tree->members[i])) {
			tree->members[left++] = tree->members[i];
			continue;
		}
		count_ended(tree, &tree->members[i]);
		if (tree->members[i].pidfd >= 0)
			call_close(tree->members[i].pidfd);
	}
	if (left == tree->count)
		return;
	tree->count = left;
	enter_all(tree);
}

int os_tree_look(struct os_tree *tree) {
	int count = 0;

	tree->error = 0;
	let_go_of_ended(tree);
	for (size_t i = 0; i < tree->count; i++) /* the count grows meanwhile */
		count += look_at_member(tree, i);
	tree->seen += (size_t)count;
	return count;
}

int os_tree_open(struct os_tree *tree, int pid, int pidfd, bool spares_root) {
	const int us = call_getpid(), error = procfs_check();
	int proc;

	if (error < 0)
		return error;
	proc = call_openat("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (proc < 0)
		return proc == -ENOENT ? -ENOSYS : proc;
	*tree = (struct os_tree){ .except = us, .cgroup = -1, .room = OS_FIRST_MEMBERS };
	tree->members = tree->first_members;
	tree->places = tree->first_places;
	keep_spares(tree, proc);
	spares_root |= pid == us;
	tree->members[0] = (struct os_member){ .pid = pid, .pidfd = pidfd, .is_spared = spares_root };
	tree->seen = !spares_root;
	tree->count = 1;
	enter(tree, 0);
	os_tree_look(tree);
	return 0;
}

void os_tree_close(struct os_tree *tree) {
	for (size_t i = 1; i < tree->count; i++) {
		if (tree->members[i].pidfd >= 0)
			call_close(tree->members[i].pidfd);
	}
	for (int i = 0; i < 3; i++) {
		if (tree->spare[i] >= 0)
			call_close(tree->spare[i]);
	}
	free_index(tree);
	tree->count = 0;
}

/* ---- signals ---- */

/* -ESRCH: it has ended, or is spared. */
static int send_to_member(struct os_tree *tree, struct os_member *member, int signal) {
	int pidfd, result;

	if (member->is_spared)
		return -ESRCH;
	pidfd = os_tree_hold(tree, member);
	result = pidfd < 0 ? pidfd : call_pidfd_send_signal(pidfd, signal, 0);
	os_tree_put(member, pidfd);
	if (signal != SIGCONT) /* SIGCONT is allowed to each process of its session */
		member->is_refused = result == -EPERM;
	return result;
}

int os_tree_signal(struct os_tree *tree, int signal, bool only_new) {
	int result, error = 0;

	for (size_t i = 0; i < tree->count; i++) {
		struct os_member *member = &tree->members[i];

		if (only_new && member->is_signalled)
			continue;
		result = send_to_member(tree, member, signal);
		if (result == 0 && signal != SIGCONT)
			member->is_signalled = true;
		else if (result != 0 && result != -ESRCH)
			error = result;
	}
	return error;
}

/* Stops each member that was not stopped yet, until a look finds no new one. */
static void stop_all(struct os_tree *tree) {
	int found = 1;

	for (int round = 0; round < STOP_ROUNDS && found > 0; round++) {
		for (size_t i = 0; i < tree->count; i++) {
			if (!tree->members[i].is_stopped)
				send_to_member(tree, &tree->members[i], SIGSTOP);
			tree->members[i].is_stopped = true;
		}
		found = os_tree_look(tree);
	}
}

/* Kills the group, and each member by itself as well: see cgroup_kill_rest. */
static int kill_tree_group(struct os_tree *tree) {
	const int result = cgroup_kill(tree->cgroup);

	for (size_t i = 0; i < tree->count && result == 0; i++) {
		send_to_member(tree, &tree->members[i], SIGKILL);
		tree->members[i].is_killed = !tree->members[i].is_spared;
	}
	return result;
}

int os_tree_kill(struct os_tree *tree) {
	int error = 0, result;

	if (tree->cgroup >= 0 && kill_tree_group(tree) == 0)
		return 0;
	stop_all(tree);
	for (size_t i = tree->count; i-- > 0;) { /* the deepest were found last */
		struct os_member *member = &tree->members[i];

		result = send_to_member(tree, member, SIGKILL);
		if (result == 0)
			member->is_killed = true;
		else if (result != -ESRCH)
			error = result;
	}
	return error;
}

/* ---- the end ---- */

int os_tree_count(struct os_tree *tree, int *ret_refused) {
	int alive = 0;

	*ret_refused = 0;
	for (size_t i = 0; i < tree->count; i++) {
		struct os_member *member = &tree->members[i];

		if (member->is_spared || member_has_ended(tree, member))
			continue;
		alive++;
		*ret_refused += member->is_refused;
	}
	return alive;
}

int os_tree_wait(struct os_tree *tree, int64_t deadline, bool refused_too) {
	int result, pidfd;

	for (size_t i = 0; i < tree->count; i++) {
		struct os_member *member = &tree->members[i];

		if (member->is_spared || (member->is_refused && !refused_too))
			continue;
		pidfd = os_tree_hold(tree, member);
		result = pidfd == -ESRCH ? 0 : pidfd < 0 ? pidfd : os_wait_readable(pidfd, deadline);
		os_tree_put(member, pidfd);
		if (result != 0)
			return result;
	}
	return 0;
}

int os_set_subreaper(bool is_on) {
	return call_prctl(PR_SET_CHILD_SUBREAPER, is_on);
}
