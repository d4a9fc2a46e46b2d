/* SPDX-License-Identifier: ISC */
#include "job-control.h"

#include <fcntl.h>
#include <unistd.h>

/* We are in the foreground of a terminal, in a group of our own, and our parent in the same session is the shell. */
bool job_control_is_ours(void) {
	const int terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
	const pid_t group = getpgrp();
	bool is_foreground;

	if (terminal < 0)
		return false;
	is_foreground = tcgetpgrp(terminal) == group;
	close(terminal);
	return is_foreground && getsid(getppid()) == getsid(0) && getpgid(getppid()) != group;
}

bool job_control_is_stopped(const struct hold *h) {
	struct hold_description now = { .size = sizeof now };

	return hold_describe(h, &now) == 0 && now.state == 'T';
}
