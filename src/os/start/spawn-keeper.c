/* SPDX-License-Identifier: ISC */
/*
 * A start with a keeper. We clone a starter (keeper-starter.c), which becomes the keeper: it executes src/keeper, in
 * our group and session. We send it the plan and the descriptors. The keeper clones the process, which waits, and sends
 * us its descriptor. Only when we have that do we tell the process to go on. So if something fails or is killed before,
 * nothing has run; if something fails afterwards, the process itself, which we hold, reports it.
 *
 * Every wait here has a bound, except the wait for the plan's operations: the caller sets that bound. A starter or a
 * keeper that is silent is continued, since a signal may have stopped it, and is killed after KEEPER_MS.
 */
#include "os/calls.h"
#include "child-status.h"
#include "clone-ways.h"
#include "keeper-plan.h"
#include "keeper-starter.h"
#include "keeper.h"
#include "os/message.h"
#include "os/os.h"
#include "os/procfs.h"
#include "os/wait-child.h"
#include "base/clock.h"
#include "base/waits.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	STACK_SIZE = 32768, /* of the starter */
	SEND_MS = 1,        /* pause before what could not be sent is tried again */
	TRIES = 4,
	TRIES_MS = 2 * KEEPER_MS /* for all of them: signals are blocked in each */
};

/* A start on its way. */
struct keeper_start {
	const struct os_plan *plan; /* NULL: the keeper is only tried */
	const struct os_keeping *keeping;
	int64_t limit; /* of all tries */
	struct keeper_task task;
	struct keeper_starter starter;
	struct os_keeper keeper;
	struct os_handoff handoff; /* what the process says */
	char *bytes;               /* of the plan */
	size_t sent, descriptors_sent, chunk;
	int *descriptors;
	char *stack;
	int keepers_socket, owner, status[2]; /* -1: none, or closed */
	int pid, pidfd;                       /* of the process, once the keeper has sent its descriptor */
	bool is_ready;
	bool is_lasting; /* the failure is no passing lack of something */
	int failed;
	int need; /* enum keeper_need: what the failure shows to be missing */
};

/* ---- what is known of keepers here ---- */

static _Atomic int keeper_refusal; /* why there can be none; 0: nothing speaks against it */
static _Atomic int missing_need;   /* enum keeper_need: what that error shows to be missing */
static _Atomic int first_image;    /* enum keeper_image */
static _Atomic bool starter_cut_is_refused;

/* The link cannot be read while the namespace has no init yet; before Linux 4.12 the link does not exist. */
static bool has_unborn_namespace(void) {
	const int link = call_openat("/proc/self/ns/pid_for_children", O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);

	if (link >= 0)
		call_close(link);
	return link >= 0;
}

/*
 * A program that has made a PID namespace for its children wants the first of them to be its init: that must not be a
 * keeper.
 */
static bool has_namespace_for_children(void) {
	char ours[64], theirs[64];
	const long length = OS_CALL(SYS_readlinkat, AT_FDCWD, "/proc/self/ns/pid", ours, sizeof ours, 0);
	const long others =
		OS_CALL(SYS_readlinkat, AT_FDCWD, "/proc/self/ns/pid_for_children", theirs, sizeof theirs, 0);

	if (length <= 0 || others <= 0)
		return length > 0 && others == -ENOENT && has_unborn_namespace();
	return length != others || memcmp(ours, theirs, (size_t)length) != 0;
}

static const char *need_text(int need) {
	static const char *const texts[] = {
		NULL,
#define NEED(name, words) words,
#include "keeper-needs.def"
#undef NEED
	};

	return need >= 0 && (size_t)need < sizeof texts / sizeof *texts ? texts[need] : NULL;
}

int os_keeper_check(const char **ret_need) {
	const int error = atomic_load_explicit(&keeper_refusal, memory_order_relaxed);

	*ret_need = need_text(atomic_load_explicit(&missing_need, memory_order_relaxed));
	if (error < 0)
		return error;
	*ret_need = need_text(KEEPER_NEEDS_OWN_NAMESPACE);
	return has_namespace_for_children() ? -EBUSY : 0;
}

