/* SPDX-License-Identifier: ISC */
/* A release in the background, and the steps of a stop, with each of their calls made to fail. */
#include "../check.h"
#include "need-keeper.h"
#include "nth.h"

#include <pidhold.h>

#include <poll.h>

static const char *const sleeper[] = { ACTOR, "sleep", NULL }, *const ender[] = { ACTOR, NULL };

struct background {
	struct hold *hold;
	int process;
};

static struct hold *start(const char *const *argv) {
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_KEEPER,
		.argv = argv,
		.on_release = HOLD_ON_RELEASE_KILL,
	};
	struct hold *h;

	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	return h;
}

static void prepare(void *context) {
	struct background *background = context;

	background->hold = start(sleeper);
	background->process = hold_pidfd_open(hold_pid(background->hold), 0);
	CHECK(background->process >= 0);
}

static bool has_child(void) {
	siginfo_t child;

	return waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

static void check_ended(const struct background *background) {
	struct pollfd ended = { .fd = background->process, .events = POLLIN };

	CHECK_EQ(poll(&ended, 1, 15000), 1);
	close(background->process);
	for (int i = 0; i < 1500 && has_child(); i++) {
		hold_release(start(ender));
		poll(NULL, 0, 10);
	}
	CHECK(!has_child());
}

static bool is_plausible(const struct fault_call *call, enum fault_side side, int error) {
	(void)side;
	return !(call->number == SYS_openat && error == EINTR); /* files in /proc */
}

/* ---- a release ---- */

static int release(void *context) {
	struct background *background = context;

	return hold_release_to_keeper(background->hold);
}

/* Either the keeper was told, or the hold is still ours. */
static void judge_release(void *context, int result, const struct nth_failure *failure) {
	struct background *background = context;

	if (!failure)
		CHECK_EQ(result, 0);
	if (result < 0) {
		CHECK_EQ(hold_wait(background->hold, HOLD_NOW, NULL), HOLD_PENDING);
		hold_release(background->hold);
	}
	check_ended(background);
}

TEST("a hold is released to its keeper, which ends the tree, or it is still the caller's, whatever failed") {
	struct background background = { .hold = NULL };
	const struct nth_subject subject = { "hold_release_to_keeper", prepare,    release, judge_release, is_plausible,
					     sizeof background,        &background };

	need_keeper();
	nth_try_all(&subject);
}

/* ---- the first step of a stop, which sends the signal ---- */

static int stop_tree(void *context) {
	static const struct hold_rung kill = { .signal = SIGKILL };
	struct background *background = context;
	int result = hold_tree_stop_begin(background->hold, &kill, 1);

	return result < 0 ? result : hold_stop_step(background->hold, NULL);
}

/* It has ended, or goes on. */
static void judge_stop(void *context, int result, const struct nth_failure *failure) {
	struct background *background = context;

	if (!failure)
		CHECK(result == HOLD_PENDING || result == 0);
	CHECK(result == HOLD_PENDING || result == 0 || result == -ENOMEM);
	while (result == HOLD_PENDING && (result = hold_stop_step(background->hold, NULL)) == HOLD_PENDING) {
		struct pollfd fd = { .fd = hold_stop_fd(background->hold), .events = POLLIN };

		poll(&fd, 1, hold_ms_until(hold_stop_deadline(background->hold)));
	}
	/* A member that may not be signalled is a survivor. */
	CHECK(result == 0 || result == -ENOMEM || (result == HOLD_SURVIVORS && failure && failure->error == -EPERM));
	hold_release(background->hold);
	check_ended(background);
}

TEST("a stop of a tree ends it step by step, whatever failed in its first step") {
	struct background background = { .hold = NULL };
	const struct nth_subject subject = { "hold_stop_step", prepare,           stop_tree,  judge_stop,
					     is_plausible,     sizeof background, &background };

	need_keeper();
	nth_try_all(&subject);
}

CHECK_MAIN
