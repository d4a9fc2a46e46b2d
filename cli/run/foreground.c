/* SPDX-License-Identifier: ISC */
#include "foreground.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static int open_terminal(void) {
	return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

void foreground_note(struct foreground *foreground) {
	const int terminal = open_terminal();

	foreground->is_ours = false;
	if (terminal < 0)
		return;
	foreground->is_ours = tcgetpgrp(terminal) == getpgrp();
	if (foreground->is_ours && !foreground->has_modes)
		foreground->has_modes = tcgetattr(terminal, &foreground->modes) == 0;
	close(terminal);
}

static bool is_empty(pid_t group) {
	return group != getpgrp() && (group <= 1 || (kill(-group, 0) < 0 && errno == ESRCH));
}

void foreground_give_back(const struct foreground *foreground, bool with_modes) {
	sigset_t stop, before;
	int terminal;

	if (!foreground->is_ours || (terminal = open_terminal()) < 0)
		return;
	/* A change of the terminal from the background raises SIGTTOU, which would stop us. */
	sigemptyset(&stop);
	sigaddset(&stop, SIGTTOU);
	sigprocmask(SIG_BLOCK, &stop, &before);
	if (is_empty(tcgetpgrp(terminal)))
		tcsetpgrp(terminal, getpgrp());
	if (with_modes && foreground->has_modes && tcgetpgrp(terminal) == getpgrp())
		tcsetattr(terminal, TCSANOW, &foreground->modes);
	if (sigismember(&before, SIGTTOU) == 0)
		sigprocmask(SIG_UNBLOCK, &stop, NULL);
	close(terminal);
}
