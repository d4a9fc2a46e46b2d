/* SPDX-License-Identifier: ISC */
#include "state.h"
#include "os/calls.h"

struct keeper keeper; /* nothing in it has a value from the start: the program's file has no part for such */

__attribute__((noreturn)) void keeper_exit(int status) {
	call_exit(status);
}

void keeper_sleep(void) {
	call_nanosleep(&(struct os_timespec){ 0, RETRY_MS * 1000000L });
}
