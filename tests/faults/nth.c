/* SPDX-License-Identifier: ISC */
#include "../check.h"
#include "nth.h"

#include "os/start/child.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

enum { P_PIDFD_NUMBER = 3, SECONDS = 60 };

/* Allocated outside of what is counted: a copy for each process to read. */
static struct fault_state calm;

/* ---- what may fail, and how ---- */

#define ANSWER(...) \
	do { \
		static const int errors[] = { __VA_ARGS__, 0 }; \
		return errors; \
	} while (0)

static const int none[] = { 0 };

static const int *errors_of_libc(long number) {
	switch (number) {
	case FAULT_ALLOCATE:
	case FAULT_MMAP:
		ANSWER(ENOMEM);
	case FAULT_MADVISE:
		ANSWER(EINVAL);
	case FAULT_STAT:
		ANSWER(ENOENT, EACCES, ENOTDIR, ELOOP, ENAMETOOLONG, ENOMEM, EIO);
	case FAULT_FACCESSAT:
		ANSWER(EACCES);
	case FAULT_TCSETATTR:
		ANSWER(EIO);
	case FAULT_FORK:
		ANSWER(EAGAIN, ENOMEM);
	case FAULT_CLONE3:
		ANSWER(ENOSYS, EPERM, EINVAL, E2BIG, ENOMEM, EAGAIN, EMFILE, ENFILE);
	case FAULT_CLONE:
		ANSWER(ENOSYS, EPERM, EINVAL, ENOMEM, EAGAIN, EMFILE, ENFILE);
	default:
		return none;
	}
}

static const int *errors_of_fcntl(long command) {
	switch (command) {
	case F_GETFD:
	case F_SETFD:
		ANSWER(EBADF);
	case F_DUPFD_CLOEXEC:
		ANSWER(EMFILE, ENOMEM);
	default:
		return none;
	}
}

static const int *errors_of_ioctl(long request) {
	switch ((unsigned long)request) {
	case TIOCGPTPEER:
		ANSWER(EIO, EMFILE, ENOMEM, EINVAL, ENOTTY, ENOSYS, EPERM);
	case TIOCSCTTY:
		ANSWER(EPERM, EIO);
	default:
		ANSWER(EIO, ENOTTY);
	}
}

static const int *errors_of_sockets_and_groups(long number) {
	switch (number) {
	case SYS_socketpair:
		ANSWER(EMFILE, ENFILE, ENOMEM, EPERM);
	case SYS_sendmsg:
		ANSWER(ENOBUFS, EPERM);
	case SYS_recvmsg:
		ANSWER(EINTR, ENOMEM);
	case SYS_mkdirat:
		ANSWER(EACCES, EROFS, ENOSPC);
	case SYS_flock:
		ANSWER(ENOLCK);
	case SYS_fsetxattr:
		ANSWER(EOPNOTSUPP, ENOSPC, EPERM);
	default:
		return none;
	}
}

static const int *errors_of_descriptors(const struct fault_call *call) {
	switch (call->number) {
	case SYS_openat:
		ANSWER(EMFILE, ENFILE, ENOMEM, EACCES, EPERM, ENOENT, ENOTDIR, ELOOP, ENXIO, ENODEV, EIO, EINTR);
	case SYS_pipe2:
		ANSWER(EMFILE, ENFILE, ENOMEM);
	case SYS_dup3:
		ANSWER(EBADF, EMFILE, EBUSY);
	case SYS_close:
		ANSWER(EINTR, EIO);
	case CALL_CLOSE_RANGE:
		ANSWER(ENOSYS, EPERM, EINVAL, ENOMEM, EMFILE);
	case SYS_memfd_create:
		ANSWER(EMFILE, ENFILE, ENOMEM, ENOSYS, EPERM);
	case SYS_getdents64:
		ANSWER(EIO, ENOMEM);
	case SYS_read:
		ANSWER(EINTR, EIO, ENOMEM);
	case SYS_write:
		if (call->c == sizeof(struct os_message)) /* the child's mark */
			ANSWER(EIO, EAGAIN);
		ANSWER(EACCES, EPERM, EINVAL, EAGAIN, EIO);
	case SYS_fcntl:
		return errors_of_fcntl(call->b);
	case SYS_ioctl:
		return errors_of_ioctl(call->b);
	default:
		return errors_of_sockets_and_groups(call->number);
	}
}

