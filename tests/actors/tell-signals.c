/* SPDX-License-Identifier: ISC */
/*
 * tell-signals: says "ready", then the number of each signal that arrives (for SIGWINCH with the size of the terminal
 * on standard output), a line each. Ends well after SIGTERM or 20 s; what cannot be caught has its way.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

int main(void) {
	struct timespec patience = { .tv_sec = 20, .tv_nsec = 0 };
	struct winsize size;
	sigset_t all;
	int signal;

	setvbuf(stdout, NULL, _IOLBF, 0);
	sigfillset(&all);
	sigdelset(&all, SIGSEGV); /* defects of this very program */
	sigdelset(&all, SIGABRT);
	sigprocmask(SIG_BLOCK, &all, NULL);
	puts("ready");
	while ((signal = sigtimedwait(&all, NULL, &patience)) > 0) {
		if (signal == SIGWINCH && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
			printf("%d %d %d\n", signal, size.ws_row, size.ws_col);
		else
			printf("%d\n", signal);
		if (signal == SIGTERM)
			return 0;
	}
	return 1;
}
