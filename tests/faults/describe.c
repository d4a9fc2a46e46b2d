/* SPDX-License-Identifier: ISC */
/* hold_describe and hold_renice with each of their calls made to fail, without /proc, and of one that has gone. */
#include "../check.h"
#include "nth.h"

#include <pidhold.h>

#include <sys/resource.h>

struct subject {
	struct hold *hold;
	int before; /* its niceness */
	struct hold_description description;
	int niceness, autogroup;
};

static struct hold *start(const char *word) {
	const char *const argv[] = { ACTOR, word, NULL };
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.argv = argv,
		.flags = HOLD_NEW_SESSION,
		.on_release = HOLD_ON_RELEASE_KILL,
		.parent_death_signal = SIGKILL, /* should this test fail: it is not in its group */
	};
	struct hold_description description = { .size = sizeof description };
	struct hold *h;

	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	/* Its arguments may be seen a moment later than it is started: until then each look takes more calls. */
	do
		CHECK_EQ(hold_describe(h, &description), 0);
	while (description.command[0] == '[');
	return h;
}

static int niceness_of(const struct hold *h) {
	return getpriority(PRIO_PROCESS, (id_t)hold_pid(h));
}

static void prepare(void *context) {
	struct subject *subject = context;

	subject->hold = start("sleep");
	subject->before = niceness_of(subject->hold);
	subject->description.size = sizeof subject->description;
}

/* All that is left to fail reads or writes a file that exists, of a process that lives. */
static bool is_plausible(const struct fault_call *call, enum fault_side side, int error) {
	(void)side;
	return !(call->number == SYS_openat && error == EINTR);
}

static void try_all(const char *name, int (*act)(void *), void (*judge)(void *, int, const struct nth_failure *)) {
	struct subject context = { .hold = NULL };

	nth_try_all(&(struct nth_subject){ name, prepare, act, judge, is_plausible, sizeof context, &context });
}

static bool ends_with(const char *text, const char *end) {
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && !strcmp(text + length - end_length, end);
}

/* The file that a failed openat or read was of, or "". */
static const char *path_of(const struct nth_failure *failure) {
	if (failure->call->number == SYS_openat)
		return failure->call->path;
	if (failure->call->number != SYS_read && failure->call->number != SYS_write)
		return "";
	for (int i = failure->index - 1; i >= 0; i--) {
		const struct fault_call *earlier = &failure->calm->calls[failure->side][i];

		if (earlier->number == SYS_openat && earlier->result == failure->call->a)
			return earlier->path;
	}
	return "";
}

/* A process that lives and whose entry of /proc is missing: then there is no /proc. */
static int without_entry(const struct nth_failure *failure) {
	return failure->error == -ENOENT ? -ENOSYS : failure->error;
}

/* ---- describing ---- */

static int describe(void *context) {
	struct subject *subject = context;

	return hold_describe(subject->hold, &subject->description);
}

/* Where its arguments cannot be read its name alone is told. */
static int wanted_of_description(const struct nth_failure *failure) {
	if (failure->error == -EINTR || ends_with(path_of(failure), "/cmdline") || !*path_of(failure))
		return 0;
	return without_entry(failure);
}

static void check_description(const struct subject *subject, bool arguments_are_told) {
	const struct hold_description *description = &subject->description;

	CHECK_EQ(description->pid, hold_pid(subject->hold));
	CHECK_EQ(description->parent, getpid());
	CHECK_EQ(description->group, description->pid);
	CHECK_EQ(description->session, description->pid);
	CHECK_EQ(description->user, geteuid());
	CHECK_EQ(description->niceness, subject->before);
	CHECK_EQ(description->threads, 1);
	CHECK(description->state && strchr("RSD", description->state));
	if (arguments_are_told)
		CHECK(ends_with(description->command, "faults-actor sleep"));
	else
		CHECK_STRING(description->command, "[faults-actor]");
}

static void judge_description(void *context, int result, const struct nth_failure *failure) {
	struct subject *subject = context;
	const bool without_arguments = failure && failure->error != -EINTR && ends_with(path_of(failure), "/cmdline");

	CHECK_EQ(result, failure ? wanted_of_description(failure) : 0);
	if (result == 0)
		check_description(subject, !without_arguments);
	else
		CHECK_EQ(subject->description.pid, 0);
	hold_release(subject->hold);
}

TEST("a description: whatever fails is handed out, and nothing is left") {
	try_all("hold_describe", describe, judge_description);
}

/* ---- changing the niceness ---- */

static int renice(void *context) {
	struct subject *subject = context;

	return hold_renice(subject->hold, 1, &subject->niceness, &subject->autogroup);
}

/* What concerns the session's autogroup alone fails without a word: the niceness was changed. */
static bool is_of_autogroup(const struct nth_failure *failure) {
	return ends_with(path_of(failure), "/autogroup") || ends_with(path_of(failure), "/stat");
}

static int wanted_of_renice(const struct nth_failure *failure) {
	if (failure->error == -EINTR || is_of_autogroup(failure))
		return 0;
	switch (failure->call->number) {
	case SYS_setpriority:
		return -EPERM;
	case SYS_openat:
		return without_entry(failure);
	case SYS_getdents64:
		return failure->error;
	default: /* close has closed; a filter that forbids a signal does not say that the process has gone */
		return 0;
	}
}

