/* SPDX-License-Identifier: ISC */
/* The argument of --max-output. */
#ifndef CLI_RUN_MOST_H
#define CLI_RUN_MOST_H

#include <stdbool.h>
#include <stdint.h>

/* SIZE, of which the tail has the half; or HEAD:TAIL. false: said on standard error. */
bool most_parse(const char *text, uint64_t *ret_head, uint64_t *ret_tail);

#endif
