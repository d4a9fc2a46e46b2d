/* SPDX-License-Identifier: ISC */
/*
 * The child between clone and exec: it replays a plan and executes the program.
 *
 * It runs in its parent's memory. The parent's thread waits (in clone, or in poll if the start is watched), and the
 * child's stack lies in a frame of that thread. A keeper that is the parent does not wait: it has memory of its own for
 * the stack. The parent's other threads run on and may hold any lock, so nothing here calls libc; a test compares the
 * undefined symbols of this object with child.symbols. All signals are blocked until the last step, since a handler of
 * the parent would run here in the parent's memory; dispositions are set to their defaults before that.
 */
#include "child.h"
#include "child-steps.h"
#include "os/directory.h"
#include "base/decimal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

enum { SIGNALS = 64 };

/* SIG_DFL for all, except ignored signals that are to stay ignored. CLONE_CLEAR_SIGHAND leaves SIG_IGN as it is. */
OS_INLINE void reset_signals(const struct os_handoff *handoff) {
	const union os_sigaction none = OS_SIGACTION_DEFAULT;
	union os_sigaction old, ignored = OS_SIGACTION_DEFAULT;

	ignored.in.handler = OS_IGNORED;
	for (int signal = 1; signal <= SIGNALS; signal++) {
		if (signal == SIGKILL || signal == SIGSTOP)
			continue;
		if (handoff->plan->ignored & UINT64_C(1) << (signal - 1)) {
			call_sigaction(signal, &ignored, NULL);
			continue;
		}
		if (handoff->plan->keep_ignored & UINT64_C(1) << (signal - 1)) {
			if (handoff->handlers_cleared)
				continue;
			old.in.handler = 0;
			if (call_sigaction(signal, NULL, &old) < 0 || old.in.handler == OS_IGNORED)
				continue;
		}
		call_sigaction(signal, &none, NULL);
	}
}

/* Writes a number as text. -ENOENT: no such file on this system. */
OS_INLINE int write_number(const char *path, int number) {
	char text[1 + DECIMAL_SIZE];
	const char *end = decimal_write(text + 1, number < 0 ? -(uint64_t)number : (uint64_t)number);
	const char *start = number < 0 ? text : text + 1;

	text[0] = '-';
	return call_write_file(AT_FDCWD, path, start, (size_t)(end - start));
}

/* The result is reported, but an error does not fail the start: the niceness itself was set. */
OS_INLINE void set_autogroup(struct os_handoff *handoff, int niceness) {
	int error = write_number("/proc/self/autogroup", niceness);

	if (error == 0)
		handoff->autogroup = niceness;
	else if (error != -ENOENT)
		handoff->autogroup = 0; /* a new session's */
}

OS_INLINE int add_niceness(struct os_handoff *handoff, int increment, int with_autogroup) {
	const int niceness = niceness_with(call_niceness(0), increment);
	int error = call_set_niceness(0, niceness);

	if (error == 0 && with_autogroup)
		set_autogroup(handoff, niceness);
	return error;
}

/* The parent may have ended before the signal was asked for. Then it would never come, so the child ends now. */
OS_INLINE int ask_for_death_signal(const struct os_handoff *handoff, int signal) {
	const int error = call_prctl(PR_SET_PDEATHSIG, signal);
	/* 0: the parent is in another PID namespace, where we cannot see whether it lives */
	const int parent = call_getppid();

	if (error == 0 && parent != handoff->parent_pid && parent != 0)
		call_exit(127);
	return error;
}

/* The number that a name of /proc/self/fd stands for; -1: it is no number. */
OS_INLINE int64_t number_of(const char *name) {
	int64_t number = 0;

	if (!*name)
		return -1;
	for (; *name; name++) {
		if (*name < '0' || *name > '9' || number > INT32_MAX)
			return -1;
		number = number * 10 + (*name - '0');
	}
	return number;
}

/*
 * Before Linux 5.9, or where a filter forbids close_range: /proc lists what is open. Without /proc this is an error:
 * there is no loop up to the limit on descriptors, which may be 1,000,000,000.
 */
