/* SPDX-License-Identifier: ISC */
/* A start with a keeper, a wait and a release, with each of their calls made to fail, in the caller and below it. */
#include "../check.h"
#include "need-keeper.h"
#include "nth.h"

#include <pidhold.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

struct kept {
	bool is_warm;
	struct hold *hold;
	struct hold_error error;
};

static const char *const sleeper[] = { ACTOR, "sleep", NULL }, *const ender[] = { ACTOR, NULL };

static int32_t contain = HOLD_CONTAIN_KEEPER;

static int start(struct hold **ret, const char *const *argv, struct hold_error *reterr) {
	const struct hold_options options = {
		.size = sizeof options,
		.contain = contain,
		.argv = argv,
		.on_release = HOLD_ON_RELEASE_KILL,
	};

	return hold_spawn(ret, &options, reterr);
}

static void need_containment(void) {
	const struct hold_options options = { .size = sizeof options, .contain = contain, .argv = ender };
	struct hold *h;

	if (hold_spawn(&h, &options, NULL) < 0)
		SKIP(contain == HOLD_CONTAIN_CGROUP ? "no control group can be made here"
						    : "no PID namespace with a /proc of its own is to be had here");
	hold_release(h);
}

/* That memory is shared is known, the numbers are reserved, and the keeper was tried: or nothing of it. */
static void prepare(void *context) {
	struct kept *kept = context;
	struct hold *h;

	if (!kept->is_warm)
		return;
	CHECK_EQ(start(&h, ender, NULL), 0);
	CHECK_EQ(hold_wait(h, HOLD_FOREVER, NULL), 0);
	hold_release(h);
}

static int act(void *context) {
	struct kept *kept = context;

	kept->error.size = sizeof kept->error;
	return start(&kept->hold, sleeper, &kept->error);
}

/* It either worked in spite of the failure, and all of it works, or it says at which step it failed. */
static void judge(void *context, int result, const struct nth_failure *failure) {
	struct kept *kept = context;
	struct hold_status status = { .size = sizeof status };

	if (!failure)
		CHECK_EQ(result, 0);
	if (result < 0) {
		CHECK_EQ(kept->error.code, result);
		CHECK(kept->error.step >= HOLD_AT_OPTION && kept->error.step <= HOLD_AT_TREE_LIMIT);
		return;
	}
	CHECK_EQ(hold_wait(kept->hold, HOLD_NOW, &status), HOLD_PENDING);
	CHECK_EQ(hold_signal(kept->hold, SIGTERM), 0);
	CHECK_EQ(hold_wait(kept->hold, hold_after_ms(15000), &status), 0);
	CHECK_EQ(status.how, HOLD_HOW_SIGNALLED);
	CHECK_EQ(status.code, SIGTERM);
	hold_release(kept->hold);
}

static bool is_plausible(const struct fault_call *call, enum fault_side side, int error) {
	(void)side;
	return !(call->number == SYS_openat && error == EINTR); /* files in /proc, and the keeper's own */
}

static void try_start(const char *name, bool is_warm) {
	struct kept kept = { .is_warm = is_warm };
	const struct nth_subject subject = { name, prepare, act, judge, is_plausible, sizeof kept, &kept };

	need_keeper();
	nth_try_all(&subject);
}

TEST("a first start with a keeper works, or says at which step it failed, and nothing is left of it") {
	try_start("the first start", false);
}

TEST("a later start with a keeper works, or says at which step it failed, and nothing is left of it") {
	try_start("a later start", true);
}

TEST("a start in a control group works, or says at which step it failed, and nothing is left of it") {
	contain = HOLD_CONTAIN_CGROUP;
	need_containment();
	try_start("a start in a control group", false);
}

/* ---- killed on the way ---- */

static int killed_at; /* the call below the caller that whoever makes it does not live to see */

OS_IN_CHILD static long kill_caller(const struct fault_call *call, enum fault_side side, int index) {
	long pid;

	(void)call;
	if (side == FAULT_IN_CHILD && index == killed_at) {
		pid = __real_os_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0);
		for (;;)
			__real_os_syscall(SYS_kill, pid, SIGKILL, 0, 0, 0, 0);
	}
	return 0;
}

/* Whoever of the tree lives has the other end of the pipe. */
static void check_nobody_lives(int fd) {
	struct pollfd end = { .fd = fd, .events = POLLIN };
	char byte;

	CHECK_EQ(poll(&end, 1, 15000), 1);
	CHECK_EQ(read(fd, &byte, 1), 0);
	close(fd);
}

/* Returns how many calls were made below the caller. */
static int start_and_be_killed(const struct hold_ids *ids, int64_t deadline) {
	int ends[2];
	struct hold_pass pass = { .as = 3 };
	const struct hold_options options = {
		.size = sizeof options,
		.contain = contain,
		.argv = sleeper,
		.on_release = HOLD_ON_RELEASE_KILL,
		.pass = &pass,
		.pass_count = 1,
		.ids = ids,
		.start_deadline = deadline,
	};
	struct hold *h = NULL;
	int result;

	CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
	pass.fd = ends[1];
	fault_arm(kill_caller);
	result = hold_spawn(&h, &options, NULL);
	fault_disarm();
	close(ends[1]);
	if (result == 0) {
		if (hold_wait(h, HOLD_NOW, NULL) == HOLD_PENDING && killed_at >= 0)
			hold_tree_stop(h, NULL, 0, NULL, NULL, NULL);
		hold_release(h);
	} else {
		CHECK(killed_at >= 0);
		CHECK_EQ(result, -ECHILD);
	}
	check_nobody_lives(ends[0]);
	return faults->count[FAULT_IN_CHILD];
}

