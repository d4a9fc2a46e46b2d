/* SPDX-License-Identifier: ISC */
#include "user-terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 5 }; /* to set the modes: an error may pass */

static volatile sig_atomic_t raw_terminal = -1;
static struct termios modes_before, raw_modes;

/*
 * From the background SIGTTOU would stop us before the modes are set; while it is blocked the kernel sets them. It is
 * blocked only here: a write that the terminal forbids to the background must stop us, as it would stop the command.
 */
static void set_modes(int terminal, const struct termios *modes) {
	sigset_t stop, before;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTTOU);
	sigprocmask(SIG_BLOCK, &stop, &before);
	for (int i = 0; i < TRIES; i++) { /* TCSADRAIN waits for ever on a line that is stopped */
		if (tcsetattr(terminal, TCSANOW, modes) == 0 || errno == ENOTTY || errno == EBADF)
			break;
	}
	if (sigismember(&before, SIGTTOU) == 0)
		sigprocmask(SIG_UNBLOCK, &stop, NULL);
}

bool user_terminal_is_in_front(int terminal) {
	const pid_t group = tcgetpgrp(terminal);

	return group == getpgrp() || (group < 0 && errno == ENOTTY && isatty(terminal));
}

int user_terminal_find(void) {
	for (int fd = 0; fd <= 2; fd++) {
		if (isatty(fd))
			return fd;
	}
	return -1;
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
	struct termios modes = new_terminal, users = { 0 };

	if (terminal >= 0 && tcgetattr(terminal, &users) == 0) {
		memcpy(modes.c_cc, users.c_cc, sizeof modes.c_cc);
		modes.c_iflag |= users.c_iflag & IUTF8; /* how many bytes erase takes back */
	}
	if (!echo)
		modes.c_lflag &= ~(tcflag_t)ECHO;
	cfsetispeed(&modes, B38400);
	cfsetospeed(&modes, B38400);
	return modes;
}

static bool are_same(const struct termios *a, const struct termios *b) {
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag &&
	       a->c_lflag == b->c_lflag && memcmp(a->c_cc, b->c_cc, sizeof a->c_cc) == 0;
}

/*
 * Another hold on the same terminal may have ended before us, and have restored the modes. Those are right; the modes
 * that we found may be that hold's raw ones.
 */
void user_terminal_restore(void) {
	struct termios present = { 0 }; /* some C libraries leave the end of it as it is */
	int terminal = raw_terminal;

	if (terminal < 0)
		return;
	if (tcgetattr(terminal, &present) < 0 || are_same(&present, &raw_modes))
		set_modes(terminal, &modes_before);
	raw_terminal = -1;
}

static void restore_and_die(int signal) {
	user_terminal_restore();
	raise(signal); /* its action is the default by now: SA_RESETHAND */
}

/* By default it does not end a process, or it cannot be caught. */
static bool is_harmless(int signal) {
	static const int harmless[] = { SIGCHLD, SIGCONT, SIGURG, SIGTSTP, SIGTTIN, SIGTTOU, SIGSTOP, SIGKILL,
#ifdef SIGWINCH
					SIGWINCH
#endif
	};

	for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
		if (signal == harmless[i])
			return true;
	}
	return false;
}

/* Handles each signal that would end us: no blocked one does. */
static void restore_before_ends(void) {
	struct sigaction action = { .sa_handler = restore_and_die, .sa_flags = (int)SA_RESETHAND }, old;
	sigset_t blocked;

	if (sigprocmask(SIG_SETMASK, NULL, &blocked) < 0)
		sigemptyset(&blocked);
	for (int signal = 1; signal <= SIGRTMAX; signal++) {
		/* Ignored signals stay ignored; the C library keeps some numbers for itself, and refuses them. */
		if (sigismember(&blocked, signal) == 0 && !is_harmless(signal) && sigaction(signal, NULL, &old) == 0 &&
		    old.sa_handler == SIG_DFL)
			sigaction(signal, &action, NULL);
	}
}

/* Our controlling terminal may have been opened as /dev/tty, which is a device of its own; so sessions are compared. */
bool user_terminal_is_output(int terminal) {
	const pid_t session = tcgetsid(STDOUT_FILENO);
	struct stat one, other;

	if (!isatty(STDOUT_FILENO))
		return false;
	return (session > 0 && session == tcgetsid(terminal)) ||
	       (fstat(terminal, &one) == 0 && fstat(STDOUT_FILENO, &other) == 0 && one.st_rdev == other.st_rdev);
}

void user_terminal_make_raw(int terminal) {
	static bool prepared;
	tcflag_t output_modes;

	if (raw_terminal >= 0 || !user_terminal_is_in_front(terminal) || tcgetattr(terminal, &modes_before) < 0)
		return;
	if (!prepared) {
		prepared = true;
		restore_before_ends();
		atexit(user_terminal_restore);
	}
	raw_modes = modes_before;
	output_modes = raw_modes.c_oflag;
	cfmakeraw(&raw_modes);
	if (!user_terminal_is_output(terminal))
		raw_modes.c_oflag = output_modes;
	raw_terminal = terminal;
	set_modes(terminal, &raw_modes);
	tcgetattr(terminal, &raw_modes); /* as the terminal has taken them */
}

void user_terminal_make_raw_again(void) {
	if (raw_terminal >= 0 && user_terminal_is_in_front(raw_terminal))
		set_modes(raw_terminal, &raw_modes);
	else
		raw_terminal = -1;
}

bool user_terminal_is_raw(void) {
	return raw_terminal >= 0;
}
