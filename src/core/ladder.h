/* SPDX-License-Identifier: ISC */
/*
 * The one engine of ladders: pure data, into which the time goes, and out of which comes the signal that is due. It
 * sends nothing and waits for nothing: that is done by stop-process.c, by tree-climb.c, which the keeper shares, and in
 * the command by cli/run/stopping.c.
 */
#ifndef CORE_LADDER_H
#define CORE_LADDER_H

#include <pidhold.h>

/* 0 if a ladder has rungs, not too many, and each has a signal that exists and a time; else -EINVAL. */
int ladder_check(const struct hold_rung *rungs, size_t count);

/* Copies a ladder in; NULL stands for the default one. Errors: those of ladder_check. */
int ladder_take(struct hold_rung *ret, size_t *ret_count, const struct hold_rung *rungs, size_t count);

/* A ladder at its beginning. The rungs are borrowed while it is climbed. */
struct hold_ladder ladder_begin(const struct hold_rung *rungs, size_t count);

/* hold_ladder_next, of a ladder that was checked. */
int ladder_next(struct hold_ladder *ladder, int64_t now);

#endif
