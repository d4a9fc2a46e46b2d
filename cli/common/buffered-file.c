/* SPDX-License-Identifier: ISC */
#include "buffered-file.h"
#include "write-all.h"

#include <pidhold.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WAIT_MS = 1000, RETRY_MS = 100 };

void buffered_file_begin(struct buffered_file *file, int fd, bool has_lines) {
	file->fd = fd;
	file->has_lines = has_lines;
	file->error = 0;
	file->written = 0;
	file->length = file->line_length = 0;
	file->write_at = HOLD_FOREVER;
}

static void remove_part_of_line(const struct buffered_file *file) {
	struct stat status;

	if (file->line_length && fstat(file->fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    status.st_size >= (off_t)file->line_length) {
		/* If this fails too, a reader finds a line without an end. */
		if (ftruncate(file->fd, status.st_size - (off_t)file->line_length) < 0)
			return;
	}
}

static void fail(struct buffered_file *file, int error) {
	if (file->has_lines)
		remove_part_of_line(file);
	file->error = error;
	file->length = 0;
	file->write_at = HOLD_FOREVER;
}

static void note_lines(struct buffered_file *file, const char *bytes, size_t size) {
	size_t length = 0;

	while (length < size && bytes[size - 1 - length] != '\n')
		length++;
	file->line_length = length < size ? length : file->line_length + size;
}

void buffered_file_write(struct buffered_file *file) {
	size_t written = 0;
	ssize_t n = 0;

	while (!file->error && written < file->length) {
		n = write_at_once(file->fd, file->bytes + written, file->length - written);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		note_lines(file, file->bytes + written, (size_t)n);
		written += (size_t)n;
	}
	file->written += written;
	if (written < file->length && !(n < 0 && errno == EAGAIN)) {
		fail(file, n < 0 ? errno : EIO);
		return;
	}
	memmove(file->bytes, file->bytes + written, file->length - written);
	file->length -= written;
	file->write_at = file->length ? hold_after_ms(RETRY_MS) : HOLD_FOREVER;
}

void buffered_file_add(struct buffered_file *file, const char *bytes, size_t size) {
	if (file->error)
		return;
	if (size > sizeof file->bytes - file->length)
		buffered_file_write(file);
	if (size > sizeof file->bytes - file->length) {
		fail(file, file->error ? file->error : ETIMEDOUT);
		return;
	}
	if (file->length == 0)
		file->write_at = hold_after_ms(WAIT_MS);
	memcpy(file->bytes + file->length, bytes, size);
	file->length += size;
	if (file->length >= BUFFERED_AT_ONCE)
		buffered_file_write(file);
}

int64_t buffered_file_next(const struct buffered_file *file) {
	return file->write_at;
}

bool buffered_file_end(struct buffered_file *file, int64_t deadline) {
	size_t written;

	buffered_file_write(file);
	if (file->length) {
		written = write_part_until(file->fd, file->bytes, file->length, deadline);
		note_lines(file, file->bytes, written);
		file->written += written;
		if (written < file->length)
			fail(file, errno);
	}
	if (close(file->fd) < 0 && !file->error)
		file->error = errno;
	file->fd = -1;
	return file->error == 0;
}
