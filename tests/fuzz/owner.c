/* SPDX-License-Identifier: ISC */
/*
 * What the library does with any messages of a keeper and of a command that begins: a whole life of a hold, from
 * hold_spawn to hold_release, on the kernel of fake.h. There is no keeper: what it says is the input. Whatever that is,
 * no signal goes to another than the keeper and the process that it sent a descriptor of, each descriptor is closed and
 * the keeper reaped at the end, a status once told stays, and all that is told is within what the header says.
 *
 * The first byte is about the kernel and the options. A message is the keeper's, with so many descriptors; the other
 * kind is the command's; for events see happen. At the end of the script keeper and command end.
 */
#include "fake.h"

/* Itself, since it remembers that there can be no keeper: each run is to begin without that. */
#include "../../src/os/start/spawn-keeper.c"

#include <pidhold.h>

#include <poll.h>

enum { OWN_PID = 10, KEEPER_PID = 40, KEEPERS = 5, COMMAND_PID = 50, QUEUE = 64, SILENCE = 128, PATIENCE = 20000 };

/* What descriptors are. IS_SENT came with a message: a process, the command. That of keeper i is OF_KEEPER + i. */
enum { IS_KEEPERS_END = 1, IS_TALK, IS_STATUS, IS_OTHER_STATUS, IS_OWNER, IS_SENT, IS_INFO, OF_KEEPER = 20 };

enum { NO_KEEPER, ALIVE, ENDED, REAPED };

/* The first byte. */
enum { OWN_PIDS = 1, LEAVES = 2, RESETS = 4, HAS_NO_CLONE_PIDFD = 8, STAYS_FULL = 16, IS_IN_MEMORY = 32 };

struct queue {
	struct fake_record records[QUEUE];
	int first, count;
};

static struct queue talk, status_queue;
static uint8_t config;
/* One that fails is followed by another, and may be late. */
static struct { int state, signal; } keepers[KEEPERS], *keeper;

static int pairs, resets, full, silent, silent_left; /* silent: polls until something happens */
static bool command_has_ended, is_over, info_is_read;
static bool is_started, said_ended, said_empty; /* the keeper, once the start is done */
static long steps;

long __wrap_os_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_os_clone3(struct os_clone_args *args, size_t size, void (*run)(void *), void *argument);
long __wrap_os_clone(unsigned long flags, void *top, int *pidfd, void (*run)(void *), void *argument);

/* ---- the script ---- */

static void end_fake_keeper(int signal) {
	if (keeper->state != ALIVE)
		return;
	keeper->state = ENDED;
	keeper->signal = signal;
	resets = config & RESETS ? 1 : 0;
	command_has_ended |= signal != 0; /* as it asked the kernel */
}

static void happen(int event) {
	switch (event & 3) {
	case 0:
		end_fake_keeper(0);
		break;
	case 1:
		end_fake_keeper(SIGKILL);
		break;
	case 2:
		command_has_ended = true;
		break;
	default:
		silent = silent_left < event >> 2 << 3 ? silent_left : event >> 2 << 3;
		silent_left -= silent;
	}
}

static void push(struct queue *queue, const struct fake_record *record) {
	if (queue->count < QUEUE)
		queue->records[queue->count++] = *record;
}

/* false: nothing is to happen any more. */
static bool go_on(void) {
	struct fake_record record;

	if (is_over)
		return false;
	if (!fake_next(&record)) {
		is_over = true;
		end_fake_keeper(0);
		command_has_ended = true;
	} else if (record.kind == FAKE_MESSAGE) {
		push(&talk, &record);
	} else if (record.kind == FAKE_OTHER) {
		push(&status_queue, &record);
	} else {
		happen(record.number);
	}
	return true;
}

/* ---- system calls ---- */

static bool is_empty(const struct queue *queue) {
	return queue->first == queue->count;
}

static void note_word(const struct fake_record *record) {
	struct keeper_message said;

	if (!is_started || record->size != sizeof said)
		return;
	memcpy(&said, record->bytes, sizeof said);
	said_ended |= said.word == KEEPER_SAYS_ENDED && said.wait_status == 0 && said.user_us >= 0 &&
		      said.system_us >= 0 && said.max_rss_kib >= 0;
	said_empty |= said.word == KEEPER_SAYS_EMPTY;
}

