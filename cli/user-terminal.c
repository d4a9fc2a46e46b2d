/* SPDX-License-Identifier: ISC */
#include "user-terminal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static volatile sig_atomic_t raw_terminal = -1;
static struct termios modes_before;

int user_terminal_find(void) {
	for (int fd = 0; fd <= 2; fd++) {
		if (isatty(fd))
			return fd;
	}
	return -1;
}

bool user_terminal_size(int terminal, struct hold_winsize *ret) {
	struct winsize size;

	if (terminal < 0 || ioctl(terminal, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col)
		return false;
	*ret = (struct hold_winsize){ size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel };
	return true;
}

static const struct termios new_terminal = {
	.c_iflag = ICRNL | IXON,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = CS8 | CREAD | B38400,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	.c_cc = {
		[VINTR] = 'C' & 31, [VQUIT] = '\\' & 31, [VERASE] = 127, [VKILL] = 'U' & 31, [VEOF] = 'D' & 31,
		[VMIN] = 1, [VSTART] = 'Q' & 31, [VSTOP] = 'S' & 31, [VSUSP] = 'Z' & 31, [VREPRINT] = 'R' & 31,
		[VDISCARD] = 'O' & 31, [VWERASE] = 'W' & 31, [VLNEXT] = 'V' & 31,
	},
};

struct termios user_terminal_inner_modes(int terminal, bool echo) {
	struct termios modes = new_terminal, users;

	if (terminal >= 0 && tcgetattr(terminal, &users) == 0) {
		memcpy(modes.c_cc, users.c_cc, sizeof modes.c_cc);
		modes.c_iflag |= users.c_iflag & IUTF8; /* how many bytes erase takes back is its character set's affair */
	}
	if (!echo)
		modes.c_lflag &= ~(tcflag_t)ECHO;
	cfsetispeed(&modes, B38400);
	cfsetospeed(&modes, B38400);
	return modes;
}

void user_terminal_restore(void) {
	int terminal = raw_terminal;

	if (terminal < 0)
		return;
	/* SIGTTOU is blocked (caught_begin): from the background too the modes go back. */
	tcsetattr(terminal, TCSADRAIN, &modes_before);
	raw_terminal = -1;
}

static void restore_and_die(int signal) {
	user_terminal_restore();
	raise(signal); /* of its default by now: SA_RESETHAND */
}

/* Those that would end us and that nobody else here listens to. */
static void restore_before_ends(void) {
	static const int signals[] = { SIGABRT, SIGALRM, SIGBUS, SIGFPE, SIGILL, SIGPROF, SIGSEGV, SIGSYS, SIGTRAP, SIGVTALRM,
				       SIGXCPU };
	struct sigaction action = { .sa_handler = restore_and_die, .sa_flags = (int)SA_RESETHAND }, old;

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
			sigaction(signals[i], &action, NULL);
	}
}

void user_terminal_make_raw(int terminal) {
	static bool prepared;
	struct termios raw;

	if (raw_terminal >= 0 || tcgetpgrp(terminal) != getpgrp() || tcgetattr(terminal, &modes_before) < 0)
		return;
	if (!prepared) {
		prepared = true;
		restore_before_ends();
		atexit(user_terminal_restore);
	}
	raw = modes_before;
	cfmakeraw(&raw);
	raw_terminal = terminal;
	tcsetattr(terminal, TCSADRAIN, &raw);
}

bool user_terminal_is_raw(void) {
	return raw_terminal >= 0;
}
