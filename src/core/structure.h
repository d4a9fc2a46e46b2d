/* SPDX-License-Identifier: ISC */
/*
 * Structures that carry their own size first, handed in by programs older or newer than the library: a shorter one
 * is taken as if zeros followed, a longer one if zeros do follow (the rule of clone3 and openat2).
 */
#ifndef CORE_STRUCTURE_H
#define CORE_STRUCTURE_H

#include <stddef.h>

/* Copies `given` into `known`, cleared where given is shorter. -EINVAL: its size is 0; -E2BIG: an unknown tail. */
int structure_take(void *known, size_t known_size, const void *given);

/* Whether `given` may be filled in. NULL may. */
int structure_check(const void *given, size_t known_size);

/* Copies `known` into `given` as far as it reaches, and leaves its size member alone. NULL is ignored. */
void structure_give(void *given, const void *known, size_t known_size);

#endif
