/* SPDX-License-Identifier: ISC */
#ifndef OS_CHILD_H
#define OS_CHILD_H

#include "handoff.h"

void os_child(void *handoff); /* a struct os_handoff */

#endif
