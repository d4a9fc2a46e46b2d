/* SPDX-License-Identifier: ISC */
/*
 * The system calls that src/os makes, as the kernel has them: a negative errno instead of errno, no cancellation
 * point, no lock, nothing of libc. So errno is left alone, no cancellation leaks what was just opened, and the
 * child between clone and exec may use them (start/child.c). tests/faults makes each of them fail by wrapping
 * os_syscall.
 */
#ifndef OS_CALLS_LINUX_H
#define OS_CALLS_LINUX_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>

/* A system call by its number. Arguments beyond those that it has are ignored. */
__attribute__((visibility("hidden"))) long os_syscall(long number, long a, long b, long c, long d, long e, long f);

/* The kernel's struct clone_args, as of Linux 5.7. */
struct os_clone_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size,
		cgroup;
};

/*
 * clone3(2) and clone(2). In the child run(argument) is called, on the new stack if one is given, and must not
 * return. In the parent the child's pid or a negative errno is returned.
 */
__attribute__((visibility("hidden"))) long os_clone3(struct os_clone_args *args, size_t size, void (*run)(void *),
						     void *argument);
__attribute__((visibility("hidden"))) long os_clone(unsigned long flags, void *stack_top, int *pidfd,
						    void (*run)(void *), void *argument);

/* Whether os_syscall leaves errno alone: only then may this thread and a child in our memory both make calls. */
#if defined(__x86_64__) || defined(__aarch64__) || defined(__i386__) || defined(__arm__) || defined(__s390x__) || \
	(defined(__riscv) && __riscv_xlen == 64) || (defined(__powerpc64__) && defined(__LITTLE_ENDIAN__))
enum { CALLS_ARE_BARE = 1 };
#else
enum { CALLS_ARE_BARE = 0 }; /* arch-generic.c */
#endif

/* Numbers that are the same on every architecture, for headers older than the call. */
enum { CALL_PIDFD_SEND_SIGNAL = 424, CALL_PIDFD_OPEN = 434, CALL_CLOSE_RANGE = 436, CALL_PIDFD_GETFD = 438 };

/* Constants that these headers, or all of libc's, do not have. */
enum {
	CALL_CLOSE_RANGE_UNSHARE = 2,
	CALL_PIDFD_THREAD = O_EXCL, /* Linux 6.9 */
	CALL_IOPRIO_WHO_PROCESS = 1
};

/*
 * The calls that get and set the modes of a terminal, in the kernel's form. On POWER the numbers have the size of that
 * form in them, and libc's macros have the size of libc's own.
 */
#if defined(__powerpc__)
enum { CALL_TCGETS = 0x402c7413 };
#define CALL_TCSETS 0x802c7414
#else
enum { CALL_TCGETS = TCGETS };
#define CALL_TCSETS TCSETS
#endif

/* All arguments are passed: no register is left with a random value. */
#define OS_CALL(number, a, b, c, d, e) \
	os_syscall((long)(number), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)

struct os_timespec {
	long seconds, nanoseconds;
};

/* The kernel's struct rusage: libc's may have times of 64 bits where a long has 32. */
struct os_usage {
	struct {
		long seconds, microseconds;
	} user, system;
	long max_rss_kib, others[13];
};

OS_INLINE int64_t usage_user_us(const struct os_usage *usage) {
	return (int64_t)usage->user.seconds * 1000000 + usage->user.microseconds;
}

OS_INLINE int64_t usage_system_us(const struct os_usage *usage) {
	return (int64_t)usage->system.seconds * 1000000 + usage->system.microseconds;
}

/* What statx(2) fills in: libc declares it since glibc 2.28 and musl 1.2.5. */
struct os_statx {
	uint32_t mask, block_size;
	uint64_t attributes;
	uint32_t links, user, group;
	uint16_t mode, unused;
	uint64_t inode;
	uint64_t others[27];
};
_Static_assert(sizeof(struct os_statx) == 256, "as large as the kernel's");

enum { OS_STATX_LINKS = 0x4, OS_STATX_INODE = 0x100 };

struct os_pollfd {
	int fd;
	short events, revents;
};

OS_INLINE int call_close(int fd) {
	return (int)OS_CALL(SYS_close, fd, 0, 0, 0, 0);
}

