/* SPDX-License-Identifier: ISC */
/* The low numbers that the library keeps (hold_fds_reserve), seen from outside, and programs with many descriptors. */
#ifndef RESERVED_H
#define RESERVED_H

enum { RESERVED_MOST = 32, LOW = 256 /* they lie below this */ };

/* The numbers below LOW at which the library's placeholder lies: how many, in numbers[]. */
int find_reserved(int numbers[RESERVED_MOST]);

/* Closes them, as somebody who closes "all" would. */
void close_reserved(void);

/* Opens `count` descriptors on the lowest numbers there are, and closes them again. */
void fill(int *fds, int count);
void empty(const int *fds, int count);

#endif
