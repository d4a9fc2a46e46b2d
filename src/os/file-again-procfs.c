/* SPDX-License-Identifier: ISC */
#include "calls.h"
#include "file-again.h"
#include "os.h"
#include "base/decimal.h"

/* By its path; the controlling terminal by its other name, which is allowed whichever user owns it. */
int file_open_again(int fd, int access) {
	char path[32] = "/proc/self/fd/";
	int group, again;

	decimal_write(path + sizeof "/proc/self/fd/" - 1, (unsigned)fd);
	again = call_openat(path, access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
	/* The group of a terminal that is not ours is refused; but a master tells that of its other side. */
	if (again < 0 && call_ioctl(fd, TIOCGPGRP, &group) == 0 && call_ioctl(fd, TIOCGPTN, &group) < 0)
		again = call_openat("/dev/tty", access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
	return os_above_stdio(again);
}
