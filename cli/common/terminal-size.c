/* SPDX-License-Identifier: ISC */
#include "terminal-size.h"

#include <sys/ioctl.h>

bool terminal_size(int terminal, struct hold_winsize *ret) {
	struct winsize size;

	if (terminal < 0 || ioctl(terminal, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col)
		return false;
	*ret = (struct hold_winsize){ size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel };
	return true;
}
