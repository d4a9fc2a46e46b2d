/* SPDX-License-Identifier: ISC */
/*
 * Ladders, and their signals and times, as the arguments of options. false: said on standard error, with the name of
 * the verb and of the option.
 */
#ifndef CLI_LADDER_H
#define CLI_LADDER_H

#include <pidhold.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "TERM,5s,KILL", the argument of --ladder: HOLD_LADDER_MAX steps at most. */
bool ladder_parse(const char *verb, const char *text, struct hold_rung *ret, size_t *ret_count);

bool option_duration(const char *verb, const char *option, const char *text, int64_t *ret_ns);

/* A signal that can be sent: not 0. */
bool option_signal(const char *verb, const char *option, const char *text, int *ret);

#endif
