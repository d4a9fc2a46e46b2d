/* SPDX-License-Identifier: ISC */
#include "attached.h"
#include "suspend.h"

static size_t type(void *context, const char *bytes, size_t size) {
	return relay_add_input(context, bytes, size);
}

/* While it is drawn anew, the terminal gets its size back later: then it gets this one. */
static void resize(struct run *run, const struct hold_winsize *size) {
	if (run->size_back_at != HOLD_FOREVER)
		run->size = *size;
	else
		hold_terminal_resize(run->hold, size);
}

void attached_step(struct run *run) {
	struct viewers *viewers = run->detached ? run->detached->viewers : NULL;
	struct hold_winsize size;

	if (!viewers || !run->relay)
		return;
	viewers_type(viewers, type, run->relay);
	if (viewers_take_size(viewers, &size) && !run->detached->has_own_size)
		resize(run, &size);
	if (viewers_take_redraw(viewers) && run->size_back_at == HOLD_FOREVER)
		run_redraw(run);
}
