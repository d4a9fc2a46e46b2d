/* SPDX-License-Identifier: ISC */
/* The table of descriptors shared with the child and cut there, and what takes its place where that is refused. */
#include "../check.h"
#include "../record-lock.h"
#include "faults.h"
#include "strewn.h"

#include <fcntl.h>
#include <sched.h>

enum { NOT_CUT = -1 };

static long refusal_of_cut, refusal_of_clone; /* 0: allowed */
static bool kills_at_cut;

OS_INLINE bool is_cut(const struct fault_call *call) {
	return call->number == CALL_CLOSE_RANGE && call->c == 2 /* CLOSE_RANGE_UNSHARE */;
}

OS_INLINE bool is_sharing_clone(const struct fault_call *call) {
	return (call->number == FAULT_CLONE3 || call->number == FAULT_CLONE) && call->a & CLONE_FILES;
}

OS_IN_CHILD static long refuse(const struct fault_call *call, enum fault_side side, int index) {
	(void)side, (void)index;
	if (is_sharing_clone(call))
		return refusal_of_clone;
	if (!is_cut(call))
		return 0;
	if (kills_at_cut) {
		long pid = __real_os_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0);

		for (;;)
			__real_os_syscall(SYS_kill, pid, SIGKILL, 0, 0, 0, 0);
	}
	return refusal_of_cut;
}

static void start_plainly(void) {
	start_and_expect_open(NULL, 0, "open=0,1,2");
}

/* Since the last fault_arm. */
static int sharing_clones(void) {
	int count = 0;

	for (int i = 0; i < faults->count[FAULT_IN_PARENT]; i++)
		count += is_sharing_clone(&faults->calls[FAULT_IN_PARENT][i]);
	return count;
}

static int cuts(void) {
	int count = 0;

	CHECK(faults->count[FAULT_IN_CHILD] <= FAULT_CALLS);
	for (int i = 0; i < faults->count[FAULT_IN_CHILD]; i++)
		count += is_cut(&faults->calls[FAULT_IN_CHILD][i]);
	return count;
}

/* Where the only start since the last fault_arm cut the table first of all, or NOT_CUT. */
static long cut_of_start(void) {
	const struct fault_call *first = &faults->calls[FAULT_IN_CHILD][0];

	CHECK_EQ(cuts(), is_cut(first));
	if (!is_cut(first))
		return NOT_CUT;
	CHECK_EQ((unsigned)first->b, ~0u);
	return first->a;
}

/* Each in a process of its own: what is refused is remembered. */
static void apart(void (*run)(long error), const long *errors, size_t count) {
	for (size_t i = 0; i < count; i++) {
		int status, pid;

		fflush(stdout);
		pid = fork();
		if (pid == 0) {
			run(errors[i]);
			fflush(stdout);
			_exit(0);
		}
		CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
		if (status)
			printf("# that was with %s\n", strerror((int)-errors[i]));
		CHECK_EQ(status, 0);
	}
}

#define APART(run, ...) apart(run, (const long[]){ __VA_ARGS__ }, sizeof(long[]){ __VA_ARGS__ } / sizeof(long))

TEST("the first start of a process copies the table, a later one shares it and cuts it above what is needed") {
	const struct hold_pass pass = { 1, 40 };
	int high = fcntl(1, F_DUPFD_CLOEXEC, 70);
	const struct hold_pass far = { high, 5 };

	fault_arm(refuse);
	start_plainly();
	CHECK_EQ(sharing_clones(), 0);
	CHECK_EQ(cut_of_start(), NOT_CUT);
	fault_arm(refuse);
	start_plainly();
	CHECK_EQ(sharing_clones(), 1);
	CHECK_EQ(cut_of_start(), 64);
	fault_arm(refuse);
	start_and_expect_open(&pass, 1, "open=0,1,2,40");
	CHECK_EQ(cut_of_start(), 64);
	fault_arm(refuse);
	start_and_expect_open(&far, 1, "open=0,1,2,5");
	CHECK_EQ(cut_of_start(), (high + 1 + 63) / 64 * 64);
	fault_disarm();
	close(high);
}

TEST("where memory is not shared the table is never shared either") {
	fault_dropped = FAULT_UNSHARED;
	for (int i = 0; i < 3; i++) {
		fault_arm(refuse);
		start_plainly();
		CHECK_EQ(sharing_clones(), 0);
		CHECK_EQ(cuts(), 0);
	}
	fault_disarm();
}

/* ---- refused ---- */

