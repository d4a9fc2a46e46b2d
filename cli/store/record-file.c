/* SPDX-License-Identifier: ISC */
#include "record-file.h"
#include "../common/write-all.h"
#include "directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The most that a record is read for: the kernel's limit on arguments is 6 MiB, of which each byte may become three. */
enum { RECORD_MOST = 24 << 20, LATER_PART = 1024 };

static const char new_file[] = "record.new", last_file[] = "record.last";

bool record_file_is(const char *name) {
	return !strcmp(name, RECORD_FILE) || !strcmp(name, new_file) || !strcmp(name, last_file);
}

/* Writes the file, and gives it the record's name when it is on the disk. */
static bool replace(int directory, const char *name, int flags, const struct record *record) {
	size_t size;
	char *text = record_encode(record, &size);
	const int fd = text ? store_open_file(directory, name, O_WRONLY | flags) : -1;
	bool written = fd >= 0 && write_all(fd, text, size) && ftruncate(fd, (off_t)size) == 0 && fsync(fd) == 0;
	int error = errno;

	free(text);
	if (fd >= 0 && close(fd) < 0 && written) {
		error = errno;
		written = false;
	}
	errno = error;
	return written && renameat(directory, name, directory, RECORD_FILE) == 0;
}

bool record_write(int directory, const struct record *record) {
	return replace(directory, new_file, O_CREAT, record);
}

static bool reserve(int directory, const char *name, size_t size) {
	const int fd = store_open_file(directory, name, O_WRONLY | O_CREAT | O_TRUNC);
	const int error = fd < 0 ? errno : posix_fallocate(fd, 0, (off_t)size);

	if (fd >= 0)
		close(fd);
	errno = error;
	return error == 0;
}

bool record_reserve(int directory, const struct record *record) {
	size_t size;
	char *text = record_encode(record, &size);

	free(text);
	return text && reserve(directory, new_file, size + LATER_PART) &&
	       reserve(directory, last_file, size + LATER_PART);
}

bool record_write_last(int directory, const struct record *record) {
	return replace(directory, last_file, 0, record) || record_write(directory, record);
}

/* The whole file. NULL: errno says why. */
static char *contents(int fd, size_t *ret_size) {
	struct stat file;
	char *text;
	ssize_t n = 1;

	*ret_size = 0;
	if (fstat(fd, &file) < 0)
		return NULL;
	errno = EINVAL;
	if (!S_ISREG(file.st_mode) || file.st_size > RECORD_MOST || !(text = malloc((size_t)file.st_size + 1)))
		return NULL;
	while (*ret_size < (size_t)file.st_size && n > 0) {
		n = read(fd, text + *ret_size, (size_t)file.st_size - *ret_size);
		*ret_size += n > 0 ? (size_t)n : 0;
	}
	if (n >= 0)
		return text;
	free(text);
	return NULL;
}

bool record_read(int directory, struct record *ret) {
	const int fd = store_open_file(directory, RECORD_FILE, O_RDONLY);
	size_t size;
	char *text;
	bool decoded;

	*ret = (struct record){ 0 };
	if (fd < 0)
		return false;
	text = contents(fd, &size);
	close(fd);
	decoded = text && record_decode(ret, text, size);
	free(text);
	return decoded;
}
