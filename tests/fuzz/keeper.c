/* SPDX-License-Identifier: ISC */
/*
 * What a keeper does with any bytes from its owner. The sources of src/keeper run here, from keeper_begin to the exit,
 * on the kernel of fake.h: the command and its orphans are numbers in a table. Whatever the owner says, no signal goes
 * to another than a child, a keeper that ends leaves no child without being told to, and it says nothing untrue.
 *
 * The first byte is about the clone of the command. A message is the owner's; an event is a child's (see happen), or
 * with the second kind the owner's end. The end of the script is the owner's end too.
 */
#include "fake.h"

#include "../../src/keeper/state.h"
#include "os/calls.h"
#include "os/start/child.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum {
	OWN_PID = 10,
	FIRST_PID = 50,
	CHILDREN = 8,
	PATIENCE = 20000, /* system calls, after which the children end by themselves, and later the keeper has to */
	SOCKET = 3,
	BLOCKS = 64,
	LARGEST = 1 << 24 /* that calloc has */
};

/* What descriptors are. That of child i is OF_CHILD + i. */
enum {
	IS_SOCKET = 1,
	IS_SENT,
	IS_OWN,
	IS_SIGNALS,
	IS_LIST,
	IS_NO_LIST,
	IS_DIRECTORY,
	IS_KILL_FILE,
	IS_FILE,
	OF_CHILD = 20
};

enum { NO_CHILD, ALIVE, ZOMBIE, REAPED };

static struct {
	int state, changed; /* CLD_STOPPED, CLD_CONTINUED */
	int code, status;
	bool is_stubborn; /* SIGKILL alone ends it */
} children[CHILDREN];

static uint8_t config;
static struct fake_record message;
static bool has_message, owner_is_gone, has_signals, is_child, list_is_read;
static bool said_ready, said_ended, said_empty, was_told_to_leave, was_told_to_end, ended_by_itself;
static long steps;
static jmp_buf exit_of_keeper, exit_of_child;

static bool is_running;
static void *blocks[BLOCKS]; /* that are allocated */

void keeper_begin(int argc, char **argv) __attribute__((noreturn));
long __wrap_os_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_os_clone3(struct os_clone_args *args, size_t size, void (*run)(void *), void *argument);
long __wrap_os_clone(unsigned long flags, void *top, int *pidfd, void (*run)(void *), void *argument);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __real_free(void *block);
void __wrap_free(void *block);

/* ---- memory: keeper_exit gives nothing back ---- */

static void forget_block(const void *block) {
	for (size_t i = 0; block && i < BLOCKS; i++) {
		if (blocks[i] == block)
			blocks[i] = NULL;
	}
}

void *__wrap_calloc(size_t count, size_t size) {
	void *block = is_running && count && size > LARGEST / count ? NULL : __real_calloc(count, size);

	for (size_t i = 0; block && is_running && i < BLOCKS; i++) {
		if (!blocks[i]) {
			blocks[i] = block;
			break;
		}
	}
	return block;
}

void __wrap_free(void *block) {
	forget_block(block);
	__real_free(block);
}

static void free_all(void) {
	for (size_t i = 0; i < BLOCKS; i++) {
		__real_free(blocks[i]);
		blocks[i] = NULL;
	}
}

/* ---- children ---- */

static void end_child(int i, int code, int status) {
	if (children[i].state != ALIVE)
		return;
	children[i].state = ZOMBIE;
	children[i].changed = 0;
	children[i].code = code;
	children[i].status = status;
	has_signals = true;
}

static void change_child(int i, int change) {
	if (children[i].state == ALIVE)
		children[i].changed = change;
	has_signals = true; /* for one that is not there: somebody else's SIGCHLD */
}

static int make_child(bool is_stubborn) {
	for (int i = 0; i < CHILDREN; i++) {
		if (children[i].state == NO_CHILD) {
			children[i].state = ALIVE;
			children[i].is_stubborn = is_stubborn;
			return i;
		}
	}
	return -1;
}

static bool has_children(void) {
	for (int i = 0; i < CHILDREN; i++) {
		if (children[i].state == ALIVE || children[i].state == ZOMBIE)
			return true;
	}
	return false;
}

static void end_all(void) {
	for (int i = 0; i < CHILDREN; i++)
		end_child(i, CLD_KILLED, SIGKILL);
}

static int signal_child(int i, int signal) {
	if (children[i].state == REAPED)
		return -ESRCH;
	if (signal < 0 || signal > 64)
		return -EINVAL;
	if (signal == SIGSTOP)
		change_child(i, CLD_STOPPED);
	else if (signal == SIGCONT)
		change_child(i, CLD_CONTINUED);
	else if (signal == SIGKILL || (signal && !children[i].is_stubborn))
		end_child(i, CLD_KILLED, signal);
	return 0;
}

