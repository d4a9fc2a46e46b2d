/* SPDX-License-Identifier: ISC */
/*
 * A time limit that includes the time in which the system is suspended; hold's other deadlines do not. Its timer
 * interrupts caught_wait, and continues hold if it is stopped, as caught_wake_at does.
 */
#ifndef CLI_BOOT_TIMER_H
#define CLI_BOOT_TIMER_H

#include <stdbool.h>
#include <stdint.h>

/* Begins the only limit: so many nanoseconds of CLOCK_BOOTTIME from now. false: errno says why. */
bool boot_timer_begin(int64_t ns);

/* Whether there is a limit, and it has been reached. */
bool boot_timer_has_struck(void);

void boot_timer_end(void);

#endif