OS_INLINE int close_listed_range(unsigned first, unsigned last) {
	const struct directory_entry *entry;
	struct directory list;

	directory_begin(&list, call_openat("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
	if (list.fd < 0)
		return list.fd;
	while ((entry = directory_next(&list))) {
		const int64_t fd = number_of(entry->name);

		if (fd >= first && fd <= last && fd != list.fd)
			call_close((int)fd);
	}
	call_close(list.fd);
	return (int)list.size;
}

OS_INLINE int close_all_of(unsigned first, unsigned last) {
	int error = call_close_range(first, last, 0);

	return error < 0 ? close_listed_range(first, last) : 0;
}

/* The pipe to the parent, if there is one, is close-on-exec: it is left out of the range. */
OS_INLINE int close_between(const struct os_handoff *handoff, unsigned first, unsigned last) {
	unsigned keep = (unsigned)handoff->status_fd;
	int error;

	if (handoff->status_fd < 0 || keep < first || keep > last)
		return close_all_of(first, last);
	error = keep > first ? close_all_of(first, keep - 1) : 0;
	if (error == 0 && keep < last)
		error = close_all_of(keep + 1, last);
	return error;
}

OS_INLINE int perform(struct os_handoff *handoff, const struct os_operation *operation) {
	switch (operation->action) {
	case OS_NICE:
		return add_niceness(handoff, operation->number, operation->last);
	case OS_LIMIT:
		return call_prlimit(operation->number, operation->data);
	case OS_OOM_SCORE:
		return write_number("/proc/self/oom_score_adj", operation->number);
	case OS_IO_PRIORITY:
		return call_set_io_priority(operation->number);
	case OS_GROUPS:
		return call_setgroups(operation->number, operation->data);
	case OS_GROUP_ID:
		return call_setresgid((uint32_t)operation->number);
	case OS_USER_ID:
		return call_setresuid((uint32_t)operation->number);
	case OS_NO_NEW_PRIVS:
		return call_prctl(PR_SET_NO_NEW_PRIVS, 1);
	case OS_PARENT_DEATH_SIGNAL:
		return ask_for_death_signal(handoff, operation->number);
	case OS_CLOSE_RANGE:
		return close_between(handoff, (unsigned)operation->number, (unsigned)operation->last);
	case OS_FOREGROUND:
		return enter_foreground(handoff->plan->sources[operation->source]);
	default:
		return perform_everywhere(handoff, operation);
	}
}

/*
 * The table of descriptors is the parent's own until here: a copy would cost as much as it is long. Nothing may be
 * changed in it before the cut. After the cut the table is private and has what lay below the cut: all that the plan
 * names, and what the parent's other threads opened there meanwhile, which the plan's last operations close.
 */
OS_INLINE void cut_table(struct os_handoff *handoff) {
	int error;

	if (handoff->table.cut < 0)
		return;
	handoff->failed = OS_FAILED_CUT; /* the parent reads this if a filter kills us for the call */
	error = call_close_range((unsigned)handoff->table.cut, ~0u, CALL_CLOSE_RANGE_UNSHARE);
	if (error < 0)
		fail_start(handoff, OS_FAILED_CUT, error);
	handoff->failed = OS_FAILED_PROCESS;
}

/* Takes `count` descriptors out of the socket. */
OS_INLINE int receive_sources(int receiver, int *fds, size_t count) {
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(TABLE_FETCH_MAX * sizeof(int))];
	} control;
	/* volatile: else the copy becomes a call of memcpy */
	const volatile int *received = (const volatile int *)(const void *)CMSG_DATA(&control.header);
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
	};
	long size = call_recvmsg(receiver, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	call_close(receiver);
	if (size < 0)
		return (int)size;
	if (message.msg_controllen == 0 || control.header.cmsg_len != CMSG_LEN(count * sizeof(int)))
		return -EMFILE;
	for (size_t i = 0; i < count; i++)
		fds[i] = received[i];
	return 0;
}

/*
 * Takes the descriptors from the table of the thread that starts us: another thread may have a table of its own. If the
 * parent was killed, its number may be another process's by now; in another PID namespace it is another process's
 * anyway. So once it is open, getppid is compared with it.
 */
OS_INLINE int take(const struct os_handoff *handoff, int *fds) {
	const bool is_first = handoff->parent_thread == handoff->parent_pid;
	const int pidfd = call_pidfd_open(handoff->parent_thread, is_first ? 0 : CALL_PIDFD_THREAD);
	int fd = call_getppid() == handoff->parent_pid ? 0 : -ESRCH;

	for (size_t i = 0; i < handoff->plan->source_count && pidfd >= 0 && fd >= 0; i++) {
		if (handoff->plan->sources[i] < OS_LOW)
			continue;
		fd = call_pidfd_getfd(pidfd, handoff->plan->sources[i]);
		*fds++ = fd;
	}
	call_close(pidfd);
	return pidfd < 0 ? pidfd : fd < 0 ? fd : 0;
}

