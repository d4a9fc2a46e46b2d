/* SPDX-License-Identifier: ISC */
/*
 * The one engine of ladders. It is pure data: the time goes in, and the signal that is due comes out. It sends nothing
 * and waits for nothing: its users do that, stop-process.c, stop-tree.c, tree-climb.c, and cli/run/stopping.c of hold.
 */
#ifndef CORE_LADDER_H
#define CORE_LADDER_H

#include <pidhold.h>

/* 0 if a ladder has rungs, not too many, and each has a signal that exists and a time; else -EINVAL. */
int ladder_check(const struct hold_rung *rungs, size_t count);

/* Copies a ladder in; NULL stands for the default one. Errors: those of ladder_check. */
int ladder_take(struct hold_rung *ret, size_t *ret_count, const struct hold_rung *rungs, size_t count);

/* A ladder at its beginning, due at once. The rungs are borrowed while it is climbed. */
struct hold_ladder ladder_begin(const struct hold_rung *rungs, size_t count);

/* hold_ladder_next without its checks. */
int ladder_next(struct hold_ladder *ladder, int64_t now);

#endif