static void refuse_for_good(long error) {
	start_plainly();
	refusal_of_cut = error;
	fault_arm(refuse);
	start_plainly(); /* refused and copied */
	CHECK_EQ(sharing_clones(), 1);
	CHECK_EQ(cuts(), 1);
	fault_arm(refuse);
	start_plainly(); /* not even tried */
	CHECK_EQ(sharing_clones(), 0);
	CHECK_EQ(cuts(), 0);
	start_among_strewn();
	fault_disarm();
}

TEST("a cut that the system refuses is not tried again, and exactly the named descriptors are open in a copy") {
	APART(refuse_for_good, -ENOSYS, -EPERM, -EINVAL);
}

static void refuse_now(long error) {
	start_plainly();
	refusal_of_cut = error;
	for (int i = 0; i < 2; i++) {
		fault_arm(refuse);
		start_among_strewn(); /* two starts */
		CHECK_EQ(sharing_clones(), 2);
		CHECK_EQ(cuts(), 2);
	}
	refusal_of_cut = 0;
	fault_arm(refuse);
	start_plainly();
	CHECK_EQ(sharing_clones(), 1);
	CHECK_EQ(cut_of_start(), 64);
	fault_disarm();
}

TEST("a cut that fails for want of memory or room is tried again by the next start, and a copy serves meanwhile") {
	APART(refuse_now, -ENOMEM, -EMFILE);
}

static void refuse_sharing(long error) {
	start_plainly();
	refusal_of_clone = error;
	fault_arm(refuse);
	start_plainly();
	CHECK_EQ(sharing_clones(), 1);
	CHECK_EQ(cuts(), 0);
	fault_arm(refuse);
	start_among_strewn();
	CHECK_EQ(sharing_clones(), 0);
	CHECK_EQ(cuts(), 0);
	fault_disarm();
}

TEST("a shared table that the system refuses is not asked for again, and exactly the named descriptors are open") {
	APART(refuse_sharing, -ENOSYS, -EPERM, -EINVAL);
}

static int start_nothing(struct hold_error *reterr) {
	static const char *const argv[] = { "/no/such/program", NULL };
	const struct hold_options options = { .size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = argv };
	struct hold *h;

	return hold_spawn(&h, &options, reterr);
}

TEST("a start that fails fails alike where the cut is refused and where it is not") {
	struct hold_error error = { .size = sizeof error };

	start_plainly();
	for (int i = 0; i < 3; i++) {
		refusal_of_cut = i == 0 ? 0 : i == 1 ? -ENOMEM : -ENOSYS;
		fault_arm(refuse);
		CHECK_EQ(start_nothing(&error), -ENOENT);
		CHECK_EQ(sharing_clones(), 1);
		CHECK_EQ(cuts(), 1);
		CHECK_STRING(hold_step_name(error.step), "program");
		CHECK_STRING(error.object, "/no/such/program");
	}
	fault_disarm();
}

/* ---- what the host keeps ---- */

TEST("the host keeps its record locks on what passes, where the cut works, is refused, and where the child is killed") {
	static const char *const argv[] = { ACTOR, "open=0,1,2,9", NULL };
	const char *place = getenv("TMPDIR");
	char path[80];
	int fd;

	snprintf(path, sizeof path, "%.60s/pidhold-XXXXXX", place && *place ? place : P_tmpdir);
	fd = mkostemp(path, O_CLOEXEC);
	CHECK(fd >= 0 && fcntl(fd, F_SETLK, &(struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET }) == 0);
	CHECK(is_locked(path));
	for (int i = 0; i < 5; i++) {
		const struct hold_pass pass[] = { { fd, 9 } };
		const struct hold_options options = {
			.size = sizeof options,
			.contain = HOLD_CONTAIN_NONE,
			.argv = argv,
			.in = { .kind = HOLD_STDIO_FILE, .path = path },
			.pass = pass,
			.pass_count = 1,
		};
		struct hold *h;

		refusal_of_cut = i == 2 ? -ENOMEM : i == 4 ? -EPERM : 0;
		kills_at_cut = i == 3;
		fault_arm(refuse);
		CHECK_EQ(hold_spawn(&h, &options, NULL), i == 3 ? -ECHILD : 0);
		CHECK_EQ(cuts(), i > 0);
		if (i != 3)
			expect_end(h, HOLD_HOW_EXITED, 0);
		CHECK(is_locked(path));
	}
	fault_disarm();
	unlink(path);
	close(fd);
}

CHECK_MAIN
