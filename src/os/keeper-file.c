/* SPDX-License-Identifier: ISC */
/*
 * The keeper is found without configuration: where it was installed beside the library; else, in a program that
 * carries the library with it into a system where nothing is installed, it is written into memory.
 */
#include "keeper-file.h"
#include "calls.h"
#include "keeper.h"
#include "os.h"

#include <fcntl.h>
#include <sys/syscall.h>

enum { CLOSE_ON_EXEC = 1, EXECUTABLE = 16 }; /* MFD_CLOEXEC, MFD_EXEC (Linux 6.3) */

static int open_installed(void) {
	static const char path[] = PIDHOLD_LIBEXEC "/" KEEPER_FILE;

	/* Also no where the file system may not be executed from. */
	if (OS_CALL(SYS_faccessat, AT_FDCWD, path, 1 /* X_OK */, 0, 0) < 0)
		return -1;
	return call_openat(path, O_RDONLY | O_CLOEXEC, 0);
}

static int write_image(int fd) {
	size_t written = 0;
	long n;

	while (written < keeper_image_size) {
		n = call_write(fd, keeper_image + written, keeper_image_size - written);
		if (n < 0 && n != -EINTR)
			return (int)n;
		written += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int open_in_memory(void) {
	static const char name[] = KEEPER_FILE;
	int fd = (int)OS_CALL(SYS_memfd_create, name, CLOSE_ON_EXEC | EXECUTABLE, 0, 0, 0), error;

	if (fd == -EINVAL)
		fd = (int)OS_CALL(SYS_memfd_create, name, CLOSE_ON_EXEC, 0, 0, 0);
	error = fd < 0 ? fd : write_image(fd);
	if (error < 0) {
		os_close(fd);
		return error;
	}
	return fd;
}

int keeper_file_open(void) {
	int fd = open_installed();

	if (fd < 0)
		fd = open_in_memory();
	return os_above_stdio(fd);
}