/* O_LARGEFILE: where a long has 32 bits, a file of 2 GiB is opened, and one that is written may grow to that size. */
OS_INLINE int call_openat(const char *path, int flags, unsigned mode) {
	return (int)OS_CALL(SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode, 0);
}

OS_INLINE long call_read(int fd, void *bytes, size_t size) {
	return OS_CALL(SYS_read, fd, bytes, size, 0, 0);
}

OS_INLINE long call_write(int fd, const void *bytes, size_t size) {
	return OS_CALL(SYS_write, fd, bytes, size, 0, 0);
}

/* Writes a kernel file, which takes the text whole or not at all. A relative path starts at `dirfd`. */
OS_INLINE int call_write_file(int dirfd, const char *path, const char *text, size_t length) {
	const int fd = (int)OS_CALL(SYS_openat, dirfd, path, O_WRONLY | O_CLOEXEC, 0, 0);
	long written;

	if (fd < 0)
		return fd;
	written = call_write(fd, text, length);
	call_close(fd);
	return written < 0 ? (int)written : 0;
}

OS_INLINE int call_pipe2(int *pair, int flags) {
	return (int)OS_CALL(SYS_pipe2, pair, flags, 0, 0, 0);
}

OS_INLINE int call_fcntl(int fd, int command, long argument) {
	return (int)OS_CALL(SYS_fcntl, fd, command, argument, 0, 0);
}

OS_INLINE int call_dup3(int from, int to, int flags) {
	return (int)OS_CALL(SYS_dup3, from, to, flags, 0, 0);
}

OS_INLINE int call_ioctl(int fd, unsigned long request, const void *argument) {
	return (int)OS_CALL(SYS_ioctl, fd, request, argument, 0, 0);
}

OS_INLINE int call_close_range(unsigned first, unsigned last, unsigned flags) {
	return (int)OS_CALL(CALL_CLOSE_RANGE, first, last, flags, 0, 0);
}

OS_INLINE long call_readlink(const char *path, char *text, size_t size) {
	return OS_CALL(SYS_readlinkat, AT_FDCWD, path, text, size, 0);
}

OS_INLINE int call_chdir(const char *path) {
	return (int)OS_CALL(SYS_chdir, path, 0, 0, 0, 0);
}

OS_INLINE unsigned call_umask(unsigned mask) {
	return (unsigned)OS_CALL(SYS_umask, mask, 0, 0, 0, 0);
}

OS_INLINE int call_setsid(void) {
	return (int)OS_CALL(SYS_setsid, 0, 0, 0, 0, 0);
}

OS_INLINE int call_setpgid(int pid, int group) {
	return (int)OS_CALL(SYS_setpgid, pid, group, 0, 0, 0);
}

OS_INLINE int call_getpgid(int pid) {
	return (int)OS_CALL(SYS_getpgid, pid, 0, 0, 0, 0);
}

OS_INLINE int call_getpid(void) {
	return (int)OS_CALL(SYS_getpid, 0, 0, 0, 0, 0);
}

OS_INLINE int call_gettid(void) {
	return (int)OS_CALL(SYS_gettid, 0, 0, 0, 0, 0);
}

OS_INLINE int call_getppid(void) {
	return (int)OS_CALL(SYS_getppid, 0, 0, 0, 0, 0);
}

/* Of a thread; 0: the calling one. (The call itself returns 20 - niceness, so that no niceness looks like an error.) */
OS_INLINE int call_niceness(int thread) {
	return 20 - (int)OS_CALL(SYS_getpriority, PRIO_PROCESS, thread, 0, 0, 0);
}

/* -EPERM for both of the kernel's refusals, as nice(2) has it. */
OS_INLINE int call_set_niceness(int thread, int niceness) {
	int error = (int)OS_CALL(SYS_setpriority, PRIO_PROCESS, thread, niceness, 0, 0);

	return error == -EACCES ? -EPERM : error;
}

/* The sum, clamped to what the kernel allows. */
OS_INLINE int niceness_with(int niceness, int64_t increment) {
	const int64_t sum = niceness + increment;

	return sum > 19 ? 19 : sum < -20 ? -20 : (int)sum;
}

