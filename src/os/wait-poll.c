/* SPDX-License-Identifier: ISC */
/* Waits with a deadline, by poll(2). */
#include "calls.h"
#include "os.h"
#include "wait-child.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>

void os_yield(void) {
	call_yield();
}

struct os_timespec time_left(int64_t deadline) {
	enum { NS_PER_S = 1000000000, MOST_SECONDS = 2000000000 };
	const int64_t now = clock_now(), left = deadline > now ? deadline - now : 0;

	if (left / NS_PER_S >= MOST_SECONDS)
		return (struct os_timespec){ MOST_SECONDS, 0 };
	return (struct os_timespec){ (long)(left / NS_PER_S), (long)(left % NS_PER_S) };
}

static int wait_events(int fd, short events, int64_t deadline) {
	struct os_pollfd poll = { fd, events, 0 };
	struct os_timespec timeout;
	int result;

	do {
		timeout = time_left(deadline);
		result = call_ppoll(&poll, 1, deadline == INT64_MAX ? NULL : &timeout);
	} while (result == -EINTR || (result == 0 && clock_now() < deadline));
	return result > 0 ? poll.revents : result;
}

int os_wait_readable(int fd, int64_t deadline) {
	const int events = wait_events(fd, POLLIN, deadline);

	if (events < 0)
		return events;
	if (events & POLLNVAL) /* other code has closed our descriptor */
		return -EBADF;
	return events ? 0 : 1;
}

int os_wait_hung_up(int fd, int64_t deadline) {
	const int events = wait_events(fd, 0, deadline); /* poll reports POLLHUP unasked */

	if (events < 0)
		return events;
	return events & POLLHUP ? 0 : 1;
}

void os_sleep(int64_t deadline) {
	const struct os_timespec time = time_left(deadline);

	if (clock_now() < deadline)
		call_nanosleep(&time);
}