static const int *errors_of_settings(const struct fault_call *call) {
	switch (call->number) {
	case SYS_setpriority:
		ANSWER(EACCES, EPERM);
	case SYS_prlimit64:
		ANSWER(EPERM, EINVAL);
	case SYS_ioprio_set:
		ANSWER(EPERM, EINVAL, ENOSYS);
	case FAULT_SETRESGID:
		ANSWER(EPERM, EINVAL);
	case FAULT_SETRESUID:
		ANSWER(EPERM, EINVAL, EAGAIN);
	case FAULT_FCHOWN:
		ANSWER(EPERM, EROFS, EIO);
	case FAULT_SETGROUPS:
		ANSWER(EPERM, EINVAL, ENOMEM);
	case SYS_epoll_create1:
		ANSWER(EMFILE, ENFILE, ENOMEM);
	case SYS_epoll_ctl: /* a removal needs nothing */
		if (call->b == EPOLL_CTL_ADD)
			ANSWER(ENOMEM, ENOSPC, EPERM);
		return none;
	case SYS_epoll_pwait:
		ANSWER(EINTR);
	default:
		return call->number < 0 ? errors_of_libc(call->number) : errors_of_descriptors(call);
	}
}

/*
 * The others. None for those that cannot fail as the library calls them: getpid, getppid, umask, getpriority,
 * sched_yield; rt_sigaction with a signal that exists; putting a signal mask back.
 */
static const int *errors_of(const struct fault_call *call, enum fault_side side) {
	switch (call->number) {
	case SYS_rt_sigprocmask:
		if (call->a == SIG_BLOCK || side == FAULT_IN_CHILD)
			ANSWER(EPERM, ENOSYS);
		return none;
	case SYS_setsid:
		ANSWER(EPERM, ENOSYS);
	case SYS_setpgid:
		ANSWER(EPERM, EACCES);
	case SYS_prctl:
		ANSWER(EINVAL, EPERM);
	case SYS_chdir:
		ANSWER(ENOENT, EACCES, ENOTDIR, ELOOP, ENAMETOOLONG, EIO, ENOMEM);
	case SYS_execve:
		ANSWER(ENOENT, EACCES, ENOTDIR, ELOOP, ENOMEM, EIO, E2BIG, ETXTBSY, ENOEXEC, EPERM, EINVAL, EMFILE,
		       ENFILE, EAGAIN, ELIBBAD, EISDIR, ENAMETOOLONG);
	case CALL_PIDFD_OPEN:
		ANSWER(ENOSYS, EPERM, EMFILE, ENFILE, ENOMEM, ENODEV);
	case CALL_PIDFD_SEND_SIGNAL:
		ANSWER(ENOSYS, EPERM);
	case SYS_waitid:
		if (call->a == P_PIDFD_NUMBER)
			ANSWER(EINTR, EINVAL, ENOSYS, EPERM);
		ANSWER(EINTR);
	case SYS_ppoll:
		ANSWER(EINTR, ENOMEM);
	default:
		return errors_of_settings(call);
	}
}

/* ---- one try ---- */

static void kill_children(void) {
	FILE *list = fopen("/proc/thread-self/children", "re");
	int pid;

	while (list && fscanf(list, "%d", &pid) == 1)
		kill(pid, SIGKILL);
}

enum {
	ANOTHER_CALL = 64, /* the exit status of a try in which another call failed than was meant */
	TRIES = 30,
	CALM_RUNS = 10
};

