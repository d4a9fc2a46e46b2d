/* SPDX-License-Identifier: ISC */
#include "calls.h"
#include "os.h"

#include <errno.h>
#include <fcntl.h>

enum { FIRST_ABOVE_STDIO = 3 };

void os_close(int fd) {
	if (fd >= 0)
		call_close(fd);
}

void os_replace(int fd, int number) {
	if (fd < 0)
		return;
	call_dup3(fd, number, O_CLOEXEC);
	call_close(fd);
}

bool os_is_open(int fd) {
	return call_fcntl(fd, F_GETFD, 0) >= 0;
}

int os_duplicate(int fd) {
	return call_fcntl(fd, F_DUPFD_CLOEXEC, FIRST_ABOVE_STDIO);
}

int os_above_stdio(int fd) {
	int higher;

	if (fd < 0 || fd >= FIRST_ABOVE_STDIO)
		return fd;
	higher = os_duplicate(fd);
	call_close(fd);
	return higher;
}

int os_pipe(int pair[2]) {
	int made[2];
	int error = call_pipe2(made, O_CLOEXEC);

	if (error < 0)
		return error;
	pair[0] = os_above_stdio(made[0]);
	pair[1] = os_above_stdio(made[1]);
	if (pair[0] >= 0 && pair[1] >= 0)
		return 0;
	error = pair[0] < 0 ? pair[0] : pair[1];
	os_close(pair[0]);
	os_close(pair[1]);
	pair[0] = pair[1] = -1;
	return error;
}
