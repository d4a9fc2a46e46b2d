/* SPDX-License-Identifier: ISC */
/* A terminal of our own: its size and modes, and a process that begins on it. */
#include "calls.h"
#include "os.h"
#include "terminal-sides.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static int modes_of(int master, struct termios *ret) {
	int saved_errno = errno, result = tcgetattr(master, ret) < 0 ? -errno : 0;

	errno = saved_errno;
	return result;
}

static int set_modes(int fd, const struct termios *modes) {
	int saved_errno = errno, result; /* by libc: the kernel has another struct termios */

	result = tcsetattr(fd, TCSANOW, modes) < 0 ? -errno : 0;
	errno = saved_errno;
	return result;
}

int os_terminal_open(struct os_terminal *ret, const struct os_winsize *winsize, const struct termios *modes) {
	int master = terminal_open_master(), subordinate, error = 0;

	if (master < 0)
		return master;
	subordinate = terminal_open_subordinate(master);
	if (subordinate < 0) {
		os_close(master);
		return subordinate;
	}
	if (winsize)
		error = os_terminal_resize(master, winsize);
	if (error == 0 && modes)
		error = set_modes(subordinate, modes);
	if (error < 0) {
		os_close(subordinate);
		os_close(master);
		return error;
	}
	ret->master = master;
	ret->subordinate = subordinate;
	return 0;
}

int os_terminal_give(const struct os_terminal *terminal, uint32_t user) {
	const int error = call_fchown(terminal->subordinate, user);

	return error == -EPERM ? 0 : error;
}

int os_terminal_set_utf8(const struct os_terminal *terminal) {
#ifdef IUTF8
	struct termios modes;
	int result = modes_of(terminal->subordinate, &modes);

	modes.c_iflag |= IUTF8;
	return result < 0 ? result : set_modes(terminal->subordinate, &modes);
#else
	(void)terminal; /* erase takes back bytes here */
	return 0;
#endif
}

int os_terminal_character(int master, enum os_terminal_character which) {
	const bool is_end = which == OS_TERMINAL_END;
	struct termios modes;
	int error = modes_of(master, &modes);
	cc_t character;

	if (error < 0)
		return error;
	character = modes.c_cc[is_end ? VEOF : VINTR];
	return character != _POSIX_VDISABLE ? character : (is_end ? 'D' : 'C') & 31;
}

int os_terminal_type_end(int master) {
	struct termios modes;
	int result = modes_of(master, &modes);

	if (result < 0 || !(modes.c_lflag & ICANON) || modes.c_cc[VEOF] == _POSIX_VDISABLE)
		return result;
	result = (int)call_write(master, &modes.c_cc[VEOF], 1);
	return result < 0 ? result : 0;
}

int os_terminal_resize(int master, const struct os_winsize *winsize) {
	struct winsize size = { winsize->rows, winsize->columns, winsize->x_pixels, winsize->y_pixels };

	return call_ioctl(master, TIOCSWINSZ, &size);
}

int os_terminal_size(int terminal, struct os_winsize *ret) {
	struct winsize size = { 0 };
	const int error = call_ioctl(terminal, TIOCGWINSZ, &size);

	if (error == 0)
		*ret = (struct os_winsize){ size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel };
	return error;
}

int os_terminal_login(const struct os_terminal *terminal) {
	int result = call_setsid();

	if (result < 0)
		return result;
	result = call_ioctl(terminal->subordinate, TIOCSCTTY, NULL);
	for (int fd = 0; fd <= 2 && result >= 0; fd++)
		result = call_dup3(terminal->subordinate, fd, 0);
	return result < 0 ? result : 0;
}
