/* SPDX-License-Identifier: ISC */
/* High descriptors that the child fetches after a low cut, and what takes its place where that is refused. */
#include "../check.h"
#include "../record-lock.h"
#include "faults.h"
#include "strewn.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { HIGH = 300, MOST = 253 /* SCM_MAX_FD */ };

static long refused_call, refusal, refusal_of_getfd; /* 0: it is allowed */
static bool kills_at_fetch;
static long closed_at_clone;

OS_INLINE bool is_fetch(const struct fault_call *call) {
	return call->number == SYS_recvmsg || call->number == CALL_PIDFD_GETFD;
}

OS_IN_CHILD static long refuse(const struct fault_call *call, enum fault_side side, int index) {
	(void)index;
	if (side == FAULT_IN_PARENT && call->number == FAULT_CLONE3 && closed_at_clone) {
		__real_os_syscall(SYS_close, closed_at_clone, 0, 0, 0, 0, 0);
		closed_at_clone = 0;
	}
	if (call->number == CALL_PIDFD_GETFD && refusal_of_getfd)
		return refusal_of_getfd;
	if (kills_at_fetch && side == FAULT_IN_CHILD && is_fetch(call)) {
		long pid = __real_os_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0);

		for (;;)
			__real_os_syscall(SYS_kill, pid, SIGKILL, 0, 0, 0, 0);
	}
	return call->number == refused_call ? refusal : 0;
}

/* Passes `fd` as 5, and low ones around it, and tells how the child came by its table. */
static int table_of_start(int fd) {
	static const char *const argv[] = { ACTOR, "open=0,1,2,4,5,7", NULL };
	const struct hold_pass pass[] = { { 1, 4 }, { fd, 5 }, { 2, 7 } };
	const struct hold_options options = {
		.size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = argv, .pass = pass, .pass_count = 3
	};
	struct hold *h;
	int table;

	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	table = hold_table(h);
	expect_end(h, HOLD_HOW_EXITED, 0);
	return table;
}

static int count_of(long number) {
	int count = 0;

	for (int i = 0; i < faults->count[FAULT_IN_CHILD] && i < FAULT_CALLS; i++)
		count += faults->calls[FAULT_IN_CHILD][i].number == number;
	return count;
}

static int open_high(void) {
	int fd = fcntl(1, F_DUPFD, HIGH);

	CHECK(fd >= HIGH);
	CHECK_EQ(table_of_start(fd), HOLD_TABLE_COPIED); /* the first start finds out that memory is shared */
	return fd;
}

TEST("what lies low is below the cut, what lies high is fetched, and the hold tells which it was") {
	int fd = open_high();

	CHECK_EQ(table_of_start(fd), HOLD_TABLE_FETCHED);
	CHECK_EQ(table_of_start(1), HOLD_TABLE_CUT);
	close(fd);
}

/* In a process of its own: what is refused for good is remembered. */
static void start_without_getfd(long error) {
	int status, pid, fd;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		fd = open_high();
		refusal_of_getfd = error;
		fault_arm(refuse);
		CHECK_EQ(table_of_start(fd), HOLD_TABLE_FETCHED);
		CHECK_EQ(count_of(SYS_recvmsg), 1);
		fault_arm(refuse);
		CHECK_EQ(table_of_start(fd), HOLD_TABLE_FETCHED);
		CHECK_EQ(count_of(CALL_PIDFD_GETFD), 0);
		CHECK_EQ(count_of(SYS_recvmsg), 1);
		fault_disarm();
		fflush(stdout);
		_exit(0);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	if (status)
		printf("# that was with %s\n", strerror((int)-error));
	CHECK_EQ(status, 0);
}

TEST("where the child may not take from its parent's table it fetches from a socket, and that is remembered") {
	start_without_getfd(-EPERM);
	start_without_getfd(-ENOSYS);
	start_without_getfd(-EBADF);
	start_without_getfd(-ESRCH);
}

/* In a process of its own: what is refused for good is remembered. */
static void start_refused(long call, long error, bool is_for_good) {
	int status, pid, fd;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		fd = open_high();
		refusal_of_getfd = -EPERM;
		refused_call = call;
		refusal = error;
		fault_arm(refuse);
		CHECK_EQ(table_of_start(fd), HOLD_TABLE_COPIED);
		CHECK_EQ(table_of_start(1), HOLD_TABLE_CUT); /* which needs none of it */
		refusal = 0;
		CHECK_EQ(table_of_start(fd), is_for_good ? HOLD_TABLE_COPIED : HOLD_TABLE_FETCHED);
		fault_disarm();
		fflush(stdout);
		_exit(0);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	if (status)
		printf("# that was call %ld with %s\n", call, strerror((int)-error));
	CHECK_EQ(status, 0);
}

