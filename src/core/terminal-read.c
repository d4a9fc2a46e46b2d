/* SPDX-License-Identifier: ISC */
#include "hold.h"
#include "tree.h"

#include <errno.h>

/* A process without a keeper that has ended is in no tree, and reads nothing. */
static int is_read(struct hold *h, int master, bool only_in_read) {
	struct os_tree tree;
	int result = tree_open(h, &tree);

	if (result != 0)
		return result == HOLD_GONE ? 0 : result;
	result = os_terminal_is_read(master, &tree, only_in_read);
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
	result = master < 0 ? -ENOTTY : is_read(h, master, false);
	errno = saved_errno;
	return result;
}

static int awaits(struct hold *h, int master) {
	struct os_modes modes;
	int result = os_modes_get(master, &modes);

	if (result < 0 || !modes.is_canonical)
		return result;
	result = is_read(h, master, true);
	if (result != 1)
		return result;
	return modes.echoes ? HOLD_AWAITS_LINE : HOLD_AWAITS_SECRET;
}

int hold_terminal_awaits(struct hold *h) {
	int saved_errno = errno, result = held_check(h), master;

	if (result < 0)
		return result;
	master = atomic_load(&h->stream_fds[HOLD_TERMINAL]);
	result = master < 0 ? -ENOTTY : awaits(h, master);
	errno = saved_errno;
	return result;
}
