/* SPDX-License-Identifier: ISC */
/* Whether this process holds a record lock on a file, as another one sees it. */
#ifndef TESTS_RECORD_LOCK_H
#define TESTS_RECORD_LOCK_H

#include "check.h"

#include <fcntl.h>

static inline bool is_locked(const char *path) {
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int status, pid = fork();

	if (pid == 0) { /* whose locks those of its parent are not */
		int fd = open(path, O_RDWR | O_CLOEXEC);

		_exit(fd < 0 || fcntl(fd, F_GETLK, &lock) < 0 ? 2 : lock.l_type != F_UNLCK);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status);
}

#endif
