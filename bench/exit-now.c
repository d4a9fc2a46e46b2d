/* SPDX-License-Identifier: ISC */
/* A program that only exits. */
#include "bare.h"

void _start(void) {
	bare_exit();
}
