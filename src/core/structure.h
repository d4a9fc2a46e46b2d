/* SPDX-License-Identifier: ISC */
/*
 * Structures that begin with their own size, given by programs that may be older or newer than the library. A shorter
 * one is read as if zeros followed; a longer one is accepted if its unknown part is zero (as in clone3 and openat2).
 */
#ifndef CORE_STRUCTURE_H
#define CORE_STRUCTURE_H

#include <stddef.h>

/* Copies `given` into `known`; the rest is 0. -EINVAL: NULL, or too small; -E2BIG: its unknown part is not zero. */
int structure_take(void *known, size_t known_size, const void *given);

/* Whether `given` has a size that can be filled in: 0, or an error as above. NULL is allowed. */
int structure_check(const void *given, size_t known_size);

/* Copies `known` into `given` as far as that reaches, except the size member. NULL is ignored. */
void structure_give(void *given, const void *known, size_t known_size);

#endif
