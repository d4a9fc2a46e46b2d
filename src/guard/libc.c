/* SPDX-License-Identifier: ISC */
/* The calls of libc that the command hold and the Python module make: the linker's --wrap sends them here. */
#include "guard.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int __real_close(int fd);
int __wrap_close(int fd);
int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
int __real_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask);
int __wrap_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask);
int __real_waitid(idtype_t type, id_t id, siginfo_t *info, int options);
int __wrap_waitid(idtype_t type, id_t id, siginfo_t *info, int options);
pid_t __real_waitpid(pid_t pid, int *status, int options);
pid_t __wrap_waitpid(pid_t pid, int *status, int options);

static void look(int number, long a, long b, long options, const void *return_address) {
	const int saved_errno = errno;

	guard_answer(number, a, b, options, -saved_errno, return_address);
	errno = saved_errno;
}

/* The standard streams belong to the caller, which may have closed them. */
static void look_at_poll(const struct pollfd *fds, nfds_t count, const void *return_address) {
	for (nfds_t i = 0; i < count; i++) {
		if (fds[i].fd > STDERR_FILENO && fds[i].revents & POLLNVAL)
			guard_answer(SYS_ppoll, fds[i].fd, (long)count, 0, -EBADF, return_address);
	}
}

int __wrap_close(int fd) {
	const int result = __real_close(fd);

	if (result < 0)
		look(SYS_close, fd, 0, 0, __builtin_return_address(0));
	return result;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout) {
	const int result = __real_poll(fds, count, timeout);

	if (result > 0)
		look_at_poll(fds, count, __builtin_return_address(0));
	return result;
}

int __wrap_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask) {
	const int result = __real_ppoll(fds, count, timeout, mask);

	if (result > 0)
		look_at_poll(fds, count, __builtin_return_address(0));
	return result;
}

int __wrap_waitid(idtype_t type, id_t id, siginfo_t *info, int options) {
	const int result = __real_waitid(type, id, info, options);

	if (result < 0)
		look(SYS_waitid, (long)type, (long)id, options, __builtin_return_address(0));
	return result;
}

/* For "any child" ECHILD only means that there is none, as with P_ALL of waitid. */
pid_t __wrap_waitpid(pid_t pid, int *status, int options) {
	const pid_t result = __real_waitpid(pid, status, options);

	if (result < 0)
		look(SYS_waitid, pid > 0 ? (long)P_PID : (long)P_ALL, pid, options, __builtin_return_address(0));
	return result;
}
