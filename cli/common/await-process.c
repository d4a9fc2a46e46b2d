/* SPDX-License-Identifier: ISC */
#include "await-process.h"

#include <errno.h>
#include <poll.h>

int await_process(const struct hold *h, int64_t deadline) {
	struct pollfd process = { .fd = hold_fd(h), .events = POLLIN };
	int count;

	if (process.fd < 0)
		return process.fd;
	do {
		count = poll(&process, 1, hold_ms_until(deadline));
	} while ((count < 0 && errno == EINTR) || (count == 0 && hold_ms_until(deadline) != 0));
	return count > 0 ? 0 : count < 0 ? -errno : HOLD_PENDING;
}