static int send_signal(int pidfd, int signal) {
	const int what = fake_what(pidfd);

	if (what >= OF_CHILD)
		return signal_child(what - OF_CHILD, signal);
	MUST(signal == 0); /* nobody else is ever signalled, but asked whether it lives */
	if (what == IS_OWN)
		return 0;
	return what == IS_SENT ? (owner_is_gone ? -ESRCH : 0) : -EBADF;
}

static int open_process(int pid) {
	if (pid == OWN_PID)
		return fake_open(IS_OWN);
	if (pid < FIRST_PID || pid >= FIRST_PID + CHILDREN || children[pid - FIRST_PID].state != ALIVE)
		return -ESRCH;
	return fake_open(OF_CHILD + pid - FIRST_PID);
}

static int wait_for_any(siginfo_t *info, struct rusage *usage) {
	memset(usage, 0, sizeof *usage);
	for (int i = 0; i < CHILDREN; i++) {
		const bool has_ended = children[i].state == ZOMBIE;

		if (!has_ended && (children[i].state != ALIVE || !children[i].changed))
			continue;
		info->si_pid = FIRST_PID + i;
		info->si_code = has_ended ? children[i].code : children[i].changed;
		info->si_status = has_ended ? children[i].status : SIGSTOP;
		children[i].changed = 0;
		if (has_ended)
			children[i].state = REAPED;
		return 0;
	}
	info->si_pid = 0;
	return has_children() ? 0 : -ECHILD;
}

static long read_list(char *text, size_t size) {
	size_t length = 0;

	if (list_is_read)
		return 0;
	list_is_read = true;
	for (int i = 0; i < CHILDREN && length + 8 < size; i++) {
		if (children[i].state == ALIVE || children[i].state == ZOMBIE)
			length += (size_t)snprintf(text + length, size - length, "%d ", FIRST_PID + i);
	}
	return (long)length;
}

/* ---- the script ---- */

static void happen(int event) {
	const int i = event & 7;

	switch (event >> 3) {
	case 0:
		end_child(i, CLD_EXITED, event);
		break;
	case 1:
		end_child(i, CLD_DUMPED, SIGSEGV);
		break;
	case 2:
		change_child(i, CLD_STOPPED);
		break;
	case 3:
		change_child(i, CLD_CONTINUED);
		break;
	case 4:
		children[i].is_stubborn = true;
		break;
	default:
		if (has_children()) /* else there is nobody to leave an orphan */
			make_child(event & 1);
	}
}

/* false: nothing is to happen any more. */
static bool go_on(void) {
	struct fake_record record;

	if (has_message || owner_is_gone)
		return false;
	if (!fake_next(&record) || record.kind == FAKE_EVENT_2) {
		owner_is_gone = true;
	} else if (record.kind == FAKE_EVENT) {
		happen(record.number);
	} else {
		message = record;
		has_message = true;
	}
	return true;
}

/* ---- system calls ---- */

static void note_order(const struct fake_record *record) {
	struct keeper_message order;

	if (!said_ready || keeper.is_to_leave || record->size != sizeof order)
		return;
	memcpy(&order, record->bytes, sizeof order);
	was_told_to_end |= order.word == KEEPER_KILL || order.word == KEEPER_CLIMB;
}

static long receive(int socket, struct msghdr *header, int flags) {
	MUST(fake_what(socket) == IS_SOCKET);
	while (!has_message && !(flags & MSG_DONTWAIT) && go_on())
		;
	if (!has_message)
		return owner_is_gone ? 0 : -EAGAIN;
	has_message = false;
	note_order(&message);
	return fake_deliver(header, &message, message.number, IS_SENT);
}

static long send_message(int socket, const struct msghdr *header) {
	struct keeper_message said;

	MUST(fake_what(socket) == IS_SOCKET);
	MUST(header->msg_iov->iov_len == sizeof said);
	memcpy(&said, header->msg_iov->iov_base, sizeof said);
	if (owner_is_gone)
		return -EPIPE;
	MUST(!said_empty);
	switch (said.word) {
	case KEEPER_SAYS_READY:
		MUST(!said_ready);
		said_ready = true;
		break;
	case KEEPER_SAYS_FAILED:
		MUST(!said_ready && said.error < 0);
		break;
	case KEEPER_SAYS_ENDED:
		MUST(said_ready && !said_ended && children[0].state == REAPED);
		said_ended = true;
		break;
	case KEEPER_SAYS_EMPTY:
		MUST(said_ready && said_ended && !has_children());
		said_empty = true;
		break;
	default:
		MUST(said.word == KEEPER_SAYS_STOPPED || said.word == KEEPER_SAYS_CONTINUED);
	}
	return sizeof said;
}

