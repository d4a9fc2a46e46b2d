/* SPDX-License-Identifier: ISC */
/* Terminals from /dev/ptmx: opened close-on-exec, where openpty(3) marks its descriptors late or never. */
#include "calls.h"
#include "os.h"
#include "terminal-sides.h"
#include "base/decimal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

int terminal_open_master(void) {
	int fd = call_openat("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC, 0);

	/* Containers with a devpts of their own may lack the link to it. */
	if (fd == -ENOENT)
		fd = call_openat("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
	return os_above_stdio(fd);
}

int os_terminal_open_other(int master) {
	char path[32] = "/dev/pts/";
	unsigned number = 0;
	int fd, error;

	/* By the master, not by a path, which may lie on another devpts or be missing in this mount namespace. */
	fd = (int)OS_CALL(SYS_ioctl, master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC, 0, 0);
	if (fd == -EINVAL || fd == -ENOTTY || fd == -ENOSYS || fd == -EPERM) { /* before Linux 4.13, or filtered */
		error = call_ioctl(master, TIOCGPTN, &number);
		if (error < 0)
			return error;
		decimal_write(path + sizeof "/dev/pts/" - 1, number);
		fd = call_openat(path, O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
	}
	return os_above_stdio(fd);
}

int terminal_open_subordinate(int master) {
	int unlock = 0;
	const int error = call_ioctl(master, TIOCSPTLCK, &unlock);

	return error < 0 ? error : os_terminal_open_other(master);
}
