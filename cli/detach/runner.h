/* SPDX-License-Identifier: ISC */
/* The runner, as its parent sees it. */
#ifndef CLI_DETACH_RUNNER_H
#define CLI_DETACH_RUNNER_H

#include <sys/types.h>

/* Waits for its end. Returns its exit status; of one that was killed STATUS_FAILED, and says so. */
int runner_status(pid_t runner);

#endif
