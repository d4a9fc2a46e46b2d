/* SPDX-License-Identifier: ISC */
/*
 * Whether a terminal's input is awaited. No system call tells the master's side that the other side is being read. But
 * /proc/PID/task/TID/syscall shows in which call a thread is blocked, with its arguments, to a caller that may trace
 * the process.
 */
#include "calls.h"
#include "os.h"
#include "procfs.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>

enum {
	POLLED_MOST = 64,
	SUBORDINATE_MAJOR = 136, /* of the kernel's list of devices: /dev/pts/N is 136, N */
	TTY_MAJOR = 5            /* /dev/tty is 5, 0 */
};

struct reader_search {
	int pid;
	dev_t device;
	bool only_in_read;
	bool has_found, runs; /* a thread that awaits input; one that is in no call */
};

/* A thread that is blocked in a system call. */
struct blocked_call {
	long number;
	unsigned long arguments[6];
};

static bool is_of_terminal(const struct reader_search *search, long fd) {
	char path[PROCFS_PATH];
	struct stat file;

	snprintf(path, sizeof path, "/proc/%d/fd/%ld", search->pid, fd);
	return stat(path, &file) == 0 && S_ISCHR(file.st_mode) &&
	       (file.st_rdev == search->device || file.st_rdev == makedev(TTY_MAJOR, 0));
}

/* Returns how many bytes were read. */
static size_t read_memory(int pid, unsigned long address, void *to, size_t size) {
	const struct iovec here = { to, size }, there = { (void *)(uintptr_t)address, size };
	const long n = OS_CALL(SYS_process_vm_readv, pid, &here, 1, &there, 1);

	return n > 0 ? (size_t)n : 0;
}

static bool polls_it(const struct reader_search *search, const struct blocked_call *call) {
	struct pollfd fds[POLLED_MOST];
	const size_t count = call->arguments[1] < POLLED_MOST ? call->arguments[1] : POLLED_MOST;
	const size_t size = read_memory(search->pid, call->arguments[0], fds, count * sizeof *fds);

	for (size_t i = 0; i < size / sizeof *fds; i++) {
		if (fds[i].fd >= 0 && fds[i].events & (POLLIN | POLLRDNORM) && is_of_terminal(search, fds[i].fd))
			return true;
	}
	return false;
}

static bool selects_it(const struct reader_search *search, const struct blocked_call *call) {
	const size_t count = call->arguments[0] < FD_SETSIZE ? call->arguments[0] : FD_SETSIZE;
	fd_set set;

	FD_ZERO(&set);
	if (call->arguments[1])
		read_memory(search->pid, call->arguments[1], &set, (count + 7) / 8);
	for (size_t fd = 0; fd < count; fd++) {
		if (FD_ISSET(fd, &set) && is_of_terminal(search, (long)fd))
			return true;
	}
	return false;
}

static int find_watched(void *context, char *line) {
	static const char name[] = "tfd:", next[] = " events:";
	const char *events = strstr(line, next);

	return strncmp(line, name, sizeof name - 1) == 0 && events &&
	       strtoul(events + sizeof next - 1, NULL, 16) & EPOLLIN &&
	       is_of_terminal(context, strtol(line + sizeof name - 1, NULL, 10));
}

static bool epolls_it(struct reader_search *search, const struct blocked_call *call) {
	char path[PROCFS_PATH];

	snprintf(path, sizeof path, "/proc/%d/fdinfo/%ld", search->pid, (long)call->arguments[0]);
	return procfs_each_line(path, find_watched, search) == 1;
}

static bool waits_for_it(struct reader_search *search, const struct blocked_call *call) {
	switch (call->number) {
#ifdef SYS_poll
	case SYS_poll:
#endif
#ifdef SYS_ppoll_time64
	case SYS_ppoll_time64:
#endif
	case SYS_ppoll:
		return polls_it(search, call);
#ifdef SYS_select
	case SYS_select:
#endif
#ifdef SYS__newselect
	case SYS__newselect:
#endif
#ifdef SYS_pselect6_time64
	case SYS_pselect6_time64:
#endif
	case SYS_pselect6:
		return selects_it(search, call);
#ifdef SYS_epoll_wait
	case SYS_epoll_wait:
#endif
#ifdef SYS_epoll_pwait2
	case SYS_epoll_pwait2:
#endif
	case SYS_epoll_pwait:
		return epolls_it(search, call);
	default:
		return false;
	}
}

static bool awaits_input(struct reader_search *search, const struct blocked_call *call) {
	switch (call->number) {
	case SYS_read:
	case SYS_readv:
		return is_of_terminal(search, (long)call->arguments[0]);
	default:
		return !search->only_in_read && waits_for_it(search, call);
	}
}

/* "number argument argument ...", the arguments with 0x. false: it is something else. */
static bool parse_call(const char *text, struct blocked_call *ret) {
	char *end;

	ret->number = strtol(text, &end, 10);
	for (size_t i = 0; end > text && i < sizeof ret->arguments / sizeof *ret->arguments; i++) {
		text = end;
		ret->arguments[i] = strtoul(text, &end, 16);
	}
	return end > text;
}

/* Of a thread that runs the file has one word, and then it is blocked in no call. */
static int look_for_read(void *context, int thread) {
	struct reader_search *search = context;
	struct blocked_call call = { .number = -1 };
	char path[PROCFS_PATH], text[256];
	long length;

	snprintf(path, sizeof path, "/proc/%d/task/%d/syscall", search->pid, thread);
	length = procfs_read(path, text, sizeof text);
	if (length < 0)
		return length == -EPERM ? -EACCES : (int)length;
	if (parse_call(text, &call))
		search->has_found |= awaits_input(search, &call);
	else
		search->runs = true;
	return search->only_in_read ? search->runs : search->has_found;
}

/* 1, 0, or -EACCES. A process that has ended meanwhile awaits nothing. */
static int look_at_process(int pid, dev_t device, bool only_in_read) {
	struct reader_search search = { .pid = pid, .device = device, .only_in_read = only_in_read };
	const int result = procfs_each_thread(pid, look_for_read, &search);

	if (result < 0)
		return result == -EACCES ? result : 0;
	return search.has_found && !(only_in_read && search.runs);
}

int os_terminal_is_read(int master, const struct os_tree *tree, bool only_in_read) {
	unsigned number = 0;
	int group = 0, result = call_ioctl(master, TIOCGPTN, &number), found = 0;

	if (result == 0)
		result = call_ioctl(master, TIOCGPGRP, &group);
	if (result < 0)
		return result;
	for (size_t i = 0; i < tree->count && found != 1; i++) {
		const int pid = tree->members[i].pid;

		if ((int)OS_CALL(SYS_getpgid, pid, 0, 0, 0, 0) != group)
			continue;
		result = look_at_process(pid, makedev(SUBORDINATE_MAJOR, number), only_in_read);
		found = result ? result : found;
	}
	return found;
}
