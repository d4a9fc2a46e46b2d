/* SPDX-License-Identifier: ISC */
/* Descriptors that are not close-on-exec, near and far, which nobody but the library keeps from a child. */
#ifndef STREWN_H
#define STREWN_H

#include <pidhold.h>

enum { STREWN = 6 };

extern int strewn[STREWN];

void strew(void);
void pick_up(void);

/* Waits for the end, which is to be this one, and lets go. */
void expect_end(struct hold *h, int how, int code);

/* Starts the actor, which is to find its fact: "open=0,1,2". */
void start_and_expect_open(const struct hold_pass *pass, size_t count, const char *fact);

/* Among strewn descriptors: some of them passed, with gaps and in each other's places, and then none. */
void start_among_strewn(void);

#endif