static int events_of(int fd) {
	const int what = fake_what(fd);

	if (what >= OF_CHILD)
		return children[what - OF_CHILD].state != ALIVE;
	if (what == IS_SOCKET)
		return has_message || owner_is_gone;
	if (what == IS_SIGNALS)
		return has_signals;
	return what == IS_SENT && fd == keeper.owner && owner_is_gone;
}

/* Of what the keeper has once it keeps, nothing is the command's. */
static void check_descriptors(void) {
	if (!said_ready)
		return;
	for (int fd = 0; fd < FAKE_FDS; fd++)
		MUST(fake_fds[fd] != IS_SENT || fd == keeper.owner || fd == keeper.cgroup || fd == keeper.terminal);
	MUST(fake_fds[0] != -1 && fake_fds[1] != -1 && fake_fds[2] != -1);
}

static long poll_all(struct os_pollfd *fds, long count, const struct os_timespec *timeout) {
	int found = 0;

	check_descriptors();
	for (;;) {
		for (long i = 0; i < count; i++) {
			fds[i].revents = (short)(fds[i].fd >= 0 && events_of(fds[i].fd));
			found += fds[i].revents;
		}
		if (found || (timeout && !timeout->seconds && !timeout->nanoseconds))
			return found;
		MUST(timeout || !was_told_to_end); /* it has no other to wait for than its children, again and again */
		if (go_on())
			continue;
		if (timeout) {
			fake_sleep(timeout);
			return 0;
		}
		MUST(!ended_by_itself); /* it would wait for ever */
		ended_by_itself = true;
		end_all();
	}
}

static bool is_path(const char *path, const char *wanted) {
	return !strcmp(path, wanted);
}

static bool ends_with(const char *path, const char *end) {
	const size_t length = strlen(path), size = strlen(end);

	return length >= size && !strcmp(path + length - size, end);
}

static long open_file(int directory, const char *path) {
	list_is_read = false;
	if (is_child)
		return path && strlen(path) ? fake_open(IS_FILE) : -ENOENT;
	if (is_path(path, "/proc/thread-self/children") || is_path(path, "/proc/10/task/10/children"))
		return fake_open(IS_LIST);
	if (ends_with(path, "/children"))
		return fake_open(IS_NO_LIST);
	if (is_path(path, "/proc/self/task"))
		return fake_open(IS_DIRECTORY);
	if (is_path(path, "cgroup.kill") && fake_what(directory) == IS_SENT && config & 8)
		return fake_open(IS_KILL_FILE);
	return -ENOENT;
}

static long read_file(int fd, void *bytes, size_t size) {
	switch (fake_what(fd)) {
	case IS_LIST:
		return read_list(bytes, size);
	case IS_SIGNALS:
		if (!has_signals)
			return -EAGAIN;
		has_signals = false;
		return (long)size;
	case IS_SENT:
		return is_child && !(config & 2); /* the owner's word to go on */
	default:
		return 0;
	}
}

static long write_file(int fd, const void *bytes, size_t size) {
	char copy[64];

	MUST(size <= sizeof copy);
	memcpy(copy, bytes, size);
	if (fake_what(fd) == IS_KILL_FILE)
		end_all();
	return fake_what(fd) ? (long)size : -EBADF;
}

static void read_all(const char *const *list) {
	for (; *list; list++)
		MUST(strlen(*list) < SIZE_MAX);
}

static long execute(const char *program, const char *const *argv, const char *const *env) {
	MUST(!program || strlen(program) < SIZE_MAX);
	read_all(argv);
	read_all(env);
	longjmp(exit_of_child, 1);
}

static long leave(int status) {
	if (is_child)
		longjmp(exit_of_child, 1);
	if (said_ready && !keeper.task.is_trial && !keeper.task.is_init && !was_told_to_leave)
		MUST(!has_children());
	MUST(status == 0 || !said_ready);
	longjmp(exit_of_keeper, 1);
}

static void count_step(void) {
	if (++steps == PATIENCE)
		end_all();
	MUST(steps < 2 * PATIENCE);
	was_told_to_leave |= keeper.is_to_leave;
}

