/* SPDX-License-Identifier: ISC */
/*
 * A time limit that counts the time in which the system is suspended too, which hold's other deadlines leave out. Its
 * timer interrupts caught_wait, and continues hold if it is stopped, as caught_wake_at does.
 */
#ifndef CLI_BOOT_TIMER_H
#define CLI_BOOT_TIMER_H

#include <stdbool.h>
#include <stdint.h>

/* The one limit begins: so many nanoseconds of CLOCK_BOOTTIME from now. false: errno. */
bool boot_timer_begin(int64_t ns);

/* Whether there is a limit, and it has been reached. */
bool boot_timer_has_struck(void);

void boot_timer_end(void);

#endif