static void try_here(const struct nth_subject *subject, const struct nth_failure *failure) {
	struct check_state before;
	void *context = malloc(subject->context_size);
	long blocks = fault_live_blocks();
	int dumpable = prctl(PR_GET_DUMPABLE), result;

	alarm(SECONDS);
	memcpy(context, subject->context, subject->context_size);
	check_observe(&before);
	subject->prepare(context);
	errno = EXDEV;
	fault_arm(failure ? fault_nth : NULL);
	result = subject->act(context);
	fault_disarm();
	CHECK_EQ(errno, EXDEV);
	/* A wait that took a turn more, or less, on a busy machine: another call was the n-th. */
	if (failure &&
	    (!faults->reached || faults->calls[failure->side][failure->index].number != failure->call->number)) {
		kill_children();
		_exit(ANOTHER_CALL);
	}
	subject->judge(context, result, failure);
	check_compare(&before);
	CHECK_EQ(prctl(PR_GET_DUMPABLE), dumpable); /* of memory that a child has borrowed */
	CHECK_EQ(fault_live_blocks(), blocks);
	fflush(stdout);
	_exit(0);
}

static void describe(const struct nth_subject *subject, const struct nth_failure *failure) {
	printf("# that was %s", subject->name);
	if (failure)
		printf(", its %s's call %d (number %ld, %ld, %ld, %ld, \"%s\") failing with %s",
		       failure->side == FAULT_IN_CHILD ? "child" : "parent", failure->index, failure->call->number,
		       failure->call->a, failure->call->b, failure->call->c, failure->call->path,
		       strerror(-failure->error));
	printf("\n");
}

/* False: in none of the tries was it this call. */
static bool try_apart(const struct nth_subject *subject, const struct nth_failure *failure) {
	int status, pid;

	fflush(stdout);
	for (int i = 0; i < TRIES; i++) {
		alarm(CHECK_SECONDS); /* a hang shows in one try: how many there are says nothing of it */
		pid = fork();
		CHECK(pid >= 0);
		if (pid == 0)
			try_here(subject, failure);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != ANOTHER_CALL)
			break;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == ANOTHER_CALL)
		return false;
	if (status != 0) {
		describe(subject, failure);
		if (WIFSIGNALED(status))
			printf("# ended by signal %d%s\n", WTERMSIG(status),
			       WTERMSIG(status) == SIGALRM ? ": it hangs" : "");
	}
	CHECK_EQ(status, 0);
	return true;
}

static void run_calm(const struct nth_subject *subject) {
	CHECK(try_apart(subject, NULL));
	calm = *faults;
	CHECK(calm.count[FAULT_IN_PARENT] > 0);
	CHECK(calm.count[FAULT_IN_PARENT] <= FAULT_CALLS && calm.count[FAULT_IN_CHILD] <= FAULT_CALLS);
}

/* The usual error of each call, and a quarter of the others, other ones for each call; EVERY_ERROR: all of them. */
static bool is_tried(int call, int error) {
	return error == 0 || (call + error) % 4 == 0 || getenv("EVERY_ERROR");
}

/* False: only the calm run had this call here. */
static bool try_call(const struct nth_subject *subject, enum fault_side side, int index) {
	struct nth_failure failure = { .calm = &calm, .call = &calm.calls[side][index], .side = side, .index = index };

	const int *errors = errors_of(failure.call, side);

	for (const int *error = errors; *error; error++) {
		if (!is_tried(index, (int)(error - errors)) || !subject->is_plausible(failure.call, side, *error))
			continue;
		faults->side = side;
		faults->index = index;
		failure.error = faults->error = -*error;
		if (!try_apart(subject, &failure))
			return false;
	}
	return true;
}

void nth_try_all(const struct nth_subject *subject) {
	int runs = 1;

	run_calm(subject);
	for (int side = 0; side < 2; side++) {
		for (int index = 0; index < calm.count[side]; index++) {
			while (index < calm.count[side] && !try_call(subject, (enum fault_side)side, index)) {
				/* A calm run with a turn more, or less, than all that came after it: another one. */
				CHECK(runs++ < CALM_RUNS);
				run_calm(subject);
			}
		}
	}
}
