/* SPDX-License-Identifier: ISC */
#include "place.h"
#include "../common/socket-file.h"
#include "../store/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKLOG = 16, PATH_MOST = 256 /* there is room for so much in the record */ };

/* ---- the directory ---- */

/* As the XDG specification has it, a relative path is ignored. NULL: there is no such directory, or no memory. */
static char *path_of_sockets(void) {
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char *path;

	if (!runtime || runtime[0] != '/' || asprintf(&path, "%s/pidhold", runtime) < 0)
		return NULL;
	return path;
}

/*
 * Those of processes that were killed: a name ends with the number of its process. Here a process of another PID
 * namespace is missing too, so it is asked whether anybody listens.
 */
static void remove_stale(int directory, const char *path) {
	const int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *entry;
	char whole[PATH_MAX];

	if (!entries) {
		if (again >= 0)
			close(again);
		return;
	}
	while ((entry = readdir(entries))) {
		const char *dot = strrchr(entry->d_name, '.');
		const int pid = dot ? atoi(dot + 1) : 0;

		snprintf(whole, sizeof whole, "%s/%s", path, entry->d_name);
		if (pid > 0 && kill(pid, 0) < 0 && errno == ESRCH)
			socket_file_remove_left(directory, entry->d_name, whole);
	}
	closedir(entries);
}

static bool begin_in_runtime(struct place *place, const char *run) {
	char *path = path_of_sockets();
	bool has_begun = false;

	if (!path)
		return false;
	place->directory = -1;
	if (strlen(path) < PATH_MOST && (mkdir(path, 0700) == 0 || errno == EEXIST))
		place->directory = store_open_directory(AT_FDCWD, path);
	if (place->directory >= 0)
		remove_stale(place->directory, path);
	if (place->directory >= 0 && asprintf(&place->name, "%s/%s.%d", path, run, (int)getpid()) >= 0) {
		place->file = place->name + strlen(path) + 1;
		has_begun = true;
	}
	if (!has_begun && place->directory >= 0)
		close(place->directory);
	free(path);
	return has_begun;
}

static bool begin_in_run(struct place *place, int run_directory) {
	place->directory = fcntl(run_directory, F_DUPFD_CLOEXEC, 3);
	place->file = place->name = place->directory >= 0 ? strdup(RUN_SOCKET_FILE) : NULL;
	if (!place->name && place->directory >= 0)
		close(place->directory);
	return place->name != NULL;
}

/* ---- the socket ---- */

static bool bind_privately(int socket, const struct place *place) {
	const mode_t before = umask(077);
	const bool is_bound = socket_file_use(socket, bind, place->directory, place->file, place->name);

	umask(before);
	return is_bound;
}

static void free_place(struct place *place) {
	close(place->directory);
	free(place->name);
	*place = (struct place){ .directory = -1 };
}

static bool look_at_file(const struct place *place, struct stat *ret) {
	return fstatat(place->directory, place->file, ret, AT_SYMLINK_NOFOLLOW) == 0 && S_ISSOCK(ret->st_mode);
}

/* So that it is known again. */
static bool note_file(struct place *place) {
	struct stat file;

	if (!look_at_file(place, &file))
		return false;
	place->device = file.st_dev;
	place->inode = file.st_ino;
	return true;
}

/*
 * Takes the place; it is freed if that fails. A socket of a process that had our number is removed, but not that of a
 * process of another PID namespace that has this number there.
 */
static int listen_at(struct place *place) {
	const int fd = socket_file_new();
	int error;

	socket_file_remove_left(place->directory, place->file, place->name);
	if (fd >= 0 && bind_privately(fd, place) && note_file(place) && listen(fd, BACKLOG) == 0)
		return fd;
	error = errno;
	if (fd >= 0)
		close(fd);
	free_place(place);
	errno = error;
	return -1;
}

int place_listen(struct place *ret, const char *run, int run_directory) {
	int fd = -1;

	*ret = (struct place){ .directory = -1 };
	if (begin_in_runtime(ret, run))
		fd = listen_at(ret);
	if (fd < 0 && begin_in_run(ret, run_directory))
		fd = listen_at(ret);
	return fd;
}

bool place_is_there(const struct place *place) {
	struct stat file;

	return look_at_file(place, &file) && file.st_dev == place->device && file.st_ino == place->inode;
}

void place_remove(struct place *place) {
	if (place->directory < 0)
		return;
	if (place_is_there(place))
		unlinkat(place->directory, place->file, 0);
	free_place(place);
}

/* ---- the other end ---- */

bool place_has_own_peer(int socket) {
	struct ucred peer;
	socklen_t length = sizeof peer;

	return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && peer.uid == geteuid();
}

static int open_directory_of(const char *name, int run_directory) {
	char *path = strdup(name), *slash = path ? strrchr(path, '/') : NULL;
	int directory = -1;

	if (path && !slash) {
		directory = fcntl(run_directory, F_DUPFD_CLOEXEC, 3);
	} else if (path) {
		*slash = 0;
		directory = store_open_directory(AT_FDCWD, path);
	}
	free(path);
	return directory;
}

static bool connect_to(int fd, int directory, const char *name) {
	const char *slash = strrchr(name, '/');

	if (!socket_file_use(fd, connect, directory, slash ? slash + 1 : name, name))
		return false;
	errno = EPERM;
	return place_has_own_peer(fd);
}

int place_connect(const char *name, int run_directory) {
	const int directory = open_directory_of(name, run_directory), fd = directory >= 0 ? socket_file_new() : -1;
	const bool is_connected = fd >= 0 && connect_to(fd, directory, name);
	const int error = errno;

	if (directory >= 0)
		close(directory);
	if (fd >= 0 && !is_connected)
		close(fd);
	errno = error;
	return is_connected ? fd : -1;
}
