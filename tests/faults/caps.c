/* SPDX-License-Identifier: ISC */
/* hold_caps with each of its calls made to fail: what works here is told of all, and nothing is left of a probe. */
#include "../check.h"
#include "nth.h"

#include <pidhold.h>

#include <poll.h>

static void prepare(void *context) {
	(void)context;
}

/* How many there are, or an error. */
static int ask(void *context) {
	struct hold_cap cap = { .size = sizeof cap };
	int count = 0, result;

	(void)context;
	while ((result = hold_caps((size_t)count, &cap)) == 0) {
		CHECK(cap.supported ? cap.error == 0 : cap.error < 0);
		count++;
	}
	return result == -ENOENT ? count : result;
}

static bool has_child(void) {
	siginfo_t child;

	return waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

static void judge(void *context, int result, const struct nth_failure *failure) {
	(void)context;
	if (failure && failure->call->number == FAULT_MMAP && result < 0)
		CHECK_EQ(result, -ENOMEM);
	else
		CHECK(result >= 10);
	CHECK(ask(NULL) >= 10);
	for (int i = 0; i < 500 && has_child(); i++) { /* a keeper that could not be waited for is reaped later */
		poll(NULL, 0, 10);
		CHECK(ask(NULL) >= 10);
	}
}

/* One answer of each call: the error is handed on as it is. Who ends by being killed is in `ways`. */
static bool is_plausible(const struct fault_call *call, enum fault_side side, int error) {
	(void)side;
	if (call->number == SYS_openat || call->number == CALL_PIDFD_OPEN)
		return error == EMFILE || error == EPERM;
	if (call->number == FAULT_CLONE3 || call->number == FAULT_CLONE)
		return error == ENOSYS || error == EAGAIN;
	return true;
}

TEST("with any call failing each capability is told of, and no probe leaves anything") {
	int context = 0;

	nth_try_all(&(struct nth_subject){ "hold_caps", prepare, ask, judge, is_plausible, sizeof context, &context });
}

static long refuse_clones(const struct fault_call *call, enum fault_side side, int index) {
	(void)side, (void)index;
	return call->number == FAULT_CLONE3 || call->number == FAULT_CLONE ? -EAGAIN : 0;
}

TEST("where no process can be made that is the error of a start, and nothing is left") {
	struct hold_cap cap = { .size = sizeof cap };
	int refused = 0;

	fault_arm(refuse_clones);
	for (size_t i = 0; hold_caps(i, &cap) == 0; i++) {
		if (!strcmp(cap.name, "start")) {
			CHECK_STRING(cap.mechanism, "none");
			CHECK_EQ(cap.supported, 0);
		}
		refused += cap.error == -EAGAIN;
	}
	fault_disarm();
	CHECK(refused >= 3);
}

CHECK_MAIN
