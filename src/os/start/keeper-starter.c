/* SPDX-License-Identifier: ISC */
/*
 * How the starter becomes the keeper: it takes a descriptor table of its own, becomes a subreaper, sets up its
 * namespaces, and executes the installed program, or from memory the one that the library carries.
 */
#include "keeper-starter.h"
#include "keeper-file.h"
#include "keeper.h"
#include "base/decimal.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { MEMFD_CLOEXEC = 1, MEMFD_EXEC = 16 /* Linux 6.3 */ };

/* ---- the keeper's program ---- */

/*
 * The limit on the size of files holds for a memfd too, and a write beyond it raises SIGXFSZ: then nothing is written.
 * (The signal is blocked here like all others, but it would stay pending for the keeper.)
 */
OS_INLINE int check_file_size(void) {
	uint64_t limits[2];
	const int error = (int)OS_CALL(SYS_prlimit64, 0, RLIMIT_FSIZE, NULL, limits, 0);

	return error == 0 && limits[0] < keeper_image_size ? -EFBIG : 0;
}

OS_INLINE int write_image(int fd) {
	size_t written = 0;
	long n;

	while (written < keeper_image_size) {
		n = call_write(fd, keeper_image + written, keeper_image_size - written);
		if (n <= 0 && n != -EINTR)
			return n < 0 ? (int)n : -EIO;
		written += n > 0 ? (size_t)n : 0;
	}
	return fd;
}

/* For a program that carries the library with it into a system where nothing is installed. */
OS_INLINE int open_in_memory(void) {
	int fd = check_file_size();

	if (fd < 0)
		return fd;
	fd = (int)OS_CALL(SYS_memfd_create, KEEPER_FILE, MEMFD_CLOEXEC | MEMFD_EXEC, 0, 0, 0);
	if (fd == -EINVAL)
		fd = (int)OS_CALL(SYS_memfd_create, KEEPER_FILE, MEMFD_CLOEXEC, 0, 0, 0);
	return fd < 0 ? fd : write_image(fd);
}

OS_INLINE int execute_from_memory(struct keeper_starter *starter, const char *const *argv, const char *const *env) {
	const int image = open_in_memory();
	int error;

	if (image < 0)
		return image;
	error = (int)OS_CALL(SYS_execveat, image, "", argv, env, AT_EMPTY_PATH);
	starter->need = error == -EACCES ? KEEPER_NEEDS_PROGRAM : KEEPER_NEEDS_EXECUTION;
	return error;
}

/* The program installed with the library, if it is there and may be executed: it may be on a noexec file system. */
OS_INLINE int execute_keeper(struct keeper_starter *starter) {
	static const char path[] = PIDHOLD_LIBEXEC "/" KEEPER_FILE;
	static const char *const none[] = { NULL };
	char number[DECIMAL_SIZE];
	const char *const argv[] = { KEEPER_NAME, number, NULL };
	int error;

	decimal_write(number, (unsigned)starter->socket);
	starter->need = KEEPER_NEEDS_PROGRAM;
	error = call_fcntl(starter->socket, F_SETFD, 0); /* the table is our own by now */
	if (error < 0)
		return error;
	if (starter->image == KEEPER_INSTALLED) {
		error = call_execve(path, argv, none);
		if (error != -ENOENT && error != -EACCES && error != -ENOTDIR)
			return error;
		starter->image = KEEPER_IN_MEMORY;
	}
	return execute_from_memory(starter, argv, none);
}

/* ---- a PID namespace of its own ---- */

/* "ID ID 1": the caller's id is the same inside the user namespace as outside, and no other id exists there. */
OS_INLINE int write_map(const char *path, uint32_t id) {
	char text[2 * DECIMAL_SIZE + 4], *end = text;

	for (int i = 0; i < 2; i++) {
		end = decimal_write(end, id);
		*end++ = ' ';
	}
	*end++ = '1';
	return call_write_file(AT_FDCWD, path, text, (size_t)(end - text));
}

OS_INLINE int map_ids(const struct keeper_starter *starter) {
	int error;

	if (!(starter->namespaces & CLONE_NEWUSER))
		return 0;
	error = call_write_file(AT_FDCWD, "/proc/self/setgroups", "deny", 4);
	if (error == 0)
		error = write_map("/proc/self/uid_map", starter->user);
	return error < 0 ? error : write_map("/proc/self/gid_map", starter->group);
}

/* Mounts a /proc of the new PID namespace, which is visible only there. */
OS_INLINE int enter_namespace(struct keeper_starter *starter) {
	int error;

	if (!starter->namespaces)
		return 0;
	starter->need = KEEPER_NEEDS_ID_MAP;
	error = map_ids(starter);
	if (error < 0)
		return error;
	starter->need = KEEPER_NEEDS_MOUNT;
	error = (int)OS_CALL(SYS_mount, NULL, "/proc", NULL, MS_REC | MS_SLAVE, NULL);
	if (error == 0)
		error = (int)OS_CALL(SYS_mount, "proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	return error;
}

/* ---- */

/*
 * The table is shared with the caller until here: nothing may be changed in it before. The sources come through the
 * socket, so only that is kept (with pass_all also what would pass through exec); so there is room for the image.
 */
OS_INLINE int take_own_table(const struct keeper_starter *starter) {
	int error = 0;

	if (starter->cut >= 0)
		error = call_close_range((unsigned)starter->cut, ~0u, CALL_CLOSE_RANGE_UNSHARE);
	if (error < 0)
		return error;
	if (!starter->pass_all && starter->socket > 0) {
		call_close_range(0, (unsigned)starter->socket - 1, 0); /* if these fail, the keeper closes the rest */
		call_close_range((unsigned)starter->socket + 1, ~0u, 0);
	}
	return 0;
}

OS_IN_CHILD void keeper_starter_run(void *argument) {
	struct keeper_starter *starter = argument;
	int error;

	starter->has_run = 1;
	error = take_own_table(starter);
	if (error < 0) {
		starter->has_run = -1;
		starter->error = error;
		call_exit(127);
	}
	starter->need = KEEPER_NEEDS_SUBREAPER;
	error = call_prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (error == 0)
		error = enter_namespace(starter);
	starter->error = error < 0 ? error : execute_keeper(starter);
	call_exit(127);
}
