/* SPDX-License-Identifier: ISC */
#include "open-file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int open_file(const char *path, int flag) {
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | flag, 0666), higher, kept;

	/* Started with 0, 1 or 2 closed, the command has it closed too, not a file of ours. */
	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	kept = errno;
	close(fd);
	errno = kept;
	return higher;
}
