/* SPDX-License-Identifier: ISC */
/* Many starts at a time, and many children that live. */
#ifndef BENCH_START_MANY_H
#define BENCH_START_MANY_H

void from_eight_threads(const char *child);
void beside_children(const char *child_that_stays);

#endif
