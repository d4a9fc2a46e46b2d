/* SPDX-License-Identifier: ISC */
/* Terminals by posix_openpt(3). */
#include "calls.h"
#include "os.h"
#include "terminal-sides.h"

#include <stdlib.h>

enum { NAME_SIZE = 128 };

static int open_pt(void) {
	CALL_BY_LIBC(int, posix_openpt(O_RDWR | O_NOCTTY));
}

/* Close-on-exec is set late: before POSIX of 2024 no flag was allowed that asks for it. */
int terminal_open_master(void) {
	const int fd = os_above_stdio(open_pt());
	const int error = fd < 0 ? fd : call_fcntl(fd, F_SETFD, FD_CLOEXEC);

	if (error == 0)
		return fd;
	os_close(fd);
	return error;
}

int os_terminal_open_other(int master) {
	char name[NAME_SIZE];
	const int error = system_pts_name(master, name, sizeof name);

	return error < 0 ? error : os_above_stdio(call_openat(name, O_RDWR | O_NOCTTY | O_CLOEXEC, 0));
}

static int unlock(int master) {
	CALL_BY_LIBC(int, grantpt(master) < 0 ? -1 : unlockpt(master));
}

int terminal_open_subordinate(int master) {
	const int error = unlock(master);

	return error < 0 ? error : os_terminal_open_other(master);
}
