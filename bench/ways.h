/* SPDX-License-Identifier: ISC */
/* The ways to start a child that only exits, and to wait for it: ours, the bare system calls, and those of others. */
#ifndef BENCH_WAYS_H
#define BENCH_WAYS_H

#include <stdbool.h>

enum way_name {
	BARE,
	HOLD,
	HOLD_HIGH, /* a descriptor with a high number is passed: ways_high */
	POSIX_SPAWN,
	POSIX_SPAWN_CLOSING,
	FORK,
	LIBUV,
	GLIB,
	BARE_ON_TERMINAL,
	HOLD_ON_TERMINAL,
	HOLD_CONTAINED, /* on a terminal too, with a keeper */
	FORKPTY,
	WAYS
};

struct way {
	const char *name;
	void (*start)(void);  /* returns when the child has been started */
	void (*finish)(void); /* and this when it has been reaped, and all is closed again */
};

extern const struct way ways[WAYS]; /* start is NULL where the library is missing */
extern const char *ways_child;
extern int ways_high;
extern int ways_table; /* HOLD_TABLE_... of the last start by hold_spawn */

#endif