static long on_receive(int socket, struct msghdr *header) {
	const bool is_talk = fake_what(socket) == IS_TALK;
	struct queue *queue = is_talk ? &talk : &status_queue;
	const struct fake_record *record;

	MUST(is_talk || fake_what(socket) == IS_STATUS);
	if (is_talk && keeper->state != ALIVE && resets-- > 0)
		return -ECONNRESET;
	if (is_empty(queue)) {
		header->msg_controllen = 0;
		return (is_talk ? keeper->state != ALIVE : command_has_ended) ? 0 : -EAGAIN;
	}
	record = &queue->records[queue->first++];
	if (is_talk)
		note_word(record);
	return fake_deliver(header, record, is_talk ? record->number : 0, IS_SENT);
}

static long on_read(int fd, void *bytes, size_t size) {
	static const char info[] = "pos:\t0\nPid:\t50\n";
	struct iovec part = { bytes, size };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fake_what(fd) != IS_INFO)
		return on_receive(fd, &header);
	if (info_is_read)
		return 0;
	info_is_read = true;
	MUST(size >= sizeof info);
	memcpy(bytes, info, sizeof info - 1);
	return sizeof info - 1;
}

static void check_sent(const struct msghdr *header) {
	const struct cmsghdr *control = CMSG_FIRSTHDR(header);
	const int count = control ? (int)((control->cmsg_len - CMSG_LEN(0)) / sizeof(int)) : 0;
	int fd;

	for (int i = 0; i < count; i++) {
		memcpy(&fd, CMSG_DATA(control) + (size_t)i * sizeof fd, sizeof fd);
		MUST(fake_what(fd));
	}
}

static long on_send(int socket, const struct msghdr *header) {
	MUST(fake_what(socket) == IS_TALK || fake_what(socket) == IS_STATUS);
	check_sent(header);
	if (fake_what(socket) == IS_TALK ? keeper->state != ALIVE : command_has_ended)
		return -EPIPE;
	if (config & STAYS_FULL && full++ % 4 != 3)
		return -EAGAIN;
	return (long)header->msg_iov->iov_len;
}

/* The keeper that a descriptor is of; -1: of none. */
static int keeper_of(int fd) {
	return fake_what(fd) < OF_KEEPER ? -1 : fake_what(fd) - OF_KEEPER;
}

static int on_signal(int pidfd, int signal) {
	const int i = keeper_of(pidfd);

	MUST(i >= 0 || fake_what(pidfd) == IS_SENT); /* nobody else is ever signalled */
	if (i < 0) {
		command_has_ended |= signal == SIGKILL;
		return 0;
	}
	if (signal == SIGKILL && &keepers[i] == keeper)
		end_fake_keeper(SIGKILL);
	return keepers[i].state == REAPED ? -ESRCH : 0;
}

static short events_of(const struct os_pollfd *poll) {
	bool is_readable = false;

	switch (fake_what(poll->fd)) {
	case 0:
		return poll->fd < 0 ? 0 : POLLNVAL;
	case IS_TALK:
		is_readable = !is_empty(&talk) || keeper->state != ALIVE;
		break;
	case IS_STATUS:
		is_readable = !is_empty(&status_queue) || command_has_ended;
		break;
	case IS_SENT:
		is_readable = command_has_ended;
		break;
	default:
		is_readable = keeper_of(poll->fd) >= 0 && keepers[keeper_of(poll->fd)].state != ALIVE;
	}
	return (short)((is_readable ? POLLIN : 0) | (poll->events & POLLOUT)) & (poll->events | POLLNVAL);
}

static long on_poll(struct os_pollfd *fds, long count, const struct os_timespec *timeout) {
	int found = 0;

	for (;;) {
		for (long i = 0; i < count; i++) {
			fds[i].revents = events_of(&fds[i]);
			found += fds[i].revents != 0;
		}
		if (found || (timeout && !timeout->seconds && !timeout->nanoseconds))
			return found;
		if (!timeout || silent == 0) {
			if (go_on())
				continue;
		} else {
			silent--;
		}
		MUST(timeout); /* it would wait for ever */
		fake_sleep(timeout);
		return 0;
	}
}

static long on_wait(int type, int id, siginfo_t *info, int options) {
	const int i = type == P_PID ? id - KEEPER_PID : keeper_of(id);

	info->si_pid = 0;
	if (type == P_PID ? id == COMMAND_PID : fake_what(id) == IS_SENT) /* its keeper's child */
		return -ECHILD;
	MUST(i >= 0 && i < KEEPERS && keepers[i].state != NO_KEEPER);
	while (!(options & WNOHANG) && keepers[i].state == ALIVE && go_on())
		;
	if (keepers[i].state != ENDED)
		return keepers[i].state == REAPED ? -ECHILD : 0;
	info->si_pid = KEEPER_PID + i;
	info->si_code = keepers[i].signal ? CLD_KILLED : CLD_EXITED;
	info->si_status = keepers[i].signal;
	if (!(options & WNOWAIT))
		keepers[i].state = REAPED;
	return 0;
}

