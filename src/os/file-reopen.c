/* SPDX-License-Identifier: ISC */
/*
 * A descriptor of the caller's that is read or written without waiting. The flag O_NONBLOCK belongs to the open file,
 * which other processes share: set there it would stay, and a shell would find its terminal non-blocking. So a terminal
 * and a pipe are opened again.
 */
#include "calls.h"
#include "file-again.h"
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

/*
 * As much surely fits where poll says that there is room, so that a write does not wait though the descriptor blocks. A
 * pipe has room for 4,096 bytes or for none. A terminal takes a write piece by piece and looks for room before each:
 * characters that it translates are pieces of their own.
 */
enum { FITS_PIPE = 4096, FITS_TERMINAL = 32 };

static bool is_a_terminal(int fd) {
	struct os_modes modes;

	return os_modes_get(fd, &modes) == 0;
}

static enum os_file_kind kind_of(int fd) {
	const int saved_errno = errno;
	struct stat file = { .st_mode = 0 };

	if (fstat(fd, &file) < 0)
		file.st_mode = 0;
	errno = saved_errno;
	if (S_ISREG(file.st_mode))
		return OS_FILE_REGULAR;
	if (S_ISFIFO(file.st_mode))
		return OS_FILE_PIPE;
	if (S_ISSOCK(file.st_mode))
		return OS_FILE_SOCKET;
	return is_a_terminal(fd) ? OS_FILE_TERMINAL : OS_FILE_OTHER;
}

void os_file_take(struct os_file *ret, int fd, bool is_written) {
	int again = -1;

	*ret = (struct os_file){ .fd = fd, .kind = fd < 0 ? OS_FILE_OTHER : kind_of(fd) };
	/* An input pipe that is opened again would not report that its writers have gone before. */
	if (ret->kind == OS_FILE_TERMINAL || (ret->kind == OS_FILE_PIPE && is_written))
		again = file_open_again(fd, is_written ? O_WRONLY : O_RDONLY);
	if (again >= 0) {
		ret->fd = again;
		ret->is_own = true;
	}
	ret->waits = again < 0 && fd >= 0 && !(call_fcntl(fd, F_GETFL, 0) & O_NONBLOCK);
}

void os_file_give_back(struct os_file *file) {
	if (file->is_own)
		os_close(file->fd);
	*file = (struct os_file){ .fd = -1 };
}

long os_file_read(int fd, void *bytes, size_t size) {
	return call_read(fd, bytes, size);
}

static size_t first_piece(const char *bytes, size_t size) {
	size_t length = 0;

	while (length < size && length < FITS_TERMINAL && !memchr("\n\r\t", bytes[length], 3))
		length++;
	return length ? length : 1;
}

static long send_now(int fd, const char *bytes, size_t size) {
	const int saved_errno = errno;
	long result = send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);

	result = result < 0 ? -errno : result;
	errno = saved_errno;
	return result;
}

long os_file_write(const struct os_file *file, const char *bytes, size_t size) {
	switch (file->kind) {
	case OS_FILE_SOCKET:
		return send_now(file->fd, bytes, size);
	case OS_FILE_PIPE:
		return os_write_to_pipe(file->fd, bytes, file->waits && size > FITS_PIPE ? FITS_PIPE : size);
	case OS_FILE_TERMINAL:
		return call_write(file->fd, bytes, file->waits ? first_piece(bytes, size) : size);
	default:
		return call_write(file->fd, bytes, size);
	}
}
