/* SPDX-License-Identifier: ISC */
#include "tree-end.h"

#include "base/clock.h"

#include <errno.h>

enum { LOOK_MS = 20 }; /* after which a tree that is ending is looked at again */

static int64_t earliest(int64_t a, int64_t b) {
	return a < b ? a : b;
}

static int end_by(struct os_tree *tree, int signal, int64_t deadline) {
	int result, refused;

	for (bool is_first = true;; is_first = false) {
		result = signal == os_sigkill ? os_tree_kill(tree) : os_tree_signal(tree, signal, !is_first);
		if (signal != os_sigkill && is_first) /* who is stopped acts on nothing else */
			os_tree_signal(tree, os_sigcont, false);
		if (result < 0 && result != -EPERM && result != -EMFILE)
			return result;
		result = os_tree_wait(tree, earliest(deadline, clock_after_ms(LOOK_MS)), false);
		if (result >= 0)
			result = os_tree_look(tree);
		if (result < 0 && result != -EMFILE)
			return result;
		if (result == 0 && os_tree_count(tree, &refused) == refused)
			return 0;
		if (clock_now() >= deadline)
			return HOLD_PENDING;
	}
}

int tree_end(struct os_tree *tree, const struct hold_rung *rungs, size_t count) {
	int result = HOLD_PENDING;

	for (size_t i = 0; i < count && result == HOLD_PENDING; i++)
		result = end_by(tree, rungs[i].signal, clock_after_ms(rungs[i].wait_ms));
	return result;
}
