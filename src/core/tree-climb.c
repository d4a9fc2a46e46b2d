/* SPDX-License-Identifier: ISC */
/* Also a part of the keeper, which has no libc. */
#include "tree-climb.h"
#include "ladder.h"

#include "base/clock.h"
#include "base/waits.h"

#include <errno.h>

void tree_climb_begin(struct tree_climb *climb, struct os_tree *tree, const struct hold_rung *rungs, size_t count) {
	*climb = (struct tree_climb){ .tree = tree, .ladder = ladder_begin(rungs, count), .look_at = HOLD_NOW };
}

static void send_tree_rung(struct os_tree *tree, int signal, bool is_first) {
	if (signal == os_sigkill) {
		os_tree_kill(tree);
		return;
	}
	os_tree_signal(tree, signal, !is_first);
	if (is_first) /* a stopped process acts on no other signal */
		os_tree_signal(tree, os_sigcont, false);
}

/* A member that cannot be opened or looked into spares no other, and is tried again at each look. */
static bool members_have_ended(struct os_tree *tree) {
	int refused;

	return os_tree_look(tree) == 0 && os_tree_count(tree, &refused) == refused;
}

int tree_climb_step(struct tree_climb *climb) {
	int signal;

	if (climb->signal && members_have_ended(climb->tree))
		return 0;
	signal = ladder_next(&climb->ladder, clock_now());
	if (signal == -ETIMEDOUT)
		return HOLD_SURVIVORS;
	if (signal > 0)
		climb->signal = signal;
	send_tree_rung(climb->tree, climb->signal, signal > 0);
	climb->look_at = clock_after_ms(LOOK_MS);
	return HOLD_PENDING;
}

int64_t tree_climb_due(const struct tree_climb *climb) {
	return clock_earliest(climb->ladder.due, climb->look_at);
}

void tree_climb_wait(struct tree_climb *climb) {
	const int64_t due = tree_climb_due(climb);

	if (os_tree_wait(climb->tree, due, false) < 0)
		os_sleep(due);
}
