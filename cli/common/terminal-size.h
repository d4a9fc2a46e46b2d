/* SPDX-License-Identifier: ISC */
#ifndef CLI_TERMINAL_SIZE_H
#define CLI_TERMINAL_SIZE_H

#include <pidhold.h>

#include <stdbool.h>

/* false: it is no terminal (negative: none at all), or it has no size. */
bool terminal_size(int terminal, struct hold_winsize *ret);

#endif
