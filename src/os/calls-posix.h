/* SPDX-License-Identifier: ISC */
/*
 * The calls of calls-linux.h that every Unix has, by libc: they too return a negative errno, leave errno alone, and are
 * no cancellation points.
 */
#ifndef OS_CALLS_POSIX_H
#define OS_CALLS_POSIX_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* No usage is told with a status that is left to be collected. */
struct os_usage;

struct os_timespec {
	long seconds, nanoseconds;
};

struct os_pollfd {
	int fd;
	short events, revents;
};

/* What a call finds and leaves behind. */
struct call_frame {
	int error, cancellation;
};

OS_INLINE struct call_frame call_begin(void) {
	struct call_frame frame = { .error = errno };

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &frame.cancellation);
	return frame;
}

OS_INLINE long call_end(struct call_frame frame, long result) {
	const long told = result < 0 ? -errno : result;

	pthread_setcancelstate(frame.cancellation, &frame.cancellation);
	errno = frame.error;
	return told;
}

/* A call with its frame, as a value of the type. */
#define CALL_BY_LIBC(type, call) \
	struct call_frame frame = call_begin(); \
	return (type)call_end(frame, call)

OS_INLINE int call_close(int fd) {
	CALL_BY_LIBC(int, close(fd));
}

OS_INLINE int call_openat(const char *path, int flags, unsigned mode) {
	CALL_BY_LIBC(int, open(path, flags, mode));
}

OS_INLINE long call_read(int fd, void *bytes, size_t size) {
	CALL_BY_LIBC(long, read(fd, bytes, size));
}

OS_INLINE long call_write(int fd, const void *bytes, size_t size) {
	CALL_BY_LIBC(long, write(fd, bytes, size));
}

OS_INLINE long call_receive_from(int fd, void *bytes, size_t size) {
	CALL_BY_LIBC(long, recv(fd, bytes, size, 0));
}

OS_INLINE long call_readlink(const char *path, char *text, size_t size) {
	CALL_BY_LIBC(long, readlink(path, text, size));
}

OS_INLINE int call_fcntl(int fd, int command, long argument) {
	CALL_BY_LIBC(int, fcntl(fd, command, (int)argument));
}

/* POSIX has an int; others an unsigned long, to which no int may be extended by its sign. */
#define IOCTL_REQUEST(request) _Generic(&ioctl, int (*)(int, int, ...) : (int)(request), default : (request))

OS_INLINE int call_ioctl(int fd, unsigned long request, const void *argument) {
	CALL_BY_LIBC(int, ioctl(fd, IOCTL_REQUEST(request), argument));
}

OS_INLINE int call_chdir(const char *path) {
	CALL_BY_LIBC(int, chdir(path));
}

OS_INLINE unsigned call_umask(unsigned mask) {
	return umask((mode_t)mask);
}

OS_INLINE int call_setsid(void) {
	CALL_BY_LIBC(int, setsid());
}

OS_INLINE int call_setpgid(int pid, int group) {
	CALL_BY_LIBC(int, setpgid(pid, group));
}

OS_INLINE int call_getpgid(int pid) {
	CALL_BY_LIBC(int, getpgid(pid));
}

OS_INLINE int call_getpid(void) {
	return getpid();
}

OS_INLINE int call_niceness(int pid) {
	const struct call_frame frame = call_begin();
	const int niceness = getpriority(PRIO_PROCESS, (id_t)pid);

	call_end(frame, 0);
	return niceness;
}

/* -EPERM for both refusals, as nice(2) has it. */
OS_INLINE int call_set_niceness(int pid, int niceness) {
	const struct call_frame frame = call_begin();
	const int error = (int)call_end(frame, setpriority(PRIO_PROCESS, (id_t)pid, niceness));

	return error == -EACCES ? -EPERM : error;
}

/* The sum, clamped to what all systems allow. */
OS_INLINE int niceness_with(int niceness, int64_t increment) {
	const int64_t sum = niceness + increment;

	return sum > 19 ? 19 : sum < -20 ? -20 : (int)sum;
}

/* The group stays as it is. */
OS_INLINE int call_fchown(int fd, uint32_t user) {
	CALL_BY_LIBC(int, fchown(fd, (uid_t)user, (gid_t)-1));
}

enum { CALL_SIGNALS = 64 };

