/* SPDX-License-Identifier: ISC */
/* What a hold has of its keeper's: see os/start/spawn-keeper.c. */
#ifndef CORE_KEEPER_H
#define CORE_KEEPER_H

#include "hold.h"

/* Whether there is a keeper at all, alive or not. */
static inline bool has_keeper(const struct hold *h) {
	return h->keeper.pid > 0;
}

/* How the process ended, as the keeper tells: 0; 1: not by the deadline; -EPIPE: it never will; others: not now. */
int keeper_wait_exit(struct hold *h, int64_t deadline, struct os_exit *ret);

/* Reaps late keepers, and ends the control groups of those that were killed. */
void keeper_reap_late(void);

/* 0: the keeper is there; HOLD_GONE: nobody is left; -EOWNERDEAD: it was killed. */
int keeper_check(struct hold *h);

/* Waits until nobody is left and the keeper has ended: as keeper_check, or HOLD_PENDING. */
int keeper_wait_empty(struct hold *h, int64_t deadline);

#endif
