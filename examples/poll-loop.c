/* SPDX-License-Identifier: ISC */
/* Several processes and their output in one poll loop: no thread, no signal handler. */
#include <pidhold.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { COMMANDS = 3 };

static const char *const scripts[COMMANDS] = { "echo one; exit 1", "sleep 0.1; echo two; exit 2",
					       "echo three; kill -9 $$" };

static struct hold *start(const char *script) {
	const char *argv[] = { "sh", "-c", script, NULL };
	struct hold_options options = { .size = sizeof options, .argv = argv, .out = { .kind = HOLD_STDIO_PIPE } };
	struct hold *h;

	return hold_spawn(&h, &options, NULL) < 0 ? NULL : h;
}

static void print_output(int number, int fd) {
	char bytes[4096];
	ssize_t n = read(fd, bytes, sizeof bytes);

	if (n > 0)
		printf("%d printed %.*s", number, (int)n, bytes);
}

static void print_end(int number, struct hold *h) {
	struct hold_status status = { .size = sizeof status };

	hold_wait(h, HOLD_NOW, &status);
	printf("%d ended: %s %d\n", number, status.how == HOLD_HOW_EXITED ? "exit status" : "signal", status.code);
}

int main(void) {
	struct hold *holds[COMMANDS];
	struct pollfd fds[2 * COMMANDS]; /* the end of each, then the output of each */
	int running = COMMANDS;

	for (int i = 0; i < COMMANDS; i++) {
		if (!(holds[i] = start(scripts[i])))
			return 1;
		fds[i] = (struct pollfd){ .fd = hold_fd(holds[i]), .events = POLLIN };
		fds[COMMANDS + i] = (struct pollfd){ .fd = hold_stream(holds[i], 1), .events = POLLIN };
	}
	while (running > 0 && poll(fds, 2 * COMMANDS, -1) > 0) {
		for (int i = 0; i < COMMANDS; i++) {
			if (fds[COMMANDS + i].revents & POLLIN) {
				print_output(i + 1, fds[COMMANDS + i].fd);
			} else if (fds[i].revents & POLLIN) {
				/* it has ended, and its output was read to the last byte */
				print_end(i + 1, holds[i]);
				fds[i].fd = fds[COMMANDS + i].fd = -1;
				running--;
			} else if (fds[COMMANDS + i].revents & POLLHUP) {
				fds[COMMANDS + i].fd = -1;
			}
		}
	}
	for (int i = 0; i < COMMANDS; i++)
		hold_release(holds[i]);
	return 0;
}