/* An error that may not occur the next time is not stored. */
static void remember_refusal(const struct keeper_start *start, int error) {
	static const int lasting[] = { -ENOSYS, -EPERM, -EACCES, -EINVAL, -ENOEXEC, -ENOENT, -EOPNOTSUPP };

	if (start->keeping->own_pids || start->failed != OS_FAILED_KEEPER || !start->is_lasting)
		return;
	for (size_t i = 0; i < sizeof lasting / sizeof *lasting; i++) {
		if (error != lasting[i])
			continue;
		atomic_store_explicit(&missing_need, start->need, memory_order_relaxed);
		atomic_store_explicit(&keeper_refusal, error, memory_order_relaxed);
	}
}

/* ---- before: all that is opened and allocated ---- */

static void take_modes(struct keeper_start *start) {
	_Static_assert(sizeof start->task.modes >= 60, "the kernel's struct termios on every machine");

	if (start->keeping->terminal < 0)
		return;
	if (call_ioctl(start->keeping->terminal, CALL_TCGETS, start->task.modes) == 0)
		start->task.modes_size = KEEPER_MODES;
}

static void take_rungs(struct keeper_start *start) {
	const struct os_keeping *keeping = start->keeping;

	for (size_t i = 0; i < keeping->rung_count; i++)
		start->task.rungs[i] = keeping->rungs[i];
	start->task.rung_count = (int32_t)keeping->rung_count;
	start->task.has_death_climb = keeping->has_death_climb;
}

static void take_namespace(struct keeper_start *start) {
	if (!start->keeping->own_pids)
		return;
	start->starter.namespaces = CLONE_NEWPID | CLONE_NEWNS;
	start->starter.user = geteuid();
	start->starter.group = getegid();
	start->task.is_init = true;
}

static void take_group(struct keeper_start *start) {
	if (!start->keeping->cgroup)
		return;
	start->task.has_cgroup = true;
	start->task.has_limits = start->keeping->limits != NULL;
	start->task.cpu_time_us = start->keeping->limits ? start->keeping->limits->cpu_time_us : 0;
	strcpy(start->task.cgroup_name, start->keeping->cgroup->name);
}

static int open_pair(int *ret_ours, int *ret_theirs) {
	int pair[2], error = call_socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, pair);

	if (error < 0)
		return error;
	*ret_ours = os_above_stdio(pair[0]);
	*ret_theirs = os_above_stdio(pair[1]);
	return *ret_ours < 0 ? *ret_ours : *ret_theirs < 0 ? *ret_theirs : 0;
}

static int open_all(struct keeper_start *start) {
	int error = open_pair(&start->keeper.socket, &start->keepers_socket);

	if (error == 0 && start->plan)
		error = open_pair(&start->status[0], &start->status[1]);
	if (error < 0)
		return error;
	start->keepers_socket = os_lower(start->keepers_socket);
	start->owner = os_above_stdio(call_pidfd_open(call_getpid(), 0));
	start->need = start->owner < 0 ? KEEPER_NEEDS_PIDFD : KEEPER_NEEDS_NOTHING;
	return start->owner < 0 ? start->owner : 0;
}

/* In the order of keeper.h. */
static int list_descriptors(struct keeper_start *start) {
	const size_t sources = start->plan ? start->plan->source_count : 0;
	int *list = calloc(KEEPER_FDS + sources, sizeof *list);
	int count = KEEPER_FDS;

	if (!list)
		return -ENOMEM;
	list[KEEPER_OWNER] = start->owner;
	list[KEEPER_STATUS] = start->plan ? start->status[1] : start->owner;
	list[KEEPER_CGROUP] = start->task.has_cgroup ? start->keeping->cgroup->fd : start->owner;
	list[KEEPER_TERMINAL] = start->task.modes_size ? start->keeping->terminal : start->owner;
	for (size_t i = 0; i < sources; i++) {
		if (start->plan->sources[i] >= 0)
			list[count++] = start->plan->sources[i];
	}
	start->descriptors = list;
	start->task.descriptors = count;
	return 0;
}

static char *map_stack(void) {
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	return stack == MAP_FAILED ? NULL : stack;
}

static int prepare(struct keeper_start *start, uint64_t callers_mask) {
	size_t size = 0;
	int error;

	take_modes(start);
	take_rungs(start);
	take_namespace(start);
	take_group(start);
	start->task.is_trial = !start->plan;
	if (start->plan) {
		start->bytes = keeper_plan_write(start->plan, callers_mask, &size);
		if (!start->bytes)
			return -ENOMEM;
	}
	start->task.plan_size = size;
	start->stack = map_stack();
	if (!start->stack)
		return -ENOMEM;
	error = open_all(start);
	return error < 0 ? error : list_descriptors(start);
}