static void judge_renice(void *context, int result, const struct nth_failure *failure) {
	struct subject *subject = context;
	const int raised = subject->before < 19 ? subject->before + 1 : 19;

	CHECK_EQ(result, failure ? wanted_of_renice(failure) : 0);
	if (result == 0) {
		CHECK_EQ(subject->niceness, raised);
		CHECK_EQ(niceness_of(subject->hold), raised);
	} else {
		CHECK_EQ(subject->niceness, 0);
		CHECK_EQ(subject->autogroup, 0);
	}
	hold_release(subject->hold);
}

TEST("a change of the niceness: whatever fails is handed out, and nothing is left") {
	try_all("hold_renice", renice, judge_renice);
}

/* ---- of one that has gone ---- */

static int gone_at; /* the call before which the process ends and is reaped by somebody else */
static int pid;

static long end_it(const struct fault_call *call, enum fault_side side, int index) {
	siginfo_t info;

	(void)call, (void)side;
	if (index == gone_at) {
		__real_os_syscall(SYS_kill, pid, SIGKILL, 0, 0, 0, 0);
		__real_os_syscall(SYS_waitid, P_PID, pid, (long)&info, WEXITED, 0, 0);
	}
	return 0;
}

/* How many calls of its own it made: it goes before call `at`, or never. */
static int end_before_call(int (*act)(void *), int at, int *ret_result) {
	struct subject subject = { .hold = NULL };

	prepare(&subject);
	pid = (int)hold_pid(subject.hold);
	gone_at = at;
	fault_arm(end_it);
	*ret_result = act(&subject);
	fault_disarm();
	hold_release(subject.hold);
	return faults->count[FAULT_IN_PARENT];
}

/* Before each of its calls in turn: of the first ones' effect it is known whether they were the process's own. */
static void end_before_each_call(int (*act)(void *), int first) {
	int result, all = end_before_call(act, -1, &result);

	CHECK_EQ(result, 0);
	CHECK(first <= all);
	for (int at = 0; at < all; at++) {
		end_before_call(act, at, &result);
		if (result != HOLD_GONE && (at < first || result != 0)) {
			printf("# before call %d, of number %ld\n", at, faults->calls[FAULT_IN_PARENT][at].number);
			CHECK_EQ(result, HOLD_GONE);
		}
	}
}

TEST("a description of a process that goes meanwhile is that it has gone") {
	int result, all = end_before_call(describe, -1, &result);

	end_before_each_call(describe, all);
}

TEST("a change of the niceness of a process that goes meanwhile is that it has gone") {
	int result, before_autogroup = end_before_call(renice, -1, &result);

	while (!ends_with(faults->calls[FAULT_IN_PARENT][before_autogroup].path, "/stat"))
		CHECK(--before_autogroup > 0);
	before_autogroup -= 2; /* getpid and readlinkat, by which /proc is known to be ours */
	end_before_each_call(renice, before_autogroup);
}

/* ---- without /proc, and without process descriptors ---- */

enum refused { PROC = 1, PIDFDS = 2 };

static unsigned refused;

static long refuse(const struct fault_call *call, enum fault_side side, int index) {
	(void)side, (void)index;
	if (refused & PROC && call->number == SYS_openat && !strncmp(call->path, "/proc/", 6))
		return -ENOENT;
	if (!(refused & PIDFDS))
		return 0;
	if (call->number == FAULT_CLONE3 || call->number == CALL_PIDFD_OPEN || call->number == CALL_PIDFD_SEND_SIGNAL)
		return -ENOSYS;
	if ((call->number == FAULT_CLONE && call->a & 0x1000 /* CLONE_PIDFD */) ||
	    (call->number == SYS_waitid && call->a == 3 /* P_PIDFD */))
		return -EINVAL;
	return 0;
}

TEST("without /proc there is no description and no niceness of a process that lives, and that is ENOSYS") {
	struct subject subject = { .hold = NULL };

	prepare(&subject);
	refused = PROC;
	fault_arm(refuse);
	CHECK_EQ(describe(&subject), -ENOSYS);
	CHECK_EQ(renice(&subject), -ENOSYS);
	fault_disarm();
	CHECK_EQ(niceness_of(subject.hold), subject.before);
	hold_release(subject.hold);
}

/* Runs in the child between clone and exec too, where it may not call libc. */
OS_IN_CHILD static long refuse_pidfds(const struct fault_call *call, enum fault_side side, int index) {
	return side == FAULT_IN_PARENT ? refuse(call, side, index) : 0;
}

static int calls_of_number(void) {
	int count = 0;

	for (int i = 0; i < faults->count[FAULT_IN_PARENT]; i++) {
		long number = faults->calls[FAULT_IN_PARENT][i].number;

		count += number == SYS_openat || number == SYS_setpriority;
	}
	return count;
}

TEST("without process descriptors a process is described and reniced by number, and never after the wait") {
	struct subject subject = { .hold = NULL };

	refused = PIDFDS;
	fault_arm(refuse_pidfds);
	prepare(&subject);
	CHECK_EQ(hold_fd(subject.hold), -ENOSYS);
	CHECK_EQ(describe(&subject), 0);
	check_description(&subject, true);
	CHECK_EQ(renice(&subject), 0);
	CHECK_EQ(hold_signal(subject.hold, SIGKILL), 0);
	CHECK_EQ(hold_wait(subject.hold, hold_after_ms(15000), NULL), 0);
	fault_arm(refuse_pidfds); /* what is written down begins again */
	CHECK_EQ(describe(&subject), HOLD_GONE);
	CHECK_EQ(renice(&subject), HOLD_GONE);
	CHECK_EQ(calls_of_number(), 0); /* the number may be a stranger's */
	fault_disarm();
	hold_release(subject.hold);
}

CHECK_MAIN
