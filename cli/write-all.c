/* SPDX-License-Identifier: ISC */
#include "write-all.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

bool write_all(int fd, const char *bytes, size_t size) {
	struct pollfd writable = { .fd = fd, .events = POLLOUT };
	ssize_t n;

	while (size > 0) {
		n = write(fd, bytes, size);
		if (n >= 0) {
			bytes += n;
			size -= (size_t)n;
		} else if (errno == EAGAIN) { /* non-blocking by its owner's wish, which is left alone */
			poll(&writable, 1, -1);
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}
