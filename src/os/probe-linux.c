/* SPDX-License-Identifier: ISC */
/*
 * What works here, found out by trying it now. A kernel's version says little, since a filter may forbid what the
 * kernel has; -EPERM from a filter means the same here as -ENOSYS from a kernel. Probes that need a child are in
 * start/clone-ways.c.
 */
#include "calls.h"
#include "os.h"
#include "wait-child.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Calls `question` with a descriptor of our own process. */
static int of_own_pidfd(int (*question)(int pidfd)) {
	int pidfd = call_pidfd_open(call_getpid(), 0), result;

	if (pidfd < 0)
		return pidfd;
	result = question(pidfd);
	call_close(pidfd);
	return result;
}

static int nothing(int pidfd) {
	(void)pidfd;
	return 0;
}

int os_probe_adopt(const char **ret_mechanism, const char **ret_need) {
	int error = of_own_pidfd(nothing);

	*ret_need = "pidfd_open: Linux 5.3";
	*ret_mechanism = error ? "none" : "pidfd_open";
	return error;
}

static int send_nothing(int pidfd) {
	return call_pidfd_send_signal(pidfd, 0, 0);
}

int os_probe_signal(const char **ret_mechanism, const char **ret_need) {
	int error = of_own_pidfd(send_nothing);

	*ret_need = "pidfd_send_signal: Linux 5.1";
	*ret_mechanism = error ? "kill" : "pidfd_send_signal";
	return error;
}

static int send_nothing_to_group(int pidfd) {
	int result = os_signal_pidfd_group(pidfd, 0);

	return result == -ESRCH ? 0 : result; /* we may lead no group, but the kernel knows the flag */
}

int os_probe_group_signal(const char **ret_mechanism, const char **ret_need) {
	int error = of_own_pidfd(send_nothing_to_group);

	*ret_need = "PIDFD_SIGNAL_PROCESS_GROUP: Linux 6.9";
	*ret_mechanism = error ? "kill" : "PIDFD_SIGNAL_PROCESS_GROUP";
	return error;
}

static int wait_for_ourselves(int pidfd) {
	char siginfo[128];
	int result = call_waitid(WAIT_PIDFD, pidfd, siginfo, WEXITED | WNOHANG, NULL);

	return result == -ECHILD ? 0 : result; /* the kernel knows the call: we are no child of our own */
}

int os_probe_wait(const char **ret_mechanism, const char **ret_need) {
	int error = of_own_pidfd(wait_for_ourselves);

	*ret_need = "waitid for P_PIDFD: Linux 5.4";
	*ret_mechanism = error ? "waitid by number" : "waitid and poll on a pidfd";
	return error;
}

int os_probe_nonblocking(const char **ret_mechanism, const char **ret_need) {
	int pidfd = call_pidfd_open(call_getpid(), O_NONBLOCK);

	*ret_need = "PIDFD_NONBLOCK: Linux 5.10";
	os_close(pidfd);
	*ret_mechanism = pidfd < 0 ? "none" : "PIDFD_NONBLOCK";
	return pidfd < 0 ? pidfd : 0;
}

static int has_inode(int pidfd) {
	struct os_identity identity;
	int error = os_identity(pidfd, call_getpid(), true, &identity);

	return error ? error : identity.inode ? 0 : -EOPNOTSUPP;
}

int os_probe_reference(const char **ret_mechanism, const char **ret_need) {
	struct os_identity identity;
	int error = of_own_pidfd(has_inode);

	*ret_need = "pidfs: Linux 6.9";
	*ret_mechanism = !error                                             ? "pidfs inode"
			 : os_identity(-1, call_getpid(), false, &identity) ? "none"
									    : "boot id and start time";
	return error;
}

int os_probe_close(const char **ret_mechanism, const char **ret_need) {
	int error = call_close_range(~0u, ~0u, 0); /* no descriptor has this number */

	*ret_need = "close_range: Linux 5.9";
	*ret_mechanism = error ? "/proc/self/fd" : "close_range";
	return error;
}

int os_probe_terminal(const char **ret_mechanism, const char **ret_need) {
	struct os_terminal terminal;
	int error = os_terminal_open(&terminal, NULL, NULL), peer;

	*ret_need = "TIOCGPTPEER: Linux 4.13, on a terminal of /dev/ptmx";
	*ret_mechanism = "none";
	if (error)
		return error;
	peer = (int)OS_CALL(SYS_ioctl, terminal.master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC, 0, 0);
	*ret_mechanism = peer < 0 ? "/dev/pts" : "TIOCGPTPEER";
	os_close(peer);
	os_close(terminal.subordinate);
	os_close(terminal.master);
	return peer < 0 ? peer : 0;
}

int os_probe_threads(const char **ret_mechanism, const char **ret_need) {
	int count = os_thread_count();

	*ret_need = "/proc of this PID namespace";
	*ret_mechanism = count ? "/proc/self/stat" : "none";
	return count ? 0 : -ENOSYS;
}

int os_probe_owner(const char **ret_mechanism, const char **ret_need) {
	const size_t size = (size_t)sysconf(_SC_PAGESIZE);
	int saved_errno = errno, error = 0;
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*ret_need = "MADV_WIPEONFORK: Linux 4.14";
	if (page == MAP_FAILED || madvise(page, size, MADV_WIPEONFORK) < 0)
		error = -errno;
	if (page != MAP_FAILED)
		munmap(page, size);
	errno = saved_errno;
	*ret_mechanism = error ? "getpid" : "MADV_WIPEONFORK";
	return error;
}
