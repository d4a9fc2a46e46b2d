/* SPDX-License-Identifier: ISC */
/*
 * A process and all that descends from it, found through /proc/PID/task/TID/children. A number that is read there may
 * be another process's by the time it is used. So each process found is held by a descriptor, and only then looked at:
 * it is a child of a member if it says so while neither has been reaped.
 *
 * What a list says of a tree that forks meanwhile is never complete. A tree that is to be killed is stopped first,
 * parents before children, until a look finds nobody new; and it is killed deepest first, since the end of a parent
 * wakes stopped children that are a process group of their own.
 *
 * Nothing here needs libc: memory is the kernel's, numbers are read by hand.
 */
#include "calls.h"
#include "os.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>

enum {
	FIRST_ROOM = 64,
	PATH_ROOM = 64,
	ROUNDS = 64 /* of stopping: one that may not be stopped could fork for ever */
};

/* ---- memory ---- */

static void *allocate(size_t size) {
	long address = call_mmap(size);

	return address < 0 && address > -4096 ? NULL : (void *)address;
}

static void release(void *memory, size_t size) {
	if (memory)
		call_munmap(memory, size);
}

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
	struct os_member *members = allocate(room * sizeof *members);
	unsigned *places = allocate(2 * room * sizeof *places);

	if (!members || !places) {
		release(members, room * sizeof *members);
		release(places, 2 * room * sizeof *places);
		return -ENOMEM;
	}
	for (size_t i = 0; i < tree->count; i++)
		members[i] = tree->members[i];
	release(tree->members, tree->room * sizeof *members);
	release(tree->places, 2 * tree->room * sizeof *places);
	tree->members = members;
	tree->places = places;
	tree->room = room;
	for (size_t i = 0; i < tree->count; i++)
		enter(tree, i);
	return 0;
}

static bool is_reaped(int pidfd) {
	return call_pidfd_send_signal(pidfd, 0, 0) == -ESRCH;
}

static bool has_ended(int pidfd) {
	struct os_pollfd poll = { pidfd, POLLIN, 0 };

	return call_ppoll(&poll, 1, &(struct os_timespec){ 0, 0 }) == 1;
}

/* A member of that number which has been reaped is none: the number is another's. */
static bool is_known(const struct os_tree *tree, int pid) {
	unsigned at = hash(tree, pid);

	for (; tree->places[at]; at = (at + 1) & (unsigned)(2 * tree->room - 1)) {
		const struct os_member *member = &tree->members[tree->places[at] - 1];

		if (member->pid == pid && (member->pidfd < 0 || !is_reaped(member->pidfd)))
			return true;
	}
	return false;
}

/* ---- /proc ---- */

static char *append(char *at, const char *text) {
	while (*text)
		*at++ = *text++;
	*at = 0;
	return at;
}

static char *append_number(char *at, int number) {
	char digits[12];
	int count = 0;

	do
		digits[count++] = (char)('0' + number % 10);
	while (number /= 10);
	while (count)
		*at++ = digits[--count];
	*at = 0;
	return at;
}

/* The fourth field; the second, its name, may hold anything, so fields count from the last parenthesis. */
static int parent_of(int pid) {
	char path[PATH_ROOM], text[512];
	const char *at = NULL;
	int fd, parent = 0;
	long length;

	append(append_number(append(path, "/proc/"), pid), "/stat");
	fd = call_openat(path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	length = call_read(fd, text, sizeof text - 1);
	call_close(fd);
	for (long i = 0; i < length; i++)
		at = text[i] == ')' ? text + i : at;
	if (!at || at + 5 > text + length)
		return -ESRCH;
	for (at += 4; at < text + length && *at >= '0' && *at <= '9'; at++)
		parent = 10 * parent + *at - '0';
	return parent;
}

/* ---- growth ---- */

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
	if (parent_of(pid) != parent.pid || has_ended(pidfd) || (parent.pidfd >= 0 && is_reaped(parent.pidfd))) {
		call_close(pidfd);
		return 0;
	}
	error = tree->count == tree->room ? grow(tree) : 0;
	if (error < 0) {
		call_close(pidfd);
		return error;
	}
	tree->members[tree->count] = (struct os_member){ .pid = pid, .parent = parent.pid, .pidfd = pidfd };
	enter(tree, tree->count++);
	return 1;
}

