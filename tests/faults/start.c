/* SPDX-License-Identifier: ISC */
/*
 * hold_spawn with each of its calls made to fail: it starts the program exactly as asked all the same, or its error
 * names the step and the object that the failed call stood for, and nothing is left.
 */
#include "../check.h"
#include "os/start/child.h"
#include "start.h"

#include <sched.h>
#include <sys/stat.h>

static struct start start;

static int act(void *context) {
	struct start *tried = context;

	return hold_spawn(&tried->hold, &tried->options, &tried->error);
}

static const struct fault_call *first_clone(void) {
	for (int i = 0; i < faults->count[FAULT_IN_PARENT]; i++) {
		const struct fault_call *call = &faults->calls[FAULT_IN_PARENT][i];

		if (call->number == FAULT_CLONE3 || call->number == FAULT_CLONE)
			return call;
	}
	check_fail(__FILE__, __LINE__, "a clone");
	return NULL;
}

static bool is_cut(const struct fault_call *call) {
	return call->number == CALL_CLOSE_RANGE && call->c == 2 /* CLOSE_RANGE_UNSHARE */;
}

/* Where the table is shared it is cut before anything else; where it is a copy it is not cut. */
static void check_sharing(const struct start *tried) {
	const bool is_shared =
		tried->is_warm && !tried->is_unshared && !tried->options.ids && !(tried->options.flags & HOLD_PASS_ALL);
	const struct fault_call *calls = faults->calls[FAULT_IN_CHILD], *clone = first_clone();

	CHECK_EQ((clone->a & CLONE_FILES) != 0, is_shared);
	CHECK_EQ((clone->a & CLONE_VM) != 0, !tried->options.ids);
	CHECK(clone->a & CLONE_VFORK);
	CHECK_EQ(is_cut(&calls[0]), is_shared);
	for (int i = 1; i < faults->count[FAULT_IN_CHILD]; i++)
		CHECK(!is_cut(&calls[i]));
}

/* A session's share of the processor: what came of it is told, and is never the start's failure. */
static void check_autogroup(const struct start *tried, const struct nth_failure *failure) {
	const char *path = "";
	struct hold_start_info info = { .size = sizeof info };
	int wanted;

	CHECK_EQ(hold_start_info(tried->hold, &info), 0);
	if (!tried->options.nice || !(tried->options.flags & HOLD_NEW_SESSION)) {
		CHECK_EQ(info.autogroup, HOLD_NO_AUTOGROUP);
		return;
	}
	if (failure && failure->side == FAULT_IN_CHILD && failure->call->number == SYS_openat)
		path = failure->call->path;
	if (failure && failure->side == FAULT_IN_CHILD && failure->call->number == SYS_write)
		path = start_path_of(failure, failure->call->a);
	if (!strcmp(path, "/proc/self/autogroup")) {
		wanted = failure->error == -ENOENT ? HOLD_NO_AUTOGROUP : 0;
		CHECK_EQ(info.autogroup, wanted);
	} else if (access("/proc/self/autogroup", F_OK) < 0) {
		CHECK_EQ(info.autogroup, HOLD_NO_AUTOGROUP);
	} else { /* who is not root may change few in a short time */
		CHECK(info.autogroup == info.niceness || (geteuid() != 0 && info.autogroup == 0));
	}
}

static void judge(void *context, int result, const struct nth_failure *failure) {
	struct start *tried = context;
	struct hold_status status = { .size = sizeof status };
	struct start_wanted wanted = start_wanted(tried, failure);

	if (!failure)
		check_sharing(tried);
	if (result == 0) {
		CHECK_EQ(hold_wait(tried->hold, hold_after_ms(15000), &status), 0);
		check_autogroup(tried, failure);
		hold_release(tried->hold);
	}
	start_restore(tried);
	if (result != 0 || !wanted.may_start)
		CHECK_EQ(result, wanted.code);
	if (result == 0) {
		CHECK_EQ(status.how, HOLD_HOW_EXITED);
		CHECK_EQ(status.code, 0);
		return;
	}
	CHECK(!tried->hold);
	CHECK_EQ(tried->error.code, wanted.code);
	CHECK_STRING(hold_step_name(tried->error.step), hold_step_name(wanted.step));
	CHECK_STRING(tried->error.object, wanted.object);
}

/*
 * Files are opened where every signal is blocked, terminals without waiting, and a pipe is read. The child's mark
 * cannot fail to be written where it is needed.
 */
static bool is_plausible(const struct fault_call *call, enum fault_side side, int error) {
	(void)side;
	if (call->number == SYS_openat)
		return error != EINTR;
	if (call->number == SYS_read)
		return error == EINTR;
	if (call->number == SYS_write && call->c == sizeof(struct os_message))
		return !start.is_unshared && start.set_up != set_up_ids;
	return true;
}

static void prepare(void *context) {
	start_set_up(context);
}

static void try_all(const char *name, start_kind *set_up, bool warm, bool unshared) {
	const struct nth_subject subject = { name, prepare, act, judge, is_plausible, sizeof start, &start };
	const char *place = getenv("TMPDIR");
	char directory[80];

	snprintf(directory, sizeof directory, "%.60s/pidhold-XXXXXX", place && *place ? place : P_tmpdir);
	CHECK(mkdtemp(directory));
	CHECK_EQ(chmod(directory, 0755), 0);
	start = (struct start){ .set_up = set_up, .is_warm = warm, .is_unshared = unshared, .directory = directory };
	fault_dropped = unshared ? FAULT_UNSHARED : 0;
	nth_try_all(&subject);
	CHECK_EQ(rmdir(directory), 0);
}

/* Each kind as the first start of its process, as a later one, and where memory is not shared. */
static void try_each_kind(bool warm, bool unshared) {
	static const struct {
		const char *name;
		start_kind *set_up;
	} kinds[] = {
		{ "terminal", set_up_terminal }, { "settings", set_up_settings }, { "files", set_up_files },
		{ "swap", set_up_swap },         { "pass all", set_up_pass_all }, { "closed", set_up_closed },
		{ "limits", set_up_limits },     { "many", set_up_many },         { "script", set_up_script },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		try_all(kinds[i].name, kinds[i].set_up, warm, unshared);
}

TEST("the first start of a process, of each kind: whatever fails is named, and nothing is left") {
	try_each_kind(false, false);
}

TEST("a later start, of each kind: whatever fails is named, and nothing is left") {
	try_each_kind(true, false);
}

TEST("where memory is not shared, a start of each kind: whatever fails is named, and nothing is left") {
	try_each_kind(true, true);
}

static void try_ids(bool warm) {
	const char *refusal = start_refuses_ids();

	if (refusal)
		SKIP(refusal);
	try_all("ids", set_up_ids, warm, false);
}

TEST("the first start of a process, as another user: whatever fails is named, and nothing is left") {
	try_ids(false);
}

TEST("a later start, as another user: whatever fails is named, and nothing is left") {
	try_ids(true);
}

CHECK_MAIN
