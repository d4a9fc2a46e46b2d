/* SPDX-License-Identifier: ISC */
#include "tree-climb.h"

#include "base/clock.h"
#include "base/waits.h"

static void send_rung(struct os_tree *tree, int signal, bool is_first) {
	if (signal == os_sigkill) {
		os_tree_kill(tree);
		return;
	}
	os_tree_signal(tree, signal, !is_first);
	if (is_first) /* a stopped process acts on nothing else */
		os_tree_signal(tree, os_sigcont, false);
}

/* What could not be opened or looked into spares no other, and is tried again at each turn. */
static int end_by(struct os_tree *tree, int signal, int64_t deadline) {
	int found, refused;
	int64_t look;

	for (bool is_first = true;; is_first = false) {
		send_rung(tree, signal, is_first);
		look = clock_earliest(deadline, clock_after_ms(LOOK_MS));
		if (os_tree_wait(tree, look, false) < 0)
			os_sleep(look);
		found = os_tree_look(tree);
		if (found == 0 && os_tree_count(tree, &refused) == refused)
			return 0;
		if (clock_now() >= deadline)
			return HOLD_PENDING;
	}
}

int tree_climb(struct os_tree *tree, const struct hold_rung *rungs, size_t count) {
	int result = HOLD_PENDING;

	for (size_t i = 0; i < count && result == HOLD_PENDING; i++)
		result = end_by(tree, rungs[i].signal, clock_after_ms(rungs[i].wait_ms));
	return result;
}
