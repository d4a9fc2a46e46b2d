/* SPDX-License-Identifier: ISC */
#include "read-until.h"
#include "open-file.h"
#include "write-all.h"

#include <pidhold.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* No environment is as large as MOST. */
enum { READ_SIZE = 65536, MOST = 1 << 26 };

struct content {
	char *text;
	size_t size, room;
};

/* Whether it is a fifo with a name, which may have no writer yet. All pipes without a name have the same st_dev. */
static bool has_writers_to_come(int fd) {
	struct stat file, pipe_of_ours;
	int ends[2];
	bool is_named;

	if (fstat(fd, &file) < 0 || !S_ISFIFO(file.st_mode) || pipe(ends) < 0)
		return false;
	is_named = fstat(ends[0], &pipe_of_ours) == 0 && file.st_dev != pipe_of_ours.st_dev;
	close(ends[0]);
	close(ends[1]);
	return is_named;
}

static bool make_room(struct content *content) {
	size_t room;
	char *grown;

	if (content->room - content->size > READ_SIZE)
		return true;
	if (content->size > MOST) {
		errno = EFBIG;
		return false;
	}
	room = 2 * content->room + 2 * READ_SIZE;
	grown = realloc(content->text, room);
	if (!grown)
		return false;
	content->text = grown;
	content->room = room;
	return true;
}

/* Waits until there is input, or the writers are gone. A fifo reports the latter only if there was a writer. */
static bool wait_readable(int fd, int64_t deadline) {
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	int left;

	do {
		left = hold_ms_until(deadline);
		if (poll(&readable, 1, left) > 0)
			return true;
	} while (left != 0);
	errno = ETIMEDOUT;
	return false;
}

static bool read_all(int fd, int64_t deadline, struct content *content) {
	bool may_be_early = has_writers_to_come(fd);
	ssize_t n;

	for (;;) {
		if (!make_room(content) || (may_be_early && !wait_readable(fd, deadline)))
			return false;
		n = read(fd, content->text + content->size, READ_SIZE);
		if (n == 0)
			break;
		may_be_early = false;
		if (n > 0)
			content->size += (size_t)n;
		else if (errno == EAGAIN ? !wait_readable(fd, deadline) : errno != EINTR)
			return false;
	}
	content->text[content->size] = 0;
	return true;
}

char *read_file_until(const char *path, int64_t deadline, size_t *ret_size) {
	struct content content = { .text = NULL };
	const int fd = open_file(path, O_RDONLY | O_NONBLOCK);
	bool is_read;
	int saved_errno;

	if (fd < 0)
		return NULL;
	is_read = read_all(fd, deadline, &content);
	saved_errno = errno;
	close(fd);
	if (!is_read)
		free(content.text);
	errno = saved_errno;
	*ret_size = content.size;
	return is_read ? content.text : NULL;
}
