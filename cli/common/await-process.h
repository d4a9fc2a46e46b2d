/* SPDX-License-Identifier: ISC */
#ifndef CLI_AWAIT_PROCESS_H
#define CLI_AWAIT_PROCESS_H

#include <pidhold.h>

/*
 * Waits until the process has ended. How it ended is not asked for: hold_wait waits for that until a parent that is
 * none of ours has reaped it, which it may never do. 0, HOLD_PENDING, or a negative errno.
 */
int await_process(const struct hold *h, int64_t deadline);

#endif
