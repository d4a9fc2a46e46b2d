/* SPDX-License-Identifier: ISC */
#include "state.h"
#include "os/calls.h"

struct keeper keeper; /* without initial values: the program's file has no data section */

__attribute__((noreturn)) void keeper_exit(int status) {
	call_exit(status);
}

void keeper_sleep(void) {
	call_nanosleep(&(struct os_timespec){ 0, RETRY_MS * 1000000L });
}