/* ---- what is sent ---- */

static long send_with(int socket, const void *bytes, size_t size, const int *descriptors, size_t count) {
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(KEEPER_DESCRIPTORS * sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec part = { (void *)(uintptr_t)bytes, size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (count) {
		message.msg_control = &control;
		message.msg_controllen = (socklen_t)CMSG_SPACE(count * sizeof(int));
		control.header.cmsg_len = (socklen_t)CMSG_LEN(count * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		memcpy(CMSG_DATA(&control.header), descriptors, count * sizeof(int));
	}
	return call_sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static bool is_all_sent(const struct keeper_start *start) {
	return start->sent == sizeof start->task + start->task.plan_size &&
	       start->descriptors_sent == (size_t)start->task.descriptors;
}

static size_t least(size_t a, size_t b) {
	return a < b ? a : b;
}

/* The task is a message, then the plan is in chunks, each with a part of the descriptors: 0, -EAGAIN, or an error. */
static int send_all(struct keeper_start *start) {
	static const char padding = 0; /* where descriptors are left and the plan is not */
	const void *from;
	size_t size, count;
	long sent;

	while (!is_all_sent(start)) {
		from = &start->task;
		size = sizeof start->task;
		if (start->sent) {
			from = start->bytes + (start->sent - sizeof start->task);
			size = least(start->chunk, (size_t)start->task.plan_size - (start->sent - sizeof start->task));
		}
		count = least(KEEPER_DESCRIPTORS, (size_t)start->task.descriptors - start->descriptors_sent);
		sent = send_with(start->keeper.socket, size ? from : &padding, size ? size : 1,
				 start->descriptors + start->descriptors_sent, count);
		if (sent == -EMSGSIZE && start->chunk > KEEPER_CHUNK_LEAST) { /* net.core.wmem_default */
			start->chunk /= 2;
			continue;
		}
		if (sent < 0)
			return (int)sent;
		start->sent += size;
		start->descriptors_sent += count;
	}
	return 0;
}

/*
 * Where there was no room, poll reports when there is, and may be wrong: so this sleeps a little. An error that means
 * that the keeper has ended is ignored: the keeper's descriptor reports it.
 */
static int send_more(struct keeper_start *start) {
	const size_t sent = start->sent;
	const int error = send_all(start);

	if (error == -EAGAIN && start->sent == sent)
		os_sleep(clock_after_ms(SEND_MS));
	return error == -EAGAIN || error == -EPIPE || error == -ECONNRESET ? 0 : error;
}

/* ---- what is received ---- */

/* READY brings the descriptor of the command. If our table has no room for it, the command has run nothing yet. */
static int take_ready(struct keeper_start *start, const struct keeper_message *message, int descriptor) {
	int pid;

	start->is_ready = !start->plan;
	if (start->is_ready) {
		os_close(descriptor);
		return 0;
	}
	if (descriptor < 0)
		return -EMFILE;
	start->pidfd = os_above_stdio(descriptor);
	if (start->pidfd < 0)
		return start->pidfd;
	/* In a PID namespace the keeper has another number for it. */
	pid = start->keeping->own_pids ? os_pidfd_pid(start->pidfd) : message->wait_status;
	if (pid <= 0)
		return start->keeping->own_pids ? pid : -EPROTO;
	start->pid = pid;
	start->is_ready = true;
	return 0;
}

/* The descriptor that came with a message; -1: none did. */
static int descriptor_of(struct msghdr *header) {
	const struct cmsghdr *control = CMSG_FIRSTHDR(header);
	int descriptor = -1;

	if (control && control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_RIGHTS)
		memcpy(&descriptor, CMSG_DATA(control), sizeof descriptor);
	return descriptor;
}

static int receive_ready(struct keeper_start *start) {
	struct keeper_message message = { .word = 0 };
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = { &message, sizeof message };
	/* CMSG_SPACE would leave room for two descriptors. */
	struct msghdr header = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_LEN(sizeof(int))
	};
	const long size = call_recvmsg(start->keeper.socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const int descriptor = size < 0 ? -1 : descriptor_of(&header);

	if (size == -EAGAIN || size == -EINTR)
		return 0;
	if (size < 0)
		return (int)size;
	if (size == (long)sizeof message && message.word == KEEPER_SAYS_READY)
		return take_ready(start, &message, descriptor);
	os_close(descriptor);
	if (size != (long)sizeof message || message.word != KEEPER_SAYS_FAILED)
		return -EPROTO;
	start->failed = message.failed;
	start->need = message.wait_status;
	start->is_lasting = true;
	return os_is_error(message.error) ? message.error : -EPROTO;
}

/* ---- the keeper's beginning ---- */

/* Why the starter or the keeper has ended. A filter may have killed it for a call that a keeper makes. */
static int why_ended(struct keeper_start *start) {
	siginfo_t info = { .si_pid = 0 };
	const int result =
		wait_child(start->keeper.pidfd, start->keeper.pid, WEXITED | WNOHANG | WNOWAIT | __WALL, &info, NULL);

	start->is_lasting = true;
	start->need = start->starter.error < 0 ? start->starter.need : KEEPER_NEEDS_NOTHING;
	if (start->starter.error < 0)
		return start->starter.error;
	if (result == 0 && info.si_pid && info.si_code != CLD_EXITED)
		return info.si_status == SIGSYS ? -EPERM : -ECHILD;
	return -ENOEXEC; /* the program is not our keeper */
}

/* 0: something has happened; 1: nothing has until the deadline. */
static int poll_keeper(struct keeper_start *start, int64_t deadline, bool *ret_has_ended) {
	struct os_pollfd fds[] = {
		{ start->keeper.socket, (short)(is_all_sent(start) ? POLLIN : POLLIN | POLLOUT), 0 },
		{ start->keeper.pidfd, POLLIN, 0 },
	};
	struct os_timespec timeout = time_left(deadline);
	const int result = call_ppoll(fds, 2, &timeout);

	*ret_has_ended = result > 0 && fds[1].revents;
	return result == -EINTR ? 0 : result < 0 ? result : result == 0;
}

/* Waits until the keeper says READY: 0, or the reason why it does not. */
static int wait_for_keeper(struct keeper_start *start, int64_t deadline) {
	const int64_t limit = clock_earliest(clock_earliest(deadline, start->limit), clock_after_ms(KEEPER_MS));
	bool has_ended = false;
	int error = 0;

	while (error >= 0 && !start->is_ready) {
		const int64_t slice = clock_after_ms(WAKE_MS);

		error = poll_keeper(start, clock_earliest(slice, limit), &has_ended);
		if (error == 1)
			os_keeper_wake(&start->keeper);
		if (error == 0)
			error = receive_ready(start);
		if (error == 0 && !start->is_ready)
			error = has_ended ? why_ended(start) : send_more(start);
		if (error >= 0 && !start->is_ready && clock_now() >= limit)
			return -ETIMEDOUT;
	}
	return error;
}

static long clone_starter(struct keeper_start *start) {
	const struct clone_request request = {
		.run = keeper_starter_run,
		.argument = &start->starter,
		.stack = start->stack,
		.stack_size = STACK_SIZE,
		/* Where system calls go through libc, this thread must wait: it shares errno with the starter. */
		.flags = (CALLS_ARE_BARE ? 0 : CLONE_VFORK) | (start->starter.cut < 0 ? 0 : CLONE_FILES) |
			 start->starter.namespaces,
		.exit_signal = SIGCHLD,
	};
	const long pid = clone_child(&request, &start->keeper.pidfd);

	return pid == CLONE_WOULD_FORK ? -ENOSYS : pid;
}

/* The table is cut above the keeper's end of the socket, in whole words: see table-cut.c. */
static int where_to_cut(const struct keeper_start *start) {
	if (atomic_load_explicit(&starter_cut_is_refused, memory_order_relaxed))
		return -1;
	return start->plan && start->plan->pass_all ? -1 : (start->keepers_socket / 64 + 1) * 64;
}

/*
 * A descriptor of the starter, where clone gave none. -ECHILD: it has ended, and the kernel has reaped it for a host
 * that ignores SIGCHLD, so the number may be another process's.
 */
static int open_starter(int pid) {
	const int pidfd = call_pidfd_open(pid, 0);
	siginfo_t info;

	if (pidfd == -ESRCH)
		return -ECHILD;
	if (pidfd < 0 || wait_child(pidfd, pid, WEXITED | WNOHANG | WNOWAIT | __WALL, &info, NULL) != -ECHILD)
		return pidfd;
	call_close(pidfd);
	return -ECHILD;
}

static int open_starter_pidfd(struct keeper_start *start, long pid) {
	start->keeper.pid = (int)pid;
	if (start->keeper.pidfd < 0)
		start->keeper.pidfd = open_starter((int)pid);
	if (start->keeper.pidfd == -ECHILD)
		start->keeper.pid = 0;
	if (start->keeper.pidfd >= 0 && start->keeper.pidfd <= 2) {
		const int higher = call_fcntl(start->keeper.pidfd, F_DUPFD_CLOEXEC, 3);

		if (higher < 0)
			return higher;
		call_close(start->keeper.pidfd);
		start->keeper.pidfd = higher;
	}
	return start->keeper.pidfd < 0 ? start->keeper.pidfd : 0;
}

/* A lack of processes or memory concerns any start: then the keeper is not to blame. */
static void blame_process(struct keeper_start *start, int error) {
	if (error == -EAGAIN || error == -ENOMEM)
		start->failed = OS_FAILED_PROCESS;
}

static int make_starter(struct keeper_start *start) {
	long pid;

	start->starter.socket = start->keepers_socket;
	start->starter.pass_all = start->plan && start->plan->pass_all;
	start->starter.cut = where_to_cut(start);
	start->starter.has_run = start->starter.error = 0;
	pid = clone_starter(start);
	if ((pid == -EPERM || pid == -ENOSYS) && start->starter.namespaces) { /* below a user namespace */
		start->starter.namespaces |= CLONE_NEWUSER;
		pid = clone_starter(start);
	}
	if (clone_is_refusal(pid) && start->starter.cut >= 0) { /* the other ways copy the table */
		start->starter.cut = -1;
		pid = clone_starter(start);
	}
	start->is_lasting = pid < 0;
	start->need = pid >= 0                    ? KEEPER_NEEDS_NOTHING
		      : start->starter.namespaces ? KEEPER_NEEDS_NAMESPACE
						  : KEEPER_NEEDS_SHARED_MEMORY;
	blame_process(start, (int)pid);
	return pid < 0 ? (int)pid : open_starter_pidfd(start, pid);
}

/* Ends a starter that cannot be opened. The number is its own while it is a child of ours. */
static bool end_by_number(int pid) {
	siginfo_t info;

	if (wait_child(-1, pid, WEXITED | WNOHANG | WNOWAIT | __WALL, &info, NULL) < 0)
		return true; /* the kernel has reaped it for a host that ignores SIGCHLD */
	call_kill(pid, SIGKILL);
	if (os_wait_end(-1, pid, clock_after_ms(KEEPER_MS)) != 0)
		return false;
	wait_child(-1, pid, WEXITED | WNOHANG | __WALL, &info, NULL);
	return true;
}

/*
 * Kills and reaps the starter, or the keeper that it has become; nothing of the plan was done. The stack may be freed
 * once it has ended. false: it has not ended even by SIGKILL.
 */
static bool end_keeper(struct keeper_start *start) {
	bool has_ended = true;

	if (start->keeper.pid == 0)
		return true;
	if (start->keeper.pidfd < 0) {
		has_ended = end_by_number(start->keeper.pid);
	} else {
		call_pidfd_send_signal(start->keeper.pidfd, SIGKILL, 0);
		has_ended = os_wait_readable(start->keeper.pidfd, clock_after_ms(KEEPER_MS)) == 0;
		os_keeper_release(&start->keeper, 0);
	}
	start->keeper.pid = 0;
	return has_ended;
}

/* Signals are blocked while the starter is in our memory, since a handler of ours would run there. */
static int begin_keeper(struct keeper_start *start, int64_t deadline) {
	int error = make_starter(start);

	if (error >= 0)
		error = send_more(start);
	if (error >= 0)
		error = wait_for_keeper(start, deadline);
	if (error < 0 && start->starter.has_run < 0)
		atomic_store_explicit(&starter_cut_is_refused, true, memory_order_relaxed);
	if (error < 0 && !end_keeper(start))
		start->stack = NULL; /* the stack is leaked: the starter may still run on it */
	return error;
}

/* ---- the process's beginning ---- */

/* Waits until the process says that it waits for us, or has ended: as all do that start in a group once killed. */
static int wait_for_begin(struct keeper_start *start, int64_t deadline) {
	const int64_t limit = clock_earliest(deadline, clock_after_ms(KEEPER_MS));
	int64_t slice;
	int result;

	while (!start->handoff.has_begun) {
		slice = clock_after_ms(WAKE_MS);
		result = os_wait_readable(start->status[0], clock_earliest(slice, limit));
		if (result < 0)
			return result;
		if (result == 0 && status_receive_one(&start->handoff, start->status[0]) <= 0)
			break;
		if (result == 1 && os_wait_readable(start->pidfd, 0) == 0)
			break;
		if (result == 1 && clock_now() >= limit)
			return -ETIMEDOUT;
		if (result == 1)
			call_pidfd_send_signal(start->pidfd, SIGCONT, 0);
	}
	if (start->handoff.error < 0) {
		start->failed = start->handoff.failed;
		return start->handoff.error;
	}
	if (start->handoff.has_begun)
		return 0;
	start->failed = start->task.has_cgroup ? OS_FAILED_CGROUP : OS_FAILED_KEEPER;
	return -ECHILD;
}

/* From here on the process does what the plan says. */
static int send_go(const struct keeper_start *start) {
	static const char byte = 0;
	long sent = call_send(start->status[0], &byte, 1);

	return sent < 0 ? (int)sent : 0;
}

static int run_plan(struct keeper_start *start, int64_t deadline) {
	int error = wait_for_begin(start, deadline);

	if (error == -ETIMEDOUT && clock_now() >= deadline)
		start->failed = OS_FAILED_PROCESS;
	if (error == 0)
		error = send_go(start);
	if (error < 0)
		return error;
	if (status_receive(&start->handoff, start->pid, start->pidfd, start->status[0], deadline) == 1)
		start->handoff.is_late = true;
	return status_outcome(&start->handoff, &start->failed);
}

/* Ends the process, which has not executed the program, and then the keeper, which has no other child. */
static void give_up_keeper(struct keeper_start *start) {
	call_pidfd_send_signal(start->pidfd, SIGKILL, 0);
	os_keeper_send(&start->keeper, OS_KEEPER_KILL);
	os_keeper_release(&start->keeper, clock_after_ms(KEEPER_MS));
}

/* ---- all of it ---- */

static void close_all(struct keeper_start *start) {
	os_close(start->status[0]);
	os_close(start->status[1]);
	os_close(start->owner);
	os_close_lowered(start->keepers_socket);
	start->status[0] = start->status[1] = start->owner = start->keepers_socket = -1;
}

/* Closes the ends that the keeper has by now: else we would not see that it is gone. */
static void close_theirs(struct keeper_start *start) {
	os_close(start->status[1]);
	os_close_lowered(start->keepers_socket);
	start->status[1] = start->keepers_socket = -1;
}

static int64_t deadline_of(const struct keeper_start *start) {
	return start->plan && start->plan->deadline ? start->plan->deadline : INT64_MAX;
}

/*
 * Memory is allocated before the signals are blocked. With musl's own signal blocked a thread must not wait for the
 * lock of malloc: a setresuid(2) of another thread waits for this one to take the signal, and a fork(2) of a third
 * thread, which has the lock, waits for that one.
 */
static int prepare_and_begin(struct keeper_start *start, int64_t deadline) {
	const uint64_t all = ~UINT64_C(0);
	uint64_t old;
	int error = call_sigprocmask(SIG_BLOCK, NULL, &old);

	if (error == 0)
		error = prepare(start, old);
	if (error >= 0)
		error = call_sigprocmask(SIG_BLOCK, &all, &old);
	if (error < 0)
		return error;
	start->handoff.callers_mask = old;
	error = begin_keeper(start, deadline);
	call_sigprocmask(SIG_SETMASK, &old, NULL);
	return error;
}

static int try_start(struct keeper_start *start) {
	const int64_t deadline = deadline_of(start);
	int error;

	start->failed = OS_FAILED_KEEPER;
	error = prepare_and_begin(start, deadline);
	if (error == -ETIMEDOUT && clock_now() >= deadline)
		start->failed = OS_FAILED_PROCESS; /* the caller's time was up */
	if (error < 0)
		return error;
	close_theirs(start);
	if (start->plan) {
		error = run_plan(start, deadline);
		if (error < 0)
			give_up_keeper(start);
	}
	return error;
}

static void reset(struct keeper_start *start, enum keeper_image image) {
	const struct os_plan *plan = start->plan;
	const struct os_keeping *keeping = start->keeping;
	const int64_t limit = start->limit;

	*start = (struct keeper_start){
		.plan = plan,
		.keeping = keeping,
		.limit = limit,
		.starter = { .image = image },
		.chunk = KEEPER_CHUNK,
		.keeper = { .pidfd = -1, .socket = -1 },
		.handoff = { .plan = plan, .failed = OS_FAILED_PROCESS, .autogroup = INT32_MIN },
		.keepers_socket = -1,
		.owner = -1,
		.status = { -1, -1 },
		.pidfd = -1,
	};
}

static void free_start(struct keeper_start *start, int error) {
	close_all(start);
	free(start->bytes);
	free(start->descriptors);
	if (start->stack)
		munmap(start->stack, STACK_SIZE);
	if (error < 0) {
		os_close(start->keeper.socket);
		os_close(start->pidfd);
		start->keeper.socket = start->pidfd = -1;
	}
}

/* Whether another try may work, with what was learnt from a try that failed before anything of the plan was done. */
static bool is_worth_another(const struct keeper_start *start, enum keeper_image *image) {
	if (start->failed != OS_FAILED_KEEPER || clock_now() >= clock_earliest(deadline_of(start), start->limit))
		return false;
	if (start->starter.has_run < 0)
		return true;
	if (start->starter.image != KEEPER_INSTALLED || !start->starter.has_run)
		return false;
	*image = KEEPER_IN_MEMORY;
	return true;
}

static int start_with_keeper(struct keeper_start *start) {
	enum keeper_image image = (enum keeper_image)atomic_load_explicit(&first_image, memory_order_relaxed);
	const enum keeper_image first = image;
	bool again = true;
	int error = 0;

	start->limit = clock_after_ms(TRIES_MS);
	for (int try = 0; again && try < TRIES; try++) {
		reset(start, image);
		error = try_start(start);
		free_start(start, error);
		again = error < 0 && is_worth_another(start, &image);
	}
	if (error >= 0 && start->starter.image != first)
		atomic_store_explicit(&first_image, (int)start->starter.image, memory_order_relaxed);
	if (error < 0)
		remember_refusal(start, error);
	return error;
}

int os_spawn_with_keeper(const struct os_plan *plan, const struct os_keeping *keeping, struct os_child *ret,
			 struct os_keeper *ret_keeper, int *ret_failed, const char **ret_need) {
	struct keeper_start start = { .plan = plan, .keeping = keeping };
	int error;

	error = start_with_keeper(&start);
	*ret_failed = start.failed;
	*ret_need = need_text(start.need);
	if (error < 0)
		return error;
	*ret = (struct os_child){
		.pid = start.pid,
		.pidfd = start.pidfd,
		.niceness = start.handoff.niceness,
		.autogroup = start.handoff.autogroup,
		.table = start.starter.cut < 0 ? OS_TABLE_COPIED : OS_TABLE_CUT,
	};
	*ret_keeper = start.keeper;
	return 0;
}

/* Starts a keeper without a plan, which ends at once. */
static int try_keeper(const struct os_keeping *keeping, const char **ret_need) {
	struct keeper_start start = { .keeping = keeping };
	int error;

	*ret_need = NULL;
	error = os_owner() ? os_keeper_check(ret_need) : -ENOMEM; /* the owner, if the keeper becomes a late one */
	if (error < 0)
		return error;
	os_keeper_reap_late();
	error = start_with_keeper(&start);
	if (error >= 0)
		os_keeper_release(&start.keeper, clock_after_ms(KEEPER_MS));
	*ret_need = need_text(start.need);
	return error < 0 ? error : 0;
}

int os_probe_keeper(const char **ret_mechanism, const char **ret_need) {
	static const struct os_keeping nothing = { .terminal = -1 };
	const int error = try_keeper(&nothing, ret_need);

	*ret_mechanism = error ? "none" : "PR_SET_CHILD_SUBREAPER";
	return error;
}

int os_probe_pidns(const char **ret_mechanism, const char **ret_need) {
	static const struct os_keeping namespace = { .own_pids = true, .terminal = -1 };
	const int error = try_keeper(&namespace, ret_need);

	*ret_mechanism = error ? "none" : "CLONE_NEWPID";
	return error;
}
