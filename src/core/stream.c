/* SPDX-License-Identifier: ISC */
/* Our ends of a held process's pipes and terminal. */
#include "hold.h"

#include <errno.h>

/* NULL: no such stream. */
static const _Atomic int *stream_fd_of(const struct hold *h, int stream) {
	if (stream < 0 || stream > HOLD_TERMINAL)
		return NULL;
	return &h->stream_fds[stream < HOLD_TERMINAL && h->on_terminal[stream] ? HOLD_TERMINAL : stream];
}

int hold_stream(const struct hold *h, int stream) {
	int error = held_check(h), fd;
	const _Atomic int *end;

	if (error < 0)
		return error;
	end = stream_fd_of(h, stream);
	if (!end)
		return -EINVAL;
	fd = atomic_load(end);
	return fd < 0 ? -EBADF : fd;
}

int hold_stream_take(struct hold *h, int stream) {
	int error = held_check(h), fd;
	_Atomic int *end;

	if (error < 0)
		return error;
	end = (_Atomic int *)stream_fd_of(h, stream);
	if (!end)
		return -EINVAL;
	fd = atomic_exchange(end, -1);
	return fd < 0 ? -EBADF : fd;
}

int hold_terminal_resize(struct hold *h, const struct hold_winsize *winsize) {
	int error = held_check(h), master;
	struct os_winsize size;

	if (error < 0)
		return error;
	if (!winsize)
		return -EINVAL;
	master = atomic_load(&h->stream_fds[HOLD_TERMINAL]);
	if (master < 0)
		return -ENOTTY;
	size = (struct os_winsize){ winsize->rows, winsize->columns, winsize->x_pixels, winsize->y_pixels };
	return os_terminal_resize(master, &size);
}
