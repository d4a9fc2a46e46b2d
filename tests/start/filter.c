/* SPDX-License-Identifier: ISC */
/* A filter that kills for a call which a start may make refuses it: the start goes another way. */
#define CHECK_SECONDS 60
#include "../check.h"

#include <pidhold.h>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000u
#endif

/* Whoever makes the call is killed; with `third` not 0 only with it as third argument. */
static void kill_for(unsigned number, unsigned third) {
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, third ? 3 : 1),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 third ? offsetof(struct seccomp_data, args[2]) : offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, third ? third : number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof code / sizeof *code, code };

	code[1].jt = 0;
	code[1].jf = 3; /* to ALLOW */
	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		SKIP("no system calls can be denied here");
}

/* Whoever makes the call is told that he may not. */
static void refuse(unsigned number) {
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof code / sizeof *code, code };

	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		SKIP("no system calls can be denied here");
}

static int table_of_start(int fd) {
	static const char *const argv[] = { "true", NULL };
	const struct hold_pass pass = { fd, 5 };
	const struct hold_options options = {
		.size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = argv, .pass = &pass, .pass_count = 1
	};
	struct hold_status status = { .size = sizeof status };
	struct hold *h;
	int table;

	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	table = hold_table(h);
	CHECK_EQ(hold_wait(h, HOLD_FOREVER, &status), 0);
	CHECK(status.how == HOLD_HOW_EXITED && status.code == 0);
	hold_release(h);
	return table;
}

static void start_three_times(int wanted) {
	int fd = fcntl(1, F_DUPFD_CLOEXEC, 600);

	CHECK(fd >= 600);
	CHECK_EQ(table_of_start(fd), HOLD_TABLE_COPIED);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(table_of_start(fd), wanted);
	close(fd);
}

TEST("one that kills for pidfd_getfd: high descriptors come out of a socket") {
	kill_for(SYS_pidfd_getfd, 0);
	start_three_times(HOLD_TABLE_FETCHED);
}

TEST("one that kills for CLOSE_RANGE_UNSHARE: the table is copied") {
	kill_for(SYS_close_range, 2);
	start_three_times(HOLD_TABLE_COPIED);
}

TEST("one that refuses signalfd: the keeper looks for ends again and again") {
	static const char *const argv[] = { "sh", "-c", "exit 3", NULL };
	struct hold_options options = { .size = sizeof options, .argv = argv, .contain = HOLD_CONTAIN_KEEPER };
	struct hold_status status = { .size = sizeof status };
	struct hold *h;

	refuse(SYS_signalfd4);
	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	CHECK_EQ(hold_wait(h, HOLD_FOREVER, &status), 0);
	CHECK(status.how == HOLD_HOW_EXITED && status.code == 3);
	CHECK_EQ(hold_tree_wait(h, HOLD_FOREVER), 0);
	hold_release(h);
}

CHECK_MAIN
