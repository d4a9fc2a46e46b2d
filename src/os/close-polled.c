/* SPDX-License-Identifier: ISC */
#include "calls.h"
#include "close-polled.h"

enum { AT_A_TIME = 256, MOST = 16777216 };

static int poll_them(struct pollfd *fds, int first, int count) {
	for (int i = 0; i < count; i++)
		fds[i] = (struct pollfd){ .fd = first + i };
	CALL_BY_LIBC(int, poll(fds, (nfds_t)count, 0));
}

/* One by one if they cannot be polled: the limit was lowered meanwhile, or memory is short. */
static void close_open(int first, int count) {
	struct pollfd fds[AT_A_TIME];
	const int result = poll_them(fds, first, count);

	for (int i = 0; i < count; i++) {
		if (result < 0 || !(fds[i].revents & POLLNVAL))
			call_close(first + i);
	}
}

int close_polled(int first) {
	const long end = sysconf(_SC_OPEN_MAX);

	if (end < 0 || end > MOST)
		return -EOPNOTSUPP;
	for (; first < end; first += AT_A_TIME)
		close_open(first, end - first < AT_A_TIME ? (int)end - first : AT_A_TIME);
	return 0;
}
