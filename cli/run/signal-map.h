/* SPDX-License-Identifier: ISC */
/* --map-signal: which signal the command gets for one that hold gets. */
#ifndef CLI_RUN_SIGNAL_MAP_H
#define CLI_RUN_SIGNAL_MAP_H

#include <stdbool.h>

enum { SIGNAL_MAP_SIZE = 65 };

struct signal_map {
	unsigned char to[SIGNAL_MAP_SIZE]; /* 0: the signal itself */
};

/* "TERM=QUIT". false: said on standard error. */
bool signal_map_add(struct signal_map *map, const char *text);

int signal_map_of(const struct signal_map *map, int signal);

#endif