OS_INLINE int call_prlimit(int resource, const uint64_t *limits) {
	return (int)OS_CALL(SYS_prlimit64, 0, resource, limits, NULL, 0);
}

/* On a few machines the ids of the first calls have 16 bits. */
OS_INLINE uint32_t call_getuid(void) {
#ifdef SYS_getuid32
	return (uint32_t)OS_CALL(SYS_getuid32, 0, 0, 0, 0, 0);
#else
	return (uint32_t)OS_CALL(SYS_getuid, 0, 0, 0, 0, 0);
#endif
}

OS_INLINE int call_set_io_priority(int priority) {
	return (int)OS_CALL(SYS_ioprio_set, CALL_IOPRIO_WHO_PROCESS, 0, priority, 0, 0);
}

OS_INLINE int call_setgroups(int count, const uint32_t *groups) {
#ifdef SYS_setgroups32
	return (int)OS_CALL(SYS_setgroups32, count, groups, 0, 0, 0);
#else
	return (int)OS_CALL(SYS_setgroups, count, groups, 0, 0, 0);
#endif
}

OS_INLINE int call_setresgid(uint32_t group) {
#ifdef SYS_setresgid32
	return (int)OS_CALL(SYS_setresgid32, group, group, group, 0, 0);
#else
	return (int)OS_CALL(SYS_setresgid, group, group, group, 0, 0);
#endif
}

OS_INLINE int call_setresuid(uint32_t user) {
#ifdef SYS_setresuid32
	return (int)OS_CALL(SYS_setresuid32, user, user, user, 0, 0);
#else
	return (int)OS_CALL(SYS_setresuid, user, user, user, 0, 0);
#endif
}

/* The group stays as it is. */
OS_INLINE int call_fchown(int fd, uint32_t user) {
#ifdef SYS_fchown32
	return (int)OS_CALL(SYS_fchown32, fd, user, -1, 0, 0);
#else
	return (int)OS_CALL(SYS_fchown, fd, user, -1, 0, 0);
#endif
}

OS_INLINE int call_prctl(int option, long argument) {
	return (int)OS_CALL(SYS_prctl, option, argument, 0, 0, 0);
}

/* Signal sets as one word, bit signal - 1: the kernel's, in which libc's own signals 32 and 33 are like any other. */
OS_INLINE int call_sigprocmask(int how, const uint64_t *set, uint64_t *old) {
	return (int)OS_CALL(SYS_rt_sigprocmask, how, set, old, sizeof *set, 0);
}

/* The kernel's struct sigaction, with room to spare. The handler comes first, except on MIPS, where the flags do. */
union os_sigaction {
	uintptr_t words[16];
#if defined(__mips__)
	struct {
		unsigned flags;
		uintptr_t handler;
	} in;
#else
	struct {
		uintptr_t handler;
	} in;
#endif
};

#define OS_SIGACTION_DEFAULT \
	{ \
		.words = { 0 } \
	} /* SIG_DFL on every architecture */

enum { OS_IGNORED = 1 }; /* SIG_IGN, as a handler */

/* actions: union os_sigaction. */
OS_INLINE int call_sigaction(int signal, const void *action, void *old) {
	return (int)OS_CALL(SYS_rt_sigaction, signal, action, old, sizeof(uint64_t), 0);
}

OS_INLINE int call_sigpending(uint64_t *set) {
	return (int)OS_CALL(SYS_rt_sigpending, set, sizeof *set, 0, 0, 0);
}

/* Takes a pending signal of the set, if there is one. */
OS_INLINE void call_take_signal(const uint64_t *set) {
	const struct os_timespec now = { 0, 0 };

	OS_CALL(SYS_rt_sigtimedwait, set, NULL, &now, sizeof *set, 0);
}

OS_INLINE int call_execve(const char *program, const char *const *argv, const char *const *env) {
	return (int)OS_CALL(SYS_execve, program, argv, env, 0, 0);
}

__attribute__((noreturn)) OS_INLINE void call_exit(int status) {
	for (;;)
		OS_CALL(SYS_exit_group, status, 0, 0, 0, 0);
}