static void kill_at_each_call(const struct hold_ids *ids, int64_t deadline) {
	struct check_state before;
	int count = 0;

	need_keeper();
	killed_at = -1;
	for (int i = 0; i < 2; i++)
		count = start_and_be_killed(ids, deadline);
	check_observe(&before);
	CHECK(count > 5); /* the starter's, up to the keeper's program */
	for (killed_at = 0; killed_at < count; killed_at++) {
		start_and_be_killed(ids, deadline);
		check_compare(&before);
	}
}

TEST("a starter that is killed at any call on its way to the keeper leaves nothing, and nothing has run") {
	kill_at_each_call(NULL, 0);
}

TEST("the same in a control group") {
	contain = HOLD_CONTAIN_CGROUP;
	need_containment();
	kill_at_each_call(NULL, 0);
}

TEST("the same of a start with a deadline") {
	kill_at_each_call(NULL, hold_after_ms(1000000));
}

TEST("the same of a start with ids") {
	const struct hold_ids ids = {
		.size = sizeof ids, .set = HOLD_IDS_USER | HOLD_IDS_GROUP, .user = geteuid(), .group = getegid()
	};

	kill_at_each_call(&ids, 0);
}

/* ---- what cannot be sent ---- */

static size_t most; /* bytes in a message */

static size_t size_of(const struct msghdr *message) {
	size_t size = 0;

	for (size_t i = 0; i < (size_t)message->msg_iovlen; i++)
		size += message->msg_iov[i].iov_len;
	return size;
}

static long refuse_long(const struct fault_call *call, enum fault_side side, int index) {
	(void)index;
	if (side != FAULT_IN_PARENT || call->number != SYS_sendmsg)
		return 0;
	return size_of((const struct msghdr *)call->b) > most ? -EMSGSIZE : 0;
}

TEST("a plan goes in messages as small as the system's limit on them asks for") {
	static char large[20000];
	struct hold_status status = { .size = sizeof status };
	const char *const env[] = { large, NULL };
	const struct hold_options options = {
		.size = sizeof options, .contain = HOLD_CONTAIN_KEEPER, .argv = ender, .env = env
	};
	struct hold *h;

	need_keeper();
	memset(large, 'x', sizeof large - 1);
	for (most = 32768; most >= 512; most /= 2) {
		fault_arm(refuse_long);
		CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
		fault_disarm();
		CHECK_EQ(hold_wait(h, hold_after_ms(15000), &status), 0);
		CHECK_EQ(status.how, HOLD_HOW_EXITED);
		CHECK_EQ(status.code, 0);
		hold_release(h);
	}
}

static long passing;

static long refuse_descriptors(const struct fault_call *call, enum fault_side side, int index) {
	(void)index;
	return side == FAULT_IN_PARENT && call->number == SYS_sendmsg ? passing : 0;
}

TEST("a start is not contained less for a lack that passes") {
	static const long lacks[] = { -ENOMEM, -ENOBUFS, -ETOOMANYREFS };
	const struct hold_options options = { .size = sizeof options, .argv = ender };
	struct hold *h;

	need_keeper();
	for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++) {
		passing = lacks[i];
		fault_arm(refuse_descriptors);
		CHECK_EQ(hold_spawn(&h, &options, NULL), passing);
		fault_disarm();
	}
}

/* ---- a number that is a stranger's ---- */

static int stranger; /* a descriptor of it */

/* As when the starter has ended, was reaped for a host that ignores SIGCHLD, and its number was used again. */
static long give_stranger(const struct fault_call *call, enum fault_side side, int index) {
	(void)index;
	if (call->number == FAULT_CLONE3)
		return -ENOSYS;
	if (call->number == FAULT_CLONE && call->a & 0x1000 /* CLONE_PIDFD */)
		return -EINVAL;
	if (side == FAULT_IN_PARENT && call->number == CALL_PIDFD_OPEN && call->a != getpid())
		return __real_os_syscall(SYS_fcntl, stranger, F_DUPFD_CLOEXEC, 3, 0, 0, 0);
	return 0;
}

/* A child of a child of ours, which ends when that does. */
static int make_stranger(int *ret_parent) {
	int ends[2], pid;

	CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
	*ret_parent = fork();
	if (*ret_parent == 0) {
		signal(SIGCHLD, SIG_DFL);
		pid = fork();
		if (pid == 0) {
			for (;;)
				pause();
		}
		if (write(ends[1], &pid, sizeof pid) != (ssize_t)sizeof pid)
			_exit(1);
		for (;;)
			pause();
	}
	CHECK_EQ(read(ends[0], &pid, sizeof pid), sizeof pid);
	close(ends[0]);
	close(ends[1]);
	return hold_pidfd_open(pid, 0);
}

