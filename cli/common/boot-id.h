/* SPDX-License-Identifier: ISC */
/* The kernel's name for the time since the machine was started: with it a pid or a reference is known for stale. */
#ifndef CLI_BOOT_ID_H
#define CLI_BOOT_ID_H

#include <stdbool.h>

enum { BOOT_ID_SIZE = 37 };

/* false: the system does not tell it. */
bool boot_id(char text[BOOT_ID_SIZE]);

#endif