static long on_socketpair(int *ends) {
	const bool is_talk = pairs++ % 2 == 0;

	ends[0] = fake_open(is_talk ? IS_TALK : IS_STATUS);
	ends[1] = fake_open(is_talk ? IS_KEEPERS_END : IS_OTHER_STATUS);
	return 0;
}

static long on_open(const char *path) {
	info_is_read = false;
	return strncmp(path, "/proc/self/fdinfo/", 18) ? -ENOENT : fake_open(IS_INFO);
}

static long on_open_process(int pid) {
	const int i = pid - KEEPER_PID;

	if (pid == OWN_PID)
		return fake_open(IS_OWNER);
	MUST(&keepers[i] == keeper && keeper->state != REAPED);
	return fake_open(OF_KEEPER + i);
}

static long on_kill(int pid, int signal) {
	MUST(&keepers[pid - KEEPER_PID] == keeper && keeper->state != REAPED && signal == SIGKILL);
	end_fake_keeper(signal);
	return 0;
}

long __wrap_os_syscall(long number, long a, long b, long c, long d, long e, long f) {
	(void)d, (void)e, (void)f;
	MUST(++steps < PATIENCE);
	switch (number) {
	case SYS_recvmsg:
		return on_receive((int)a, (struct msghdr *)b);
	case SYS_read:
	case SYS_recvfrom:
		return on_read((int)a, (void *)b, (size_t)c);
	case SYS_sendmsg:
		return on_send((int)a, (const struct msghdr *)b);
	case SYS_ppoll:
		return on_poll((struct os_pollfd *)a, b, (const struct os_timespec *)c);
	case SYS_clock_nanosleep:
		fake_sleep((const void *)c);
		return 0;
	case CALL_PIDFD_SEND_SIGNAL:
		return on_signal((int)a, (int)b);
	case CALL_PIDFD_OPEN:
		return on_open_process((int)a);
	case SYS_waitid:
		return on_wait((int)a, (int)b, (siginfo_t *)c, (int)d);
	case SYS_kill:
		return on_kill((int)a, (int)b);
	case SYS_socketpair:
		return on_socketpair((int *)d);
	case SYS_openat:
		return on_open((const char *)b);
	case SYS_close:
		MUST(fake_close((int)a) == 0);
		return 0;
	case SYS_fcntl:
		return fake_fcntl((int)a, (int)b, c);
	case SYS_dup3:
		return fake_dup3((int)a, (int)b);
	case SYS_getpid:
		return OWN_PID;
	case SYS_readlinkat:
		memcpy((void *)c, "same", 4);
		return 4;
	case SYS_rt_sigprocmask:
		if (c)
			memset((void *)c, 0, sizeof(uint64_t));
		return 0;
	case SYS_shutdown:
	case SYS_rt_sigaction:
	case SYS_sched_yield:
		return 0;
	default:
		return -ENOSYS;
	}
}

/* The starter has become the keeper. */
static long clone_keeper(int *pidfd, struct keeper_starter *starter) {
	end_fake_keeper(0); /* one that was late has ended by now */
	if (keeper->state != NO_KEEPER)
		keeper++;
	MUST(keeper < keepers + KEEPERS);
	talk = status_queue = (struct queue){ .count = 0 };
	keeper->state = is_over ? ENDED : ALIVE;
	command_has_ended = is_over;
	starter->has_run = 1;
	if (pidfd && !(config & HAS_NO_CLONE_PIDFD))
		*pidfd = fake_open(OF_KEEPER + (int)(keeper - keepers));
	return KEEPER_PID + (int)(keeper - keepers);
}

long __wrap_os_clone3(struct os_clone_args *args, size_t size, void (*run)(void *), void *argument) {
	(void)size, (void)run;
	return clone_keeper((int *)(uintptr_t)args->pidfd, argument);
}

long __wrap_os_clone(unsigned long flags, void *top, int *pidfd, void (*run)(void *), void *argument) {
	(void)flags, (void)top, (void)run;
	return clone_keeper(pidfd, argument);
}

/* ---- the life of a hold ---- */

static bool is_error(int result) {
	return result < 0 && result >= -4095;
}

