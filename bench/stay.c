/* SPDX-License-Identifier: ISC */
/* A program that stays until it is killed. */
#include "bare.h"

void _start(void) {
	for (;;)
		bare_call(CALL_PPOLL, 0, 0, 0);
}
