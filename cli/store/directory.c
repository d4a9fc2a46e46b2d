/* SPDX-License-Identifier: ISC */
#include "directory.h"
#include "../common/message.h"
#include "../common/open-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * As the XDG specification has it, a relative path is ignored. NULL: there is no such directory, or no memory. The
 * home, which is the first *ret_given characters, is not ours to make: that of system users is missing on purpose.
 */
static char *path_of_store(size_t *ret_given) {
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	const bool has_state = state && state[0] == '/';
	char *path;

	errno = ENOENT;
	*ret_given = has_state || !home ? 0 : strlen(home);
	if (!has_state && (!home || home[0] != '/'))
		return NULL;
	if (asprintf(&path, has_state ? "%s/pidhold" : "%s/.local/state/pidhold", has_state ? state : home) < 0)
		return NULL;
	return path;
}

/* What cannot be made is missing when it is opened. */
static void make_directories(char *path, size_t given) {
	for (char *slash = strchr(path + given + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(path, 0700);
		*slash = '/';
	}
	mkdir(path, 0700);
}

/* Whether `fd` is a directory that only this user can look into or change. errno: ENOTDIR, EPERM or EACCES. */
static bool is_private(int fd) {
	struct stat file;

	if (fstat(fd, &file) < 0)
		return false;
	errno = !S_ISDIR(file.st_mode) ? ENOTDIR : file.st_uid != geteuid() ? EPERM : EACCES;
	return S_ISDIR(file.st_mode) && file.st_uid == geteuid() && !(file.st_mode & 077);
}

static void say_why(const char *verb, const char *path, int error) {
	if (error == EPERM)
		say("%s: '%s': belongs to another user", verb, path);
	else if (error == EACCES)
		say("%s: '%s': others may look into it or change it", verb, path);
	else if (error == ENOTDIR || error == ELOOP)
		say("%s: '%s': no directory, or a link", verb, path);
	else
		say("%s: '%s': %s", verb, path, strerror(error));
	if (error == EACCES)
		hint("chmod 700 '%s'", path);
}

static int open_store(const char *verb, bool is_made) {
	size_t given;
	char *path = path_of_store(&given);
	int fd;

	if (!path) {
		if (verb)
			say("%s: there is no place for the records of runs: neither XDG_STATE_HOME nor HOME is a path",
			    verb);
		return -1;
	}
	if (is_made)
		make_directories(path, given);
	fd = open_file(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT && !is_made) {
		fd = STORE_NONE;
	} else if (fd < 0 || !is_private(fd)) {
		if (verb)
			say_why(verb, path, errno);
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

int store_open(const char *verb) {
	return open_store(verb, true);
}

int store_look(const char *verb) {
	return open_store(verb, false);
}

static int above_streams(int fd) {
	const int moved = fd >= 0 && fd <= 2 ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : fd;

	if (moved != fd)
		close(fd);
	return moved;
}

int store_open_file(int directory, const char *name, int flags) {
	return above_streams(openat(directory, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
}

int store_open_directory(int directory, const char *name) {
	const int fd = store_open_file(directory, name, O_RDONLY | O_DIRECTORY);

	if (fd < 0 || is_private(fd))
		return fd;
	close(fd);
	errno = EACCES;
	return -1;
}