/* Signal sets as one word, bit signal - 1. A signal that libc keeps for itself is in no set. */
OS_INLINE sigset_t call_set_of(uint64_t word) {
	const struct call_frame frame = call_begin();
	sigset_t set;

	sigemptyset(&set);
	for (int signal = 1; signal <= CALL_SIGNALS; signal++) {
		if (word & UINT64_C(1) << (signal - 1))
			sigaddset(&set, signal);
	}
	call_end(frame, 0);
	return set;
}

OS_INLINE uint64_t call_word_of(const sigset_t *set) {
	const struct call_frame frame = call_begin();
	uint64_t word = 0;

	for (int signal = 1; signal <= CALL_SIGNALS; signal++) {
		if (sigismember(set, signal) == 1)
			word |= UINT64_C(1) << (signal - 1);
	}
	call_end(frame, 0);
	return word;
}

OS_INLINE int call_sigprocmask(int how, const uint64_t *word, uint64_t *old) {
	sigset_t set = call_set_of(word ? *word : 0), before;
	const int error = pthread_sigmask(how, word ? &set : NULL, &before);

	if (error == 0 && old)
		*old = call_word_of(&before);
	return -error;
}

OS_INLINE int call_sigpending(uint64_t *word) {
	const struct call_frame frame = call_begin();
	sigset_t set;
	const int error = (int)call_end(frame, sigpending(&set));

	if (error == 0)
		*word = call_word_of(&set);
	return error;
}

/* Takes a pending signal of the set, if there is one: sigwait alone would wait for it. */
OS_INLINE void call_take_signal(const uint64_t *word) {
	const sigset_t set = call_set_of(*word);
	uint64_t pending = 0;
	int signal;

	if (call_sigpending(&pending) == 0 && pending & *word)
		sigwait(&set, &signal);
}

OS_INLINE int call_execve(const char *program, const char *const *argv, const char *const *env) {
	CALL_BY_LIBC(int, execve(program, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env));
}

__attribute__((noreturn)) OS_INLINE void call_exit(int status) {
	_exit(status);
}

OS_INLINE int call_kill(int pid, int signal) {
	CALL_BY_LIBC(int, kill(pid, signal));
}

OS_INLINE int call_waitid(int type, int id, siginfo_t *info, int options) {
	CALL_BY_LIBC(int, waitid((idtype_t)type, (id_t)id, info, options));
}

OS_INLINE void call_yield(void) {
	const struct call_frame frame = call_begin();

	call_end(frame, sched_yield());
}

OS_INLINE int call_nanosleep(const struct os_timespec *time) {
	const struct timespec wanted = { time->seconds, time->nanoseconds };

	CALL_BY_LIBC(int, nanosleep(&wanted, NULL));
}

/* The timeout is rounded up to whole milliseconds, and is 23 days at most. */
OS_INLINE int call_ppoll(struct os_pollfd *fds, unsigned count, const struct os_timespec *timeout) {
	enum { MOST = 8, MOST_SECONDS = 2000000 };
	const struct call_frame frame = call_begin();
	struct pollfd polled[MOST];
	int ms = -1, result;

	if (timeout)
		ms = timeout->seconds >= MOST_SECONDS
			     ? MOST_SECONDS * 1000
			     : (int)(timeout->seconds * 1000 + (timeout->nanoseconds + 999999) / 1000000);
	for (unsigned i = 0; i < count && i < MOST; i++)
		polled[i] = (struct pollfd){ .fd = fds[i].fd, .events = fds[i].events };
	result = (int)call_end(frame, poll(polled, count < MOST ? count : MOST, ms));
	for (unsigned i = 0; i < count && i < MOST; i++)
		fds[i].revents = polled[i].revents;
	return result;
}

/* ---- system-*.c: what is called or counted in another way on each system ---- */

int system_pipe(int pair[2]);                /* close-on-exec */
int system_dup(int from, int to, int flags); /* as dup3(2) */
int system_close_from(int first);            /* closes it and all above; in a child, before exec */
extern const char system_closing[];          /* by what that is done, in a word */
int system_pts_name(int master, char *name, size_t size);
int system_queue_signal(int pid, int signal, int32_t value);
long system_rss_kib(long max_rss); /* of struct rusage's ru_maxrss */
int system_first_real_time(void);  /* 0: there are no real-time signals. os_last_signal is there too */

OS_INLINE int call_pipe2(int *pair, int flags) {
	(void)flags;
	return system_pipe(pair);
}

OS_INLINE int call_dup3(int from, int to, int flags) {
	return system_dup(from, to, flags);
}

#endif
