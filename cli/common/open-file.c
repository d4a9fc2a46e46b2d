/* SPDX-License-Identifier: ISC */
#include "open-file.h"

#include <pidhold.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOOK_MS = 20 };

int open_file(const char *path, int flags) {
	int fd = open(path, O_CLOEXEC | O_NOCTTY | flags, 0666), higher, saved_errno;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	saved_errno = errno;
	close(fd);
	errno = saved_errno;
	return higher;
}

static bool is_fifo(const char *path) {
	struct stat file;

	return stat(path, &file) == 0 && S_ISFIFO(file.st_mode);
}

int open_file_until(const char *path, int flags, int64_t deadline) {
	int fd;

	/* No event reports that a reader has come: so we look at intervals. */
	while ((fd = open_file(path, flags | O_NONBLOCK)) < 0 && errno == ENXIO && is_fifo(path)) {
		if (hold_now() >= deadline) {
			errno = ETIMEDOUT;
			break;
		}
		poll(NULL, 0, LOOK_MS);
	}
	return fd;
}

/* Opens our controlling terminal by its other name, which is allowed whichever user owns it. */
static int open_controlling(int fd, int access) {
	/* tcgetpgrp fails for another terminal; but for a master it returns the group of the other side. */
	if (tcgetpgrp(fd) < 0 || ptsname(fd))
		return -1;
	return open_file("/dev/tty", access | O_NONBLOCK);
}

int open_again(int fd, int access) {
	char path[32];
	int own;

	snprintf(path, sizeof path, "/dev/fd/%d", fd);
	own = open_file(path, access | O_NONBLOCK);
	return own >= 0 || !isatty(fd) ? own : open_controlling(fd, access);
}

const char *open_file_reason(int error) {
	return error == ETIMEDOUT ? "nobody reads it" : strerror(error);
}
