/* SPDX-License-Identifier: ISC */
#include "open-file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int open_file(const char *path, int flags) {
	int fd = open(path, O_CLOEXEC | O_NOCTTY | flags, 0666), higher, kept;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	kept = errno;
	close(fd);
	errno = kept;
	return higher;
}