static int spawn(struct hold **ret) {
	static const char *const argv[] = { "/bin/sh", "-c", "exit", NULL };
	static const struct hold_rung ladder[] = { { .signal = SIGTERM, .wait_ms = 50 }, { .signal = SIGKILL } };
	const struct hold_options options = {
		.size = sizeof options,
		.argv = argv,
		.ladder = ladder,
		.ladder_count = 2,
		.contain = config & OWN_PIDS ? HOLD_CONTAIN_PIDNS : HOLD_CONTAIN_KEEPER,
		.on_release = config & LEAVES && !(config & OWN_PIDS) ? HOLD_ON_RELEASE_LEAVE : HOLD_ON_RELEASE_STOP,
	};
	struct hold_error error = { .size = sizeof error };
	const int result = hold_spawn(ret, &options, &error);

	if (result == 0)
		return 0;
	MUST(is_error(result) && error.code == result && !*ret);
	MUST(error.step >= HOLD_AT_OPTION && error.step <= HOLD_AT_TREE_LIMIT);
	return result;
}

/* 0 once it is known how the process ended. */
static int wait_for(struct hold *h, int64_t deadline, struct hold_status *ret) {
	const int result = hold_wait(h, deadline, ret);

	MUST(result == 0 || result == HOLD_PENDING || is_error(result));
	if (result != 0)
		return result;
	MUST(ret->how >= HOLD_HOW_EXITED && ret->how <= HOLD_HOW_UNKNOWN);
	MUST(ret->how != HOLD_HOW_EXITED || (ret->code >= 0 && ret->code <= 255));
	MUST(ret->how != HOLD_HOW_SIGNALLED || (ret->code >= 1 && ret->code <= SIGRTMAX));
	MUST(ret->how != HOLD_HOW_UNKNOWN || ret->code == -1);
	MUST(ret->core_dumped >= -1 && ret->core_dumped <= 1);
	MUST(ret->user_us >= -1 && ret->system_us >= -1 && ret->max_rss_kib >= -1);
	return 0;
}

static void live(struct hold *h) {
	struct hold_status first = { .size = sizeof first }, last = { .size = sizeof last };
	int result, was;

	is_started = true;
	MUST(hold_pid(h) > 0);
	MUST(hold_fd(h) > 2 && hold_tree_fd(h) > 2 && hold_job_fd(h) > 2);
	was = wait_for(h, HOLD_NOW, &first);
	if (was != 0)
		was = wait_for(h, hold_after_ms(50), &first);
	result = hold_job_take(h);
	MUST(result == 0 || result == HOLD_JOB_STOPPED || result == HOLD_JOB_CONTINUED || result == -EOWNERDEAD);
	result = hold_signal(h, 0);
	MUST(result == 0 || result == HOLD_GONE);
	result = hold_tree_wait(h, hold_after_ms(50));
	MUST(result == 0 || result == HOLD_PENDING || result == -EOWNERDEAD);
	MUST(!said_empty || result == 0);
	result = hold_terminal_restore(h, HOLD_RESTORE_UNTIL_RELEASE);
	MUST(result == 0 || is_error(result));
	MUST(hold_tree_memory_peak(h) >= 0 || hold_tree_memory_peak(h) == -ENODATA);
	result = wait_for(h, HOLD_NOW, &last);
	MUST(result != 0 || !said_ended || last.how != HOLD_HOW_UNKNOWN);
	MUST(was != 0 || (result == 0 && !memcmp(&first, &last, sizeof first)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct hold *h = NULL;

	if (!size)
		return 0;
	config = bytes[0];
	memset(keepers, 0, sizeof keepers);
	keeper = keepers;
	pairs = silent = resets = full = 0;
	silent_left = SILENCE;
	command_has_ended = is_over = is_started = said_ended = said_empty = false;
	talk = status_queue = (struct queue){ .count = 0 };
	steps = 0;
	keeper_refusal = 0;
	first_image = config & IS_IN_MEMORY ? KEEPER_IN_MEMORY : KEEPER_INSTALLED;
	starter_cut_is_refused = false;
	fake_begin(bytes + 1, size - 1);
	if (spawn(&h) == 0)
		live(h);
	hold_release(h);
	while (go_on()) /* a keeper that has not ended is reaped later */
		;
	os_keeper_reap_late();
	for (int i = 0; i < KEEPERS; i++)
		MUST(keepers[i].state == NO_KEEPER || keepers[i].state == REAPED);
	for (int fd = 3; fd < FAKE_FDS; fd++)
		MUST(!fake_fds[fd]);
	fake_end();
	return 0;
}