/* Fetches what the plan needs from above the cut. On failure the plan is unchanged, for the next try of the start. */
OS_INLINE void fetch(struct os_handoff *handoff) {
	int *const sources = handoff->plan->sources, fds[TABLE_FETCH_MAX], error, aside;
	size_t count = 0, next = 0;

	if (handoff->table.way != OS_TABLE_FETCHED)
		return;
	handoff->failed = OS_FAILED_FETCH; /* as in cut_table */
	for (size_t i = 0; i < handoff->plan->source_count; i++)
		count += sources[i] >= OS_LOW;
	error = handoff->table.receiver < 0 ? take(handoff, fds) : receive_sources(handoff->table.receiver, fds, count);
	for (size_t i = 0; i < count && error == 0; i++) {
		if (!is_target(handoff->plan, fds[i]))
			continue;
		aside = duplicate_aside(handoff->plan, fds[i]);
		call_close(fds[i]);
		fds[i] = aside;
		error = aside < 0 ? aside : 0;
	}
	if (error < 0)
		fail_start(handoff, OS_FAILED_FETCH, error);
	for (size_t i = 0; i < handoff->plan->source_count && next < count; i++) {
		if (sources[i] >= OS_LOW)
			sources[i] = fds[next++];
	}
	handoff->failed = OS_FAILED_PROCESS;
}

/* The kernel chose the numbers of what came to a keeper: a source may lie where something is to be placed. */
OS_INLINE int step_aside(struct os_handoff *handoff) {
	int *const sources = handoff->plan->sources, aside;

	for (size_t i = 0; i < handoff->plan->source_count; i++) {
		if (sources[i] < 0 || !is_target(handoff->plan, sources[i]))
			continue;
		aside = duplicate_aside(handoff->plan, sources[i]);
		if (aside < 0)
			return aside;
		call_close(sources[i]);
		sources[i] = aside;
	}
	return 0;
}

/*
 * With a keeper: nothing is done before the owner, which has our descriptor by then, says so. If the owner or the
 * keeper has ended, nothing is ever done.
 */
OS_INLINE void wait_for_go(struct os_handoff *handoff) {
	int error;
	char byte;

	if (!handoff->has_keeper)
		return;
	error = ask_for_death_signal(handoff, SIGKILL);
	if (error < 0)
		fail_start(handoff, OS_FAILED_KEEPER, error);
	error = handoff->join < 0 ? 0 : call_write_file(handoff->join, "cgroup.procs", "0", 1);
	if (error < 0)
		fail_start(handoff, OS_FAILED_CGROUP, error);
	error = step_aside(handoff);
	if (error < 0)
		fail_start(handoff, OS_FAILED_KEEPER, error);
	lift_status(handoff);
	report_status(handoff, OS_BEGUN, 0);
	do
		error = (int)call_read(handoff->status_fd, &byte, 1);
	while (error == -EINTR);
	if (error != 1)
		call_exit(127);
}

OS_IN_CHILD void os_child(void *argument) {
	struct os_handoff *handoff = argument;
	const struct os_plan *plan = handoff->plan;
	int error, failed;

	handoff->memory_is_shared = 1; /* the parent sees it, unless clone has copied the memory */
	cut_table(handoff);
	fetch(handoff);
	wait_for_go(handoff);
	reset_signals(handoff);
	lift_status(handoff);
	for (size_t i = 0; i < plan->count; i++) {
		announce(handoff, &plan->operations[i], (int)i);
		error = perform(handoff, &plan->operations[i]);
		if (error < 0)
			fail_start(handoff, (int)i, error);
	}
	handoff->niceness = call_niceness(0);
	handoff->executing = 1;
	if (!report_status(handoff, OS_EXECUTING, 0) && handoff->has_keeper)
		call_exit(127); /* else the owner would think that the program was never executed */
	error = call_sigprocmask(SIG_SETMASK, &handoff->mask, NULL);
	if (error < 0)
		fail_start(handoff, OS_FAILED_SIGNAL_MASK, error);
	failed = execute(plan, &error);
	fail_start(handoff, failed, error);
}
