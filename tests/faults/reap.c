/* SPDX-License-Identifier: ISC */
/* hold_orphans_reap where calls fail: a count is true, and a child that was not reaped is reaped by the next call. */
#include "../check.h"
#include "nth.h"

#include <pidhold.h>

struct orphans {
	int pid;
};

static void prepare(void *context) {
	struct orphans *orphans = context;
	siginfo_t ended;

	orphans->pid = fork();
	CHECK(orphans->pid >= 0);
	if (orphans->pid == 0)
		_exit(0);
	CHECK_EQ(waitid(P_PID, (id_t)orphans->pid, &ended, WEXITED | WNOWAIT), 0);
}

static int reap(void *context) {
	(void)context;
	return hold_orphans_reap(NULL, NULL);
}

static void judge(void *context, int result, const struct nth_failure *failure) {
	struct orphans *orphans = context;
	const bool is_there = kill(orphans->pid, 0) == 0;

	if (!failure)
		CHECK_EQ(result, 1);
	if (result >= 0)
		CHECK_EQ(is_there, result == 0);
	else
		CHECK(result == failure->error || (result == -ENOSYS && failure->error == -ENOENT));
	CHECK_EQ(reap(orphans), is_there);
}

static bool is_plausible(const struct fault_call *call, enum fault_side side, int error) {
	(void)side;
	return call->number != SYS_openat || error != EINTR;
}

TEST("a count of those reaped is true whatever fails, and the next call reaps the rest") {
	struct orphans orphans = { .pid = 0 };

	nth_try_all(&(struct nth_subject){ "hold_orphans_reap", prepare, reap, judge, is_plausible, sizeof orphans,
					   &orphans });
}

CHECK_MAIN
