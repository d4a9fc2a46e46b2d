/* SPDX-License-Identifier: ISC */
#include "socket-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * By the descriptor: the directory is the one that was looked at, and its path may be longer than an address. Where
 * there is no /proc the whole path has to do.
 */
static bool address_of(int directory, const char *file, struct sockaddr_un *ret) {
	const size_t size = sizeof ret->sun_path;

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	errno = ENAMETOOLONG;
	return (size_t)snprintf(ret->sun_path, size, "/proc/self/fd/%d/%s", directory, file) < size;
}

static bool address_of_path(const char *path, struct sockaddr_un *ret) {
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	errno = ENAMETOOLONG;
	if (path[0] != '/' || strlen(path) >= sizeof ret->sun_path)
		return false;
	strcpy(ret->sun_path, path);
	return true;
}

int socket_file_new(void) {
	return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

bool socket_file_use(int socket, socket_file_call *call, int directory, const char *file, const char *path) {
	struct sockaddr_un address;
	int error;

	if (address_of(directory, file, &address) && call(socket, (void *)&address, sizeof address) == 0)
		return true;
	error = errno;
	if ((error == ENOENT || error == ENAMETOOLONG) && access("/proc/self/fd", F_OK) < 0 &&
	    address_of_path(path, &address) && call(socket, (void *)&address, sizeof address) == 0)
		return true;
	errno = error;
	return false;
}

/* Only a refusal says that nobody listens. */
static bool is_left(int directory, const char *file, const char *path) {
	const int fd = socket_file_new();
	const bool is_refused =
		fd >= 0 && !socket_file_use(fd, connect, directory, file, path) && errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return is_refused;
}

bool socket_file_remove_left(int directory, const char *file, const char *path) {
	struct stat status;

	if (fstatat(directory, file, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT;
	return S_ISSOCK(status.st_mode) && is_left(directory, file, path) && unlinkat(directory, file, 0) == 0;
}
