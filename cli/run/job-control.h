/* SPDX-License-Identifier: ISC */
/*
 * A command that stops itself, in hold's own process group: the shell that waits for hold has to see a stopped job, so
 * hold stops too, and continues the command when it is continued itself.
 */
#ifndef CLI_JOB_CONTROL_H
#define CLI_JOB_CONTROL_H

#include <pidhold.h>

#include <stdbool.h>

/* Whether a shell with job control waits for us: only then may we stop, since no other process would continue us. */
bool job_control_is_ours(void);

bool job_control_is_stopped(const struct hold *h);

#endif
