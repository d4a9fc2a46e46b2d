/* SPDX-License-Identifier: ISC */
/* A descriptor that --fd passes to the command. */
#ifndef CLI_PASSED_FD_H
#define CLI_PASSED_FD_H

#include <pidhold.h>

#include <stdbool.h>
#include <stddef.h>

/* Adds the descriptor to the list, which has room for it, unless it is there. false: said on standard error. */
bool passed_fd_add(const char *text, struct hold_pass *list, size_t *count);

bool passed_fd_has(const struct hold_pass *list, size_t count, int fd);

/* Reads the number that --ready-fd gives to the pipe of hold. false: said on standard error. */
bool passed_fd_for_ready(const char *text, int *ret);

#endif
