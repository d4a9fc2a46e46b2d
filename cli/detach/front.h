/* SPDX-License-Identifier: ISC */
/* hold run --detach-after: the process in front of a detached run, which its caller sees as a hold run as any other. */
#ifndef CLI_DETACH_FRONT_H
#define CLI_DETACH_FRONT_H

#include "../run/command-line.h"

#include <stdint.h>
#include <sys/types.h>

/*
 * Copies the output of the run to standard output, and passes signals on, until it has ended or the deadline has come.
 * `socket` leads to `runner`, a child of ours, which has started the command. Returns hold's exit status.
 */
int front_stay(const struct run_command_line *line, int store, const char *name, int socket, pid_t runner,
	       int64_t deadline);

#endif