/* The children of one thread: numbers, a space after each. Returns how many are new, or an error. */
static int look_at_thread(struct os_tree *tree, size_t index, int thread) {
	char path[PATH_ROOM], text[1024];
	int fd, pid = 0, count = 0, result = 0;
	long length;

	append(append_number(append(append_number(append(path, "/proc/"), tree->members[index].pid), "/task/"), thread),
	       "/children");
	fd = call_openat(path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd == -ENOENT || fd == -ESRCH ? 0 : fd;
	while (result >= 0 && (length = call_read(fd, text, sizeof text)) > 0) {
		for (long i = 0; i < length && result >= 0; i++) {
			if (text[i] >= '0' && text[i] <= '9') {
				pid = 10 * pid + text[i] - '0';
				continue;
			}
			result = pid > 0 ? add_child(tree, index, pid) : 0;
			count += result > 0;
			pid = 0;
		}
	}
	call_close(fd);
	return result < 0 ? result : count;
}

static int number_of(const char *name) {
	int number = 0;

	for (; *name >= '0' && *name <= '9'; name++)
		number = 10 * number + *name - '0';
	return number;
}

static int look_at_member(struct os_tree *tree, size_t index) {
	char path[PATH_ROOM], entries[1024] __attribute__((aligned(8)));
	int directory, count = 0, result = 0;
	long size;

	append(append_number(append(path, "/proc/"), tree->members[index].pid), "/task");
	directory = call_openat(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (directory < 0)
		return directory == -ENOENT || directory == -ESRCH ? 0 : directory;
	while (result >= 0 && (size = call_getdents64(directory, entries, sizeof entries)) > 0) {
		for (long at = 0; at < size && result >= 0;) {
			const struct os_directory_entry *entry = (const void *)(entries + at);

			at += entry->length;
			if (number_of(entry->name) > 0)
				result = look_at_thread(tree, index, number_of(entry->name));
			count += result > 0 ? result : 0;
		}
	}
	call_close(directory);
	return result < 0 ? result : count;
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

	if (!tree->root_has_ended && tree->members[0].pidfd >= 0 && has_ended(tree->members[0].pidfd)) {
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
	for (size_t i = 0; i < 2 * tree->room; i++)
		tree->places[i] = 0;
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

int os_tree_begin(struct os_tree *tree, int pid, int pidfd) {
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
	tree->members[0] = (struct os_member){ .pid = pid, .pidfd = pid == us ? -1 : pidfd };
	tree->seen = pid != us;
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
	release(tree->members, tree->room * sizeof *tree->members);
	release(tree->places, 2 * tree->room * sizeof *tree->places);
	*tree = (struct os_tree){ .count = 0 };
}

/* ---- signals ---- */

/* -ESRCH: it has ended, or is the caller itself, who is never signalled. */
static int send(struct os_member *member, int signal) {
	int result = member->pidfd < 0 ? -ESRCH : call_pidfd_send_signal(member->pidfd, signal, 0);

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

int os_tree_kill(struct os_tree *tree) {
	const int result = stop_all(tree);
	int refused = 0;

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

		if (member->pidfd < 0 || has_ended(member->pidfd))
			continue;
		alive++;
		*ret_refused += member->is_refused;
	}
	return alive;
}

int os_tree_wait(const struct os_tree *tree, int64_t deadline, bool refused_too) {
	int result;

	for (size_t i = 0; i < tree->count; i++) {
		if (tree->members[i].pidfd < 0 || (tree->members[i].is_refused && !refused_too))
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