OS_INLINE int call_kill(int pid, int signal) {
	return (int)OS_CALL(SYS_kill, pid, signal, 0, 0, 0);
}

OS_INLINE int call_pidfd_open(int pid, unsigned flags) {
	return (int)OS_CALL(CALL_PIDFD_OPEN, pid, flags, 0, 0, 0);
}

/* Returns a close-on-exec duplicate of another process's descriptor. */
OS_INLINE int call_pidfd_getfd(int pidfd, int fd) {
	return (int)OS_CALL(CALL_PIDFD_GETFD, pidfd, fd, 0, 0, 0);
}

OS_INLINE int call_pidfd_send_signal(int pidfd, int signal, unsigned flags) {
	return (int)OS_CALL(CALL_PIDFD_SEND_SIGNAL, pidfd, signal, NULL, flags, 0);
}

/* info: a siginfo_t. */
OS_INLINE int call_pidfd_send_siginfo(int pidfd, int signal, const void *info) {
	return (int)OS_CALL(CALL_PIDFD_SEND_SIGNAL, pidfd, signal, info, 0, 0);
}

OS_INLINE int call_rt_sigqueueinfo(int pid, int signal, const void *info) {
	return (int)OS_CALL(SYS_rt_sigqueueinfo, pid, signal, info, 0, 0);
}

OS_INLINE int call_waitid(int type, int id, void *siginfo, int options, struct os_usage *usage) {
	return (int)OS_CALL(SYS_waitid, type, id, siginfo, options, usage);
}

/* Memory, or a negative errno. */
OS_INLINE long call_map(size_t size) {
	enum { READ_WRITE = 3, PRIVATE_ANONYMOUS = 0x22 };
#if defined(SYS_mmap2)
	return os_syscall(SYS_mmap2, 0, (long)size, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0);
#elif defined(__s390x__)
	const unsigned long arguments[] = { 0, size, READ_WRITE, PRIVATE_ANONYMOUS, ~0ul, 0 };

	return OS_CALL(SYS_mmap, arguments, 0, 0, 0, 0);
#else
	return os_syscall(SYS_mmap, 0, (long)size, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0);
#endif
}

OS_INLINE void call_yield(void) {
	OS_CALL(SYS_sched_yield, 0, 0, 0, 0, 0);
}

OS_INLINE int call_nanosleep(const struct os_timespec *time) {
	return (int)OS_CALL(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, time, NULL, 0);
}

OS_INLINE int call_socketpair(int family, int type, int *pair) {
	return (int)OS_CALL(SYS_socketpair, family, type, 0, pair, 0);
}

OS_INLINE long call_receive_from(int fd, void *bytes, size_t size) {
	return os_syscall(SYS_recvfrom, fd, (long)bytes, (long)size, 0, 0, 0);
}

OS_INLINE long call_sendmsg(int fd, const void *message, int flags) {
	return OS_CALL(SYS_sendmsg, fd, message, flags, 0, 0);
}

OS_INLINE long call_recvmsg(int fd, void *message, int flags) {
	return OS_CALL(SYS_recvmsg, fd, message, flags, 0, 0);
}

/* poll(2), for a filter that allows only that. The timeout is rounded up to whole milliseconds. */
OS_INLINE int call_poll(struct os_pollfd *fds, unsigned count, const struct os_timespec *timeout, int refusal) {
#ifdef SYS_poll
	enum { MOST_SECONDS = 2000000 }; /* in milliseconds it still fits an int */
	long ms = -1;

	(void)refusal;
	if (timeout)
		ms = timeout->seconds > MOST_SECONDS
			     ? MOST_SECONDS * 1000L
			     : timeout->seconds * 1000 + (timeout->nanoseconds + 999999) / 1000000;
	return (int)OS_CALL(SYS_poll, fds, count, ms, 0, 0);
#else
	(void)fds, (void)count, (void)timeout;
	return refusal;
#endif
}

OS_INLINE int call_ppoll(struct os_pollfd *fds, unsigned count, struct os_timespec *timeout) {
	const int result = (int)OS_CALL(SYS_ppoll, fds, count, timeout, NULL, 0);

	return result == -ENOSYS || result == -EPERM ? call_poll(fds, count, timeout, result) : result;
}

#endif
