/* SPDX-License-Identifier: ISC */
#include "lifeline.h"
#include "../common/message.h"
#include "../common/parse-number.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

int lifeline_take(const char *text) {
	int64_t fd;

	if (!parse_number(text, 0, INT_MAX, &fd)) {
		say("run: --lifeline '%s': not the number of a descriptor", text);
		return -1;
	}
	if (fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0) {
		say("run: --lifeline %s: %s", text, strerror(errno));
		hint("hold run --lifeline 3 ... 3<&0: a number that the shell opened for it");
		return -1;
	}
	return (int)fd;
}

/* The descriptor may be blocking, and shared with another reader: so it is read once, and only if poll finds input. */
bool lifeline_has_ended(int fd, short revents) {
	char bytes[4096];
	ssize_t size;

	if (revents & POLLNVAL)
		return true;
	if (!(revents & (POLLIN | POLLHUP | POLLERR)))
		return false;
	if (revents & POLLERR || !(revents & POLLIN))
		return true;
	size = read(fd, bytes, sizeof bytes);
	return size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
}
