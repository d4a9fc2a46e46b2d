/* SPDX-License-Identifier: ISC */
/* What a terminal makes of the bytes that pass it, and its raw mode. By libc: the kernel has another struct termios. */
#include "calls.h"
#include "os.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

struct os_raw {
	int terminal;
	struct termios before, raw;
};

/* Some C libraries fill in a part of it, and modes are compared as a whole. */
static int get_modes(int terminal, struct termios *ret) {
	int saved_errno = errno, result;

	memset(ret, 0, sizeof *ret);
	result = tcgetattr(terminal, ret) < 0 ? -errno : 0;
	errno = saved_errno;
	return result;
}

/* A character that the terminal treats in a way of its own; -1: none. */
static int special_character(const struct termios *modes, int which) {
	return modes->c_cc[which] == _POSIX_VDISABLE ? -1 : modes->c_cc[which];
}

static void add_line_end(struct os_modes *modes, int character) {
	if (character >= 0)
		modes->line_ends[modes->line_end_count++] = (char)character;
}

int os_modes_get(int terminal, struct os_modes *ret) {
	struct termios modes;
	const int error = get_modes(terminal, &modes);

	*ret = (struct os_modes){ .end_of_file = -1, .interrupt = -1 };
	if (error < 0)
		return error;
	ret->is_canonical = modes.c_lflag & ICANON;
	ret->echoes = modes.c_lflag & ECHO;
	ret->adds_returns = modes.c_oflag & OPOST && modes.c_oflag & ONLCR;
	if (ret->is_canonical)
		ret->end_of_file = special_character(&modes, VEOF);
	if (modes.c_lflag & ISIG)
		ret->interrupt = special_character(&modes, VINTR);
	if (!(modes.c_iflag & INLCR))
		add_line_end(ret, '\n');
	if (modes.c_iflag & ICRNL && !(modes.c_iflag & IGNCR))
		add_line_end(ret, '\r');
	add_line_end(ret, special_character(&modes, VEOL));
	if (modes.c_lflag & IEXTEN)
		add_line_end(ret, special_character(&modes, VEOL2));
	return 0;
}

bool os_modes_end_line(const struct os_modes *modes, char byte) {
	return memchr(modes->line_ends, byte, modes->line_end_count) != NULL;
}

bool os_terminal_is_in_front(int terminal) {
	int group = 0, result = call_ioctl(terminal, TIOCGPGRP, &group);
	struct termios modes;

	/* It is not our controlling terminal, and so has no foreground for us. */
	if (result == -ENOTTY)
		return get_modes(terminal, &modes) == 0;
	return result == 0 && group == call_getpgid(0);
}

/* From the background SIGTTOU would stop us before the modes are set; while it is blocked the kernel sets them. */
static int set_modes_from_anywhere(int terminal, const struct termios *modes) {
	const uint64_t stop = UINT64_C(1) << (SIGTTOU - 1);
	int saved_errno = errno, result;
	uint64_t before;

	result = call_sigprocmask(SIG_BLOCK, &stop, &before);
	if (result < 0)
		return result;
	result = tcsetattr(terminal, TCSANOW, modes) < 0 ? -errno : 0;
	errno = saved_errno;
	call_sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}

int os_raw_begin(struct os_raw **ret, int terminal, bool output_too) {
	struct os_raw *raw = malloc(sizeof *raw);
	int error = raw ? get_modes(terminal, &raw->before) : -ENOMEM;

	if (error == 0) {
		raw->terminal = terminal;
		raw->raw = raw->before;
		cfmakeraw(&raw->raw);
		if (!output_too)
			raw->raw.c_oflag = raw->before.c_oflag;
		error = set_modes_from_anywhere(terminal, &raw->raw);
	}
	if (error == 0)
		error = get_modes(terminal, &raw->raw); /* as the terminal has taken them */
	if (error < 0) {
		free(raw);
		return error;
	}
	*ret = raw;
	return 0;
}

static bool are_same_modes(const struct termios *a, const struct termios *b) {
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag &&
	       a->c_lflag == b->c_lflag && memcmp(a->c_cc, b->c_cc, sizeof a->c_cc) == 0;
}

void os_raw_end(struct os_raw *raw) {
	struct termios present;

	if (!raw)
		return;
	if (get_modes(raw->terminal, &present) == 0 && are_same_modes(&present, &raw->raw))
		set_modes_from_anywhere(raw->terminal, &raw->before);
	free(raw);
}
