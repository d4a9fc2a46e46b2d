/* SPDX-License-Identifier: ISC */
/*
 * only-posix EXCEPT COMMAND...: executes COMMAND under a filter that kills for every call that only Linux has and by
 * which libpidhold works there. EXCEPT names calls that the command makes itself, with commas between; of these clone3
 * is refused, the others are allowed. Exit status 125: no filter can be had here.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000u
#endif

enum { UNAVAILABLE = 125, CLONE3 = 435 };

static const struct {
	const char *name;
	unsigned number;
} calls[] = {
	{ "clone3", CLONE3 },
	{ "close_range", 436 },
	{ "epoll_create1", SYS_epoll_create1 },
	{ "epoll_ctl", SYS_epoll_ctl },
	{ "epoll_pwait", SYS_epoll_pwait },
	{ "eventfd2", SYS_eventfd2 },
	{ "execveat", SYS_execveat },
	{ "inotify_init1", SYS_inotify_init1 },
	{ "ioprio_set", SYS_ioprio_set },
	{ "memfd_create", SYS_memfd_create },
	{ "mount", SYS_mount },
	{ "pidfd_getfd", 438 },
	{ "pidfd_open", 434 },
	{ "pidfd_send_signal", 424 },
	{ "prctl", SYS_prctl },
	{ "setns", SYS_setns },
	{ "signalfd4", SYS_signalfd4 },
	{ "timerfd_create", SYS_timerfd_create },
	{ "unshare", SYS_unshare },
};

enum { COUNT = sizeof calls / sizeof *calls };

static unsigned answer_to(unsigned i, const char *except) {
	const char *found = strstr(except, calls[i].name);
	const size_t length = strlen(calls[i].name);

	if (!found || (found[length] && found[length] != ','))
		return SECCOMP_RET_KILL_PROCESS;
	return calls[i].number == CLONE3 ? SECCOMP_RET_ERRNO | ENOSYS : SECCOMP_RET_ALLOW;
}

int main(int argc, char **argv) {
	struct sock_filter filter[2 * COUNT + 2];
	struct sock_fprog program = { .len = 2 * COUNT + 2, .filter = filter };

	if (argc < 3)
		return 2;
	filter[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (unsigned i = 0; i < COUNT; i++) {
		filter[1 + 2 * i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 1);
		filter[2 + 2 * i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answer_to(i, argv[1]));
	}
	filter[2 * COUNT + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return UNAVAILABLE;
	execv(argv[2], argv + 2);
	perror(argv[2]);
	return 2;
}
