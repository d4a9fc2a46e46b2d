/* SPDX-License-Identifier: ISC */
#include "hold.h"
#include "tree.h"

#include <errno.h>

/* A process without a keeper that has ended is in no tree, and reads nothing. */
static int is_read(struct hold *h, int master) {
	struct os_tree tree;
	int result = tree_open(h, &tree);

	if (result != 0)
		return result == HOLD_GONE ? 0 : result;
	result = os_terminal_is_read(master, &tree);
	if (result == 0)
		result = tree_error_of(&tree);
	os_tree_close(&tree);
	return result;
}

int hold_terminal_is_read(struct hold *h) {
	int saved_errno = errno, result = held_check(h), master;

	if (result < 0)
		return result;
	master = atomic_load(&h->stream_fds[HOLD_TERMINAL]);
	result = master < 0 ? -ENOTTY : is_read(h, master);
	errno = saved_errno;
	return result;
}
