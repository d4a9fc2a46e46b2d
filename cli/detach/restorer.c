/* SPDX-License-Identifier: ISC */
#include "restorer.h"
#include "../common/write-all.h"
#include "../run/user-terminal.h"

#include <pidhold.h>

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRITE_MS = 1000 }; /* a terminal that was stopped takes nothing */

static const char farewell[] = ""; /* one zero byte, which no text has */

/* Signals of the terminal or of the job do not end it before its work. */
static void ignore_signals(void) {
	for (int number = 1; number <= SIGRTMAX; number++)
		signal(number, SIG_IGN);
}

/* In a session of its own, so that a kill of the whole job does not meet it. */
__attribute__((noreturn)) static void stand_by(int socket, int terminal) {
	char text[SCREEN_TEXT], next[1 + SCREEN_TEXT];
	ssize_t length = 0, n;

	ignore_signals();
	setsid();
	while ((n = recv(socket, next, sizeof next, 0)) > 0 || (n < 0 && errno == EINTR)) {
		if (n == 1 && next[0] == farewell[0])
			_exit(0);
		length = n > 1 ? n - 1 : 0; /* a byte is in front, so that no text is empty */
		for (ssize_t i = 0; i < length; i++)
			text[i] = next[i + 1];
	}
	if (length > 0)
		write_until(terminal, text, (size_t)length, hold_after_ms(WRITE_MS));
	user_terminal_restore();
	_exit(0);
}

bool restorer_begin(struct restorer *ret, int terminal, int other) {
	int ends[2];

	*ret = (struct restorer){ .socket = -1 };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	ret->process = fork();
	if (ret->process == 0) {
		close(ends[0]);
		close(other);
		stand_by(ends[1], terminal);
	}
	close(ends[1]);
	if (ret->process > 0)
		ret->socket = ends[0];
	else
		close(ends[0]);
	return ret->process > 0;
}

void restorer_tell(const struct restorer *restorer, const struct screen *screen) {
	char text[1 + SCREEN_TEXT] = { 1 };

	if (restorer->socket >= 0)
		send(restorer->socket, text, 1 + screen_off(screen, text + 1), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void restorer_end(struct restorer *restorer) {
	if (restorer->socket < 0)
		return;
	send(restorer->socket, farewell, sizeof farewell, MSG_NOSIGNAL);
	close(restorer->socket);
	restorer->socket = -1;
	while (waitpid(restorer->process, NULL, 0) < 0 && errno == EINTR)
		;
}
