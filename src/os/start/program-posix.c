/* SPDX-License-Identifier: ISC */
#include "os/calls.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char os_shell[] = "/bin/sh";

const char *const *os_environment(void) {
	return (const char *const *)environ;
}

int os_program_check(const char *path) {
	struct stat file;
	int saved_errno = errno, result = 0;

	if (stat(path, &file) < 0)
		result = -errno;
	else if (!S_ISREG(file.st_mode) || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0)
		result = -EACCES;
	errno = saved_errno;
	return result;
}

bool os_program_is_own(const char *path) {
	return strcmp(path, "/proc/self/exe") == 0;
}

int os_program_own(char *path, size_t size) {
	const long length = call_readlink("/proc/self/exe", path, size - 1);

	if (length < 0)
		return (int)length;
	path[length] = 0;
	return os_program_check(path);
}

size_t os_program_interpreter(const char *path, char *interpreter, size_t size) {
	char line[256];
	const char *start, *end;
	int fd = call_openat(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
	long length;

	if (fd < 0)
		return 0;
	length = call_read(fd, line, sizeof line - 1);
	call_close(fd);
	if (length < 2 || line[0] != '#' || line[1] != '!')
		return 0;
	line[length] = 0;
	start = line + 2 + strspn(line + 2, " \t");
	end = start + strcspn(start, " \t\n");
	length = end - start;
	if ((size_t)length >= size)
		length = (long)size - 1;
	memcpy(interpreter, start, (size_t)length);
	interpreter[length] = 0;
	return (size_t)length;
}
