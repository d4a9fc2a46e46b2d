/* SPDX-License-Identifier: ISC */
/* The lock is the process's: the kernel gives it back at the process's end, and a child of fork does not have it. */
#include "lock.h"
#include "../common/message.h"
#include "directory.h"

#include <pidhold.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000, LOOK_NS = 5000000 };

int store_lock(const char *verb, int store) {
	const struct timespec moment = { 0, LOOK_NS };
	const int64_t deadline = hold_after_ms(PATIENCE_MS);
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	const int fd = store_open_file(store, ".lock", O_RDWR | O_CREAT);
	int result = -1;

	while (fd >= 0 && (result = fcntl(fd, F_SETLK, &lock)) < 0) {
		if ((errno != EAGAIN && errno != EACCES && errno != EINTR) || hold_ms_until(deadline) == 0)
			break;
		nanosleep(&moment, NULL);
	}
	if (result == 0)
		return fd;
	say("%s: the lock of the records: %s", verb,
	    errno == EAGAIN || errno == EACCES ? "another hold has it" : strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

bool run_lock(int directory) {
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	const int fd = store_open_file(directory, RUN_LOCK_FILE, O_RDWR | O_CREAT);
	int error;

	if (fd < 0)
		return false;
	if (fcntl(fd, F_SETLK, &lock) == 0)
		return true;
	error = errno;
	close(fd);
	errno = error;
	return false;
}

/* It is asked for and not tried: the process that holds the run may take it at this moment. */
bool run_is_locked(int directory) {
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	const int fd = store_open_file(directory, RUN_LOCK_FILE, O_RDONLY);
	bool is_free;

	if (fd < 0)
		return errno != ENOENT && errno != ELOOP; /* a link is none of hold's */
	is_free = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK;
	close(fd);
	return !is_free;
}
