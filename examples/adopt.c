/* SPDX-License-Identifier: ISC */
/* Takes hold of a process that somebody else started, asks it to end, and waits: adopt PID|REFERENCE */
#include <pidhold.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
	struct hold_status status = { .size = sizeof status };
	struct hold *h;
	char reference[80];
	int result;

	if (argc != 2) {
		fprintf(stderr, "usage: adopt PID|REFERENCE\n");
		return 2;
	}
	if (strchr(argv[1], ':'))
		result = hold_adopt_reference(&h, argv[1]);
	else
		result = hold_adopt(&h, strtoll(argv[1], NULL, 10));
	if (result == HOLD_GONE) {
		printf("%s ended before\n", argv[1]);
		return 0;
	}
	if (result < 0) {
		fprintf(stderr, "cannot hold %s: %s\n", argv[1], strerror(-result));
		return 1;
	}
	if (hold_reference(h, reference, sizeof reference) > 0)
		printf("holding %s\n", reference);
	result = hold_signal(h, 15);
	if (result < 0)
		fprintf(stderr, "cannot signal %s: %s\n", argv[1], strerror(-result));
	if (hold_wait(h, hold_after_ms(3000), &status) == HOLD_PENDING)
		printf("still alive\n");
	else if (status.how == HOLD_HOW_UNKNOWN)
		printf("ended; this system tells nobody how\n");
	else
		printf("ended: %s %d\n", status.how == HOLD_HOW_EXITED ? "exit status" : "signal", status.code);
	hold_release(h); /* an adopted process is left alone */
	return result < 0;
}
