/* SPDX-License-Identifier: ISC */
/* Which process this is: its number, asked for each time. */
#include "calls.h"
#include "os.h"

uint64_t os_owner(void) {
	return (uint64_t)call_getpid();
}

uint64_t os_owner_now(void) {
	return os_owner();
}
