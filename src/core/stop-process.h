/* SPDX-License-Identifier: ISC */
/* Ending the process alone by a ladder, a step at a time. */
#ifndef CORE_STOP_PROCESS_H
#define CORE_STOP_PROCESS_H

#include "hold.h"

struct process_stop {
	struct hold_ladder ladder;
	int64_t again_at; /* when the signal of the last rung, which was refused, is sent again */
	int64_t look_at;  /* where no descriptor tells of the end */
	int refusal;      /* why the last signal could not be sent; 0: it was */
	bool was_sent;    /* a signal was */
};

/* The rungs, which were checked, are borrowed until the end. */
void process_stop_begin(struct process_stop *stop, const struct hold_rung *rungs, size_t count);

/*
 * Sends what is due. Returns 0: the process has ended; HOLD_PENDING: the stop goes on; HOLD_SURVIVORS: the process
 * lives, and the ladder is at its end; or the error with which the last rung's signal was refused.
 */
int process_stop_step(struct hold *h, struct process_stop *stop);

/* When the next step is due, if the process has not ended before. */
int64_t process_stop_due(const struct process_stop *stop);

/* Step after step to the end: what the last one returns. */
int process_stop_run(struct hold *h, struct process_stop *stop);

#endif
