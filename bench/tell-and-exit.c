/* SPDX-License-Identifier: ISC */
/* A program that waits for input, writes the time as a struct timespec, and exits at once. */
#include "bare.h"

void _start(void) {
	long now[2];
	char byte;

	bare_call(CALL_READ, 0, (long)&byte, 1);
	bare_call(CALL_CLOCK_GETTIME, 1 /* CLOCK_MONOTONIC */, (long)now, 0);
	bare_call(CALL_WRITE, 1, (long)now, sizeof now);
	bare_exit();
}
