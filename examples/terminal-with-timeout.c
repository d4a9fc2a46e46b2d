/* SPDX-License-Identifier: ISC */
/* Runs a shell on a terminal of its own, copies what it prints, and stops it when its time is up. */
#include <pidhold.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

/* The terminal's output until it hangs up (read fails with EIO) or the time is up. */
static void copy_output(int master, int64_t deadline) {
	struct pollfd readable = { .fd = master, .events = POLLIN };
	char bytes[4096];
	ssize_t n;

	while (hold_now() < deadline) {
		if (poll(&readable, 1, 50) <= 0)
			continue;
		n = read(master, bytes, sizeof bytes);
		if (n <= 0 || write(STDOUT_FILENO, bytes, (size_t)n) != n)
			return;
	}
}

int main(void) {
	const char *argv[] = { "sh", "-c", "tty; stty size; sleep 60", NULL };
	struct hold_terminal terminal = { .size = sizeof terminal, .winsize = { .rows = 25, .columns = 77 } };
	struct hold_rung ladder[] = { { .signal = 1, .wait_ms = 500 }, { .signal = 9 } };
	struct hold_options options = {
		.size = sizeof options,
		.argv = argv,
		.terminal = &terminal,
		.ladder = ladder,
		.ladder_count = 2,
	};
	struct hold_error error = { .size = sizeof error };
	struct hold_status status = { .size = sizeof status };
	struct hold *h;
	char text[512];
	int64_t deadline = hold_after_ms(1000);

	if (hold_spawn(&h, &options, &error) < 0) {
		hold_error_text(&error, text, sizeof text);
		fprintf(stderr, "cannot start: %s\n", text);
		return 1;
	}
	copy_output(hold_stream(h, HOLD_TERMINAL), deadline);
	if (hold_wait(h, deadline, &status) == HOLD_PENDING) {
		hold_stop(h, NULL, 0);
		hold_wait(h, HOLD_NOW, &status);
		printf("out of time: ended by signal %d\n", status.code);
	}
	hold_release(h);
	return 0;
}