TEST("where the socket is refused the table is copied, with exactly the named descriptors") {
	start_refused(SYS_socketpair, -EPERM, false);
	start_refused(SYS_socketpair, -EMFILE, false);
	start_refused(SYS_socketpair, -EAFNOSUPPORT, false);
	start_refused(SYS_sendmsg, -ETOOMANYREFS, false);
	start_refused(SYS_sendmsg, -EINVAL, false); /* a descriptor of io_uring */
	start_refused(SYS_sendmsg, -EPERM, false);
}

TEST("where the child may not receive it is started again, with a copy, and a refusal is remembered") {
	start_refused(SYS_recvmsg, -EPERM, true);
	start_refused(SYS_recvmsg, -ENOSYS, true);
	start_refused(SYS_recvmsg, -ENOMEM, false);
	start_refused(SYS_recvmsg, -EAGAIN, false);
}

static int count_of_descriptors(void) {
	int count = 0;

	for (int fd = 0; fd < 2 * HIGH; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

TEST("the host keeps its record locks on what is fetched, also where the child is killed meanwhile") {
	static const char *const argv[] = { ACTOR, "open=0,1,2,9", NULL };
	const char *place = getenv("TMPDIR");
	char path[80];
	int low, fd, before;

	snprintf(path, sizeof path, "%.60s/pidhold-XXXXXX", place && *place ? place : P_tmpdir);
	low = mkostemp(path, O_CLOEXEC);
	fd = fcntl(low, F_DUPFD_CLOEXEC, HIGH);
	close(low);
	CHECK(fd >= HIGH && fcntl(fd, F_SETLK, &(struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET }) == 0);
	table_of_start(fd);
	before = count_of_descriptors();
	for (int i = 0; i < 8; i++) {
		const struct hold_pass pass[] = { { fd, 9 } };
		const struct hold_options options = {
			.size = sizeof options,
			.contain = HOLD_CONTAIN_NONE,
			.argv = argv,
			.pass = pass,
			.pass_count = 1,
		};
		struct hold *h;

		/* Taken from the parent four times, then received. */
		refusal_of_getfd = i % 4 == 2 ? -ENOMEM : i >= 4 ? -EPERM : 0;
		kills_at_fetch = i % 4 == 1;
		refused_call = SYS_recvmsg;
		refusal = i % 4 == 2 ? -ENOMEM : 0;
		fault_arm(refuse);
		CHECK_EQ(hold_spawn(&h, &options, NULL), i % 4 == 1 ? -ECHILD : 0);
		if (i % 4 != 1) {
			CHECK_EQ(hold_table(h), i % 4 == 2 ? HOLD_TABLE_COPIED : HOLD_TABLE_FETCHED);
			expect_end(h, HOLD_HOW_EXITED, 0);
		}
		CHECK(is_locked(path));
		CHECK_EQ(count_of_descriptors(), before);
	}
	fault_disarm();
	unlink(path);
	close(fd);
}

/* That many high ones, as 3, 4, ...: each in the place that another one's fetch would take. */
static int table_of_many(int fd, int count) {
	static struct hold_pass pass[MOST + 1];
	static char fact[8 * (MOST + 4)];
	const char *const argv[] = { ACTOR, fact, NULL };
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.argv = argv,
		.pass = pass,
		.pass_count = (size_t)count,
	};
	struct hold *h;
	int table, length = snprintf(fact, sizeof fact, "open=0,1,2");

	for (int i = 0; i < count; i++) {
		pass[i] = (struct hold_pass){ fd, 3 + i };
		length += snprintf(fact + length, sizeof fact - (size_t)length, ",%d", 3 + i);
	}
	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	table = hold_table(h);
	expect_end(h, HOLD_HOW_EXITED, 0);
	return table;
}

TEST("as many as a message takes are fetched, and of one more a copy is made") {
	int fd = open_high();

	CHECK_EQ(table_of_many(fd, MOST), HOLD_TABLE_FETCHED);
	CHECK_EQ(table_of_many(fd, MOST + 1), HOLD_TABLE_COPIED);
	close(fd);
}

TEST("a high descriptor that another thread closes meanwhile is the error, and nothing is learnt from it") {
	const struct hold_pass pass[] = { { HIGH + 7, 9 } };
	const char *const argv[] = { ACTOR, NULL };
	const struct hold_options options = {
		.size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = argv, .pass = pass, .pass_count = 1
	};
	struct hold_error error = { .size = sizeof error };
	int fd = open_high();
	struct hold *h;

	CHECK(dup2(fd, HIGH + 7) == HIGH + 7);
	closed_at_clone = HIGH + 7;
	fault_arm(refuse);
	CHECK_EQ(hold_spawn(&h, &options, &error), -EBADF);
	CHECK_STRING(error.object, "307 as 9");
	fault_arm(refuse);
	CHECK_EQ(table_of_start(fd), HOLD_TABLE_FETCHED);
	CHECK_EQ(count_of(CALL_PIDFD_GETFD), 1);
	fault_disarm();
	close(fd);
}

CHECK_MAIN
