/* SPDX-License-Identifier: ISC */
#include "write-all.h"
#include "blocking-write.h"
#include "open-file.h"

#include <pidhold.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * As much surely fits where poll says that there is room, so that a write does not wait though the descriptor blocks. A
 * pipe has room for 4,096 bytes or for none.
 */
enum { FITS_PIPE = 4096, FITS_TERMINAL = 32 };

/*
 * A terminal takes a write piece by piece, and looks for room before each: characters that it translates are pieces of
 * their own. If there is any room there is room for one piece: the buffer has at least 256 bytes. Only another writer
 * can use that room meanwhile, or ^S stop the output.
 */
static size_t first_piece(const char *bytes, size_t size) {
	size_t length = 0;

	while (length < size && length < FITS_TERMINAL && !strchr("\n\r\t", bytes[length]))
		length++;
	return length ? length : 1;
}

static bool is_regular(int fd) {
	struct stat file;

	return fstat(fd, &file) == 0 && S_ISREG(file.st_mode);
}

/* If a filter refuses poll, only regular files are known to be writable: they always are. */
static bool is_writable(int fd, int timeout_ms) {
	struct pollfd writable = { .fd = fd, .events = POLLOUT };
	const int count = poll(&writable, 1, timeout_ms);

	return count > 0 || (count < 0 && errno != EINTR && is_regular(fd));
}

ssize_t write_at_once(int fd, const char *bytes, size_t size) {
	struct stat file = { .st_mode = 0 };
	const bool is_known = fstat(fd, &file) == 0;

	if (is_known && S_ISREG(file.st_mode)) /* it is always ready, also where poll is refused */
		return write(fd, bytes, size);
	if (!is_writable(fd, 0)) {
		errno = EAGAIN;
		return -1;
	}
	if (is_known && S_ISSOCK(file.st_mode))
		return send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (fcntl(fd, F_GETFL) & O_NONBLOCK)
		return write(fd, bytes, size);
	if (isatty(fd))
		return blocking_write(fd, bytes, first_piece(bytes, size));
	if (S_ISFIFO(file.st_mode) && size > FITS_PIPE)
		size = FITS_PIPE;
	return write(fd, bytes, size);
}

size_t write_part_until(int fd, const char *bytes, size_t size, int64_t deadline) {
	/* A line for a terminal must be one write, which is only safe if the descriptor does not block. */
	const int own = isatty(fd) ? open_again(fd, O_WRONLY) : -1;
	size_t written = 0;
	int saved_errno;

	while (written < size) {
		const ssize_t n = write_at_once(own >= 0 ? own : fd, bytes + written, size - written);

		if (n >= 0) {
			written += (size_t)n;
		} else if (errno == EAGAIN) { /* whether it blocks is left to its owner */
			if (hold_ms_until(deadline) == 0) {
				errno = ETIMEDOUT;
				break;
			}
			is_writable(own >= 0 ? own : fd, hold_ms_until(deadline));
		} else if (errno != EINTR) {
			break;
		}
	}
	saved_errno = errno;
	if (own >= 0)
		close(own);
	errno = saved_errno;
	return written;
}

bool write_until(int fd, const char *bytes, size_t size, int64_t deadline) {
	return write_part_until(fd, bytes, size, deadline) == size;
}

bool write_all(int fd, const char *bytes, size_t size) {
	ssize_t n;

	while (size > 0) {
		n = write(fd, bytes, size);
		if (n >= 0) {
			bytes += n;
			size -= (size_t)n;
		} else if (errno == EAGAIN) {
			is_writable(fd, -1);
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}
