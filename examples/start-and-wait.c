/* SPDX-License-Identifier: ISC */
/* Starts a command, waits for it, says how it ended: start-and-wait COMMAND [ARGUMENT...] */
#include <pidhold.h>
#include <stdio.h>

int main(int argc, char **argv) {
	struct hold_options options = { .size = sizeof options, .argv = (const char *const *)(argv + 1) };
	struct hold_error error = { .size = sizeof error };
	struct hold_status status = { .size = sizeof status };
	struct hold *h;
	char text[512];

	if (argc < 2) {
		fprintf(stderr, "usage: start-and-wait COMMAND [ARGUMENT...]\n");
		return 125;
	}
	if (hold_spawn(&h, &options, &error) < 0) {
		hold_error_text(&error, text, sizeof text);
		fprintf(stderr, "cannot start %s: %s\n", argv[1], text);
		return 125;
	}
	hold_wait(h, HOLD_FOREVER, &status);
	hold_release(h);
	switch (status.how) {
	case HOLD_HOW_EXITED:
		printf("exit status %d\n", status.code);
		return status.code;
	case HOLD_HOW_SIGNALLED:
		printf("ended by signal %d%s\n", status.code, status.core_dumped == 1 ? ", core dumped" : "");
		return 128 + status.code;
	default:
		printf("ended, nobody can tell how\n");
		return 125;
	}
}