static void start_beside_stranger(void) {
	struct pollfd ended = { .events = POLLIN };
	struct hold *h;
	int parent;

	signal(SIGCHLD, SIG_IGN);
	ended.fd = stranger = make_stranger(&parent);
	CHECK(stranger >= 0);
	fault_arm(give_stranger);
	CHECK_EQ(start(&h, ender, NULL), -ECHILD);
	fault_disarm();
	CHECK_EQ(poll(&ended, 1, 0), 0);
	CHECK_EQ(call_pidfd_send_signal(stranger, SIGKILL, 0), 0);
	CHECK_EQ(kill(parent, SIGKILL), 0);
	_exit(0);
}

TEST("a starter that was reaped by another hand is not looked for by its number") {
	int pid, status;

	need_keeper();
	pid = fork();
	if (pid == 0)
		start_beside_stranger();
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

/* ---- afterwards ---- */

/* Which call nobody but the keeper may make. */
static long refused;

static long refuse(const struct fault_call *call, enum fault_side side, int index) {
	(void)index;
	return side == FAULT_IN_PARENT && call->number == refused ? -EPERM : 0;
}

TEST("after a release nothing is left of a tree that lived, whatever the caller may not do") {
	static const long calls[] = { SYS_openat,     CALL_PIDFD_OPEN, CALL_PIDFD_SEND_SIGNAL, SYS_sendmsg, SYS_recvmsg,
				      SYS_getdents64, SYS_read };

	need_keeper();
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		struct hold *h;

		CHECK_EQ(start(&h, sleeper, NULL), 0);
		refused = calls[i];
		fault_arm(refuse);
		hold_release(h);
		fault_disarm();
	}
}

static int refusals; /* how many calls are refused still */

OS_IN_CHILD static long refuse_to_send(const struct fault_call *call, enum fault_side side, int index) {
	(void)index;
	if (side != FAULT_IN_PARENT || (call->number != SYS_sendmsg && call->number != refused) || refusals == 0)
		return 0;
	refusals--;
	return -ENOBUFS;
}

/* In a child, whose keeper may outlive the hold, and a descriptor too. */
static void release_and_leave(void) {
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_KEEPER,
		.argv = sleeper,
		.on_release = HOLD_ON_RELEASE_LEAVE,
	};
	struct pollfd left = { .events = POLLIN };
	struct hold *h;

	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	left.fd = hold_pidfd_open(hold_pid(h), 0);
	CHECK(left.fd >= 0);
	fault_arm(refuse_to_send);
	hold_release(h);
	fault_disarm();
	CHECK_EQ(poll(&left, 1, 500), 0);
	CHECK_EQ(call_pidfd_send_signal(left.fd, SIGKILL, 0), 0);
	CHECK_EQ(poll(&left, 1, 15000), 1);
	_exit(0);
}

TEST("what is to be left is left, however often the keeper cannot be told") {
	static const struct {
		long number; /* refused beside sendmsg */
		int times;
	} tries[] = { { SYS_sendmsg, 1 }, { SYS_sendmsg, 1000000 }, { SYS_sendto, 5 }, { SYS_sendto, 1000000 } };
	int pid, status;

	need_keeper();
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		refused = tries[i].number;
		refusals = tries[i].times;
		pid = fork();
		if (pid == 0)
			release_and_leave();
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK_EQ(status, 0);
	}
}

static void prepare_ended(void *context) {
	struct kept *kept = context;
	struct pollfd ended = { .events = POLLIN };

	CHECK_EQ(start(&kept->hold, ender, NULL), 0);
	ended.fd = hold_fd(kept->hold);
	CHECK_EQ(poll(&ended, 1, 15000), 1);
	ended.fd = hold_tree_fd(kept->hold); /* and its keeper has told all: each try meets the same calls */
	CHECK_EQ(poll(&ended, 1, 15000), 1);
}

static int wait_for_end(void *context) {
	struct kept *kept = context;

	return hold_wait(kept->hold, hold_after_ms(15000), NULL);
}

static void judge_end(void *context, int result, const struct nth_failure *failure) {
	struct kept *kept = context;
	struct hold_status status = { .size = sizeof status };

	/* The wait itself needs ppoll; a look whether the keeper has ended can be made later. */
	CHECK(result == 0 ||
	      (result == -ENOMEM && failure && failure->error == -ENOMEM && failure->call->number == SYS_ppoll));
	CHECK_EQ(hold_wait(kept->hold, hold_after_ms(15000), &status), 0);
	CHECK_EQ(status.how, HOLD_HOW_EXITED);
	CHECK_EQ(status.code, 0);
	hold_release(kept->hold);
}

TEST("a wait for one that has ended tells how, whatever failed") {
	struct kept kept = { .hold = NULL };
	const struct nth_subject subject = { "hold_wait",  prepare_ended, wait_for_end, judge_end,
					     is_plausible, sizeof kept,   &kept };

	need_keeper();
	nth_try_all(&subject);
}

CHECK_MAIN
