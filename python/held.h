/* SPDX-License-Identifier: ISC */
/* A hold as the objects of Python share it, and its end without a wait. Nothing here needs the GIL. */
#ifndef PIDHOLD_PYTHON_HELD_H
#define PIDHOLD_PYTHON_HELD_H

#include <pidhold.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

/*
 * Shared by the threads that use one Hold, and by the files of its streams. The last user releases the hold, so a close
 * does not disturb a wait, and the process does not end while one of its files is still read.
 */
struct pidhold_held {
	struct hold *hold;
	atomic_int uses;
	int on_release;
	int is_closed;            /* what on_release says was done, or is being done */
	int is_quiet;             /* that is to be done without a warning */
	pthread_mutex_t stopping; /* for what one thread a hold may call */
	struct hold_rung rungs[HOLD_LADDER_MAX];
	size_t rung_count; /* of the stop that was begun; 0: the usual ladder */
	int is_alone;      /* the stop is of the process alone, since the system cannot show the tree */
};

/* Owns `h` from then on, and has one user. NULL: no memory. */
struct pidhold_held *pidhold_held_new(struct hold *h, int on_release);

/* hold_release: it may wait. */
void pidhold_held_release(struct pidhold_held *held);

/* Takes the hold over, ends what lives by its ladder without a wait, and releases it. */
void pidhold_end_in_background(struct pidhold_held *held);

/* Whether a keeper keeps the tree. */
int pidhold_is_contained(const struct hold *hold);

#endif