long __wrap_os_syscall(long number, long a, long b, long c, long d, long e, long f) {
	(void)f;
	count_step();
	switch (number) {
	case SYS_recvmsg:
		return receive((int)a, (struct msghdr *)b, (int)c);
	case SYS_sendmsg:
		return send_message((int)a, (const struct msghdr *)b);
	case SYS_ppoll:
		return poll_all((struct os_pollfd *)a, b, (const struct os_timespec *)c);
	case SYS_clock_nanosleep:
		fake_sleep((const void *)c);
		return 0;
	case CALL_PIDFD_SEND_SIGNAL:
		return send_signal((int)a, (int)b);
	case CALL_PIDFD_OPEN:
		return open_process((int)a);
	case SYS_waitid:
		return wait_for_any((siginfo_t *)c, (struct rusage *)e);
	case SYS_openat:
		return open_file((int)a, (const char *)b);
	case SYS_read:
		return read_file((int)a, (void *)b, (size_t)c);
	case SYS_write:
		return write_file((int)a, (const void *)b, (size_t)c);
	case SYS_close:
		return fake_close((int)a);
	case CALL_CLOSE_RANGE:
		return fake_close_range((unsigned)a, (unsigned)b);
	case SYS_fcntl:
		return fake_fcntl((int)a, (int)b, c);
	case SYS_dup3:
		return fake_dup3((int)a, (int)b);
	case SYS_statx:
		((struct os_statx *)e)->links = 3; /* a process of one thread */
		return 0;
	case SYS_signalfd4:
		return fake_open(IS_SIGNALS);
	case SYS_getpid:
	case SYS_getppid:
		return OWN_PID;
	case SYS_exit_group:
		return leave((int)a);
	case SYS_execve:
		return execute((const char *)a, (const char *const *)b, (const char *const *)c);
	case SYS_prlimit64:
		if (d)
			memset((void *)d, 0, 2 * sizeof(uint64_t));
		return 0;
	case SYS_kill:
		abort(); /* a number may be anybody's */
	case SYS_ioctl:
		return is_child ? 0 : -ENOTTY;
	case SYS_fstatfs:
	case SYS_wait4:
	case SYS_getdents64:
		return -ENOSYS;
	default:
		return 0;
	}
}

/* ---- the command's start ---- */

/* child.c itself, which no sanitizer sees, is to find all of the plan within its bounds. */
static void check_plan(const struct os_plan *plan) {
	for (size_t i = 0; i < plan->count; i++) {
		const struct os_operation *operation = &plan->operations[i];
		const size_t size = operation->data ? keeper_data_size(operation->action, operation->number) : 0;
		uint8_t *copy = malloc(size + 1);

		MUST(copy);
		if (size)
			memcpy(copy, operation->data, size);
		free(copy);
		MUST(operation->action >= OS_NEW_SESSION && operation->action <= OS_LISTEN_PID);
		MUST(!operation->path || strlen(operation->path) < SIZE_MAX);
		if (operation->action == OS_CONTROLLING_TERMINAL || operation->action == OS_OPEN ||
		    operation->action == OS_LIFT || operation->action == OS_PLACE)
			MUST(operation->source >= 0 && (size_t)operation->source < plan->source_count);
	}
	for (size_t i = 0; i < plan->source_count; i++)
		MUST(plan->sources[i] < 0 || fake_what(plan->sources[i]) == IS_SENT);
}

/* The child runs first, to its exec or exit, with a table of its own. */
static long clone_command(int *pidfd, void (*run)(void *), void *argument) {
	const struct os_handoff *launch = argument;
	int table[FAKE_FDS];

	MUST(run == os_child);
	if (config & 1)
		return -EAGAIN;
	MUST(make_child(config & 4) == 0);
	*pidfd = fake_open(OF_CHILD);
	check_plan(launch->plan);
	memcpy(table, fake_fds, sizeof table);
	is_child = true;
	if (!setjmp(exit_of_child))
		run(argument);
	is_child = false;
	memcpy(fake_fds, table, sizeof table);
	return FIRST_PID;
}

long __wrap_os_clone3(struct os_clone_args *args, size_t size, void (*run)(void *), void *argument) {
	(void)size;
	return clone_command((int *)(uintptr_t)args->pidfd, run, argument);
}

long __wrap_os_clone(unsigned long flags, void *top, int *pidfd, void (*run)(void *), void *argument) {
	(void)flags, (void)top;
	return clone_command(pidfd, run, argument);
}

/* ---- */

static void reset(void) {
	memset(&keeper, 0, sizeof keeper);
	memset(children, 0, sizeof children);
	has_message = owner_is_gone = has_signals = is_child = list_is_read = false;
	said_ready = said_ended = said_empty = was_told_to_leave = was_told_to_end = ended_by_itself = false;
	steps = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	char name[] = KEEPER_NAME, number[] = "3", *argv[] = { name, number, NULL };

	if (!size)
		return 0;
	reset();
	config = bytes[0];
	fake_begin(bytes + 1, size - 1);
	MUST(fake_open(IS_SOCKET) == SOCKET);
	is_running = true;
	if (!setjmp(exit_of_keeper))
		keeper_begin(2, argv);
	is_running = false;
	fake_end();
	free_all();
	return 0;
}
