/* SPDX-License-Identifier: ISC */
#include "pid-file.h"
#include "../common/open-file.h"
#include "../common/write-all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int create(const char *path) {
	return open_file(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW);
}

/*
 * The new file takes the place of an older one, so only a regular file may lie there: root could replace a device, as
 * /dev/null, or a link, as /dev/stdout, and remove it at the end.
 */
static bool may_be_replaced(const char *path) {
	struct stat now;

	if (!*path || lstat(path, &now) < 0)
		errno = *path ? errno : ENOENT;
	else
		errno = S_ISDIR(now.st_mode) ? EISDIR : S_ISREG(now.st_mode) ? 0 : EEXIST;
	return errno == 0 || (*path && errno == ENOENT);
}

bool pid_file_begin(struct pid_file *file, const char *path) {
	if (!may_be_replaced(path))
		return false;
	if (asprintf(&file->temporary, "%s.%ld.new", path, (long)getpid()) < 0) {
		file->temporary = NULL;
		return false;
	}
	file->path = path;
	file->fd = create(file->temporary);
	if (file->fd < 0 && errno == EEXIST && unlink(file->temporary) == 0) /* of a hold that was killed */
		file->fd = create(file->temporary);
	if (file->fd >= 0)
		return true;
	free(file->temporary);
	file->temporary = NULL;
	return false;
}

bool pid_file_publish(struct pid_file *file, const char *text) {
	snprintf(file->text, sizeof file->text, "%s\n", text);
	file->is_published =
		write_all(file->fd, file->text, strlen(file->text)) && rename(file->temporary, file->path) == 0;
	return file->is_published;
}

/* Our descriptor keeps the inode from being used again; the text tells whether somebody has written into the file. */
static bool is_ours(const struct pid_file *file) {
	char text[sizeof file->text];
	struct stat own, now;
	ssize_t size;

	if (fstat(file->fd, &own) < 0 || lstat(file->path, &now) < 0)
		return false;
	size = pread(file->fd, text, sizeof text, 0);
	return own.st_dev == now.st_dev && own.st_ino == now.st_ino && size == (ssize_t)strlen(file->text) &&
	       memcmp(text, file->text, (size_t)size) == 0;
}

void pid_file_end(struct pid_file *file, bool stays) {
	if (!file->temporary)
		return;
	if (!file->is_published)
		unlink(file->temporary);
	else if (!stays && is_ours(file))
		unlink(file->path);
	close(file->fd);
	free(file->temporary);
	file->temporary = NULL;
}
