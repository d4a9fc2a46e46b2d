/* SPDX-License-Identifier: ISC */
/* The ways to end a tree of processes: ours, a control group killed by hand, and those of others. */
#ifndef BENCH_TREE_WAYS_H
#define BENCH_TREE_WAYS_H

#include <stdbool.h>
#include <sys/types.h>

enum tree_way_name {
	BY_HAND, /* the floor: cgroup.kill, and nothing else */
	OUR_CGROUP,
	OUR_PIDNS,
	OUR_KEEPER,
	PKILL,
	PSUTIL,
	PSUTIL_RUNNING,
	TREE_WAYS
};

struct tree_way {
	const char *name;
	void (*start)(const char *shape, int count); /* returns when the whole tree is there */
	void (*end)(void); /* and this when it has ended, as far as the way knows, and nothing of its own is left */
};

extern const struct tree_way tree_ways[TREE_WAYS];

/* What grows the tree, and what ends it by psutil. */
void tree_ways_begin(const char *grow, const char *script);
bool tree_way_is_available(enum tree_way_name way);
pid_t tree_ways_helper(void); /* the process of psutil's; 0: there is none */
pid_t tree_ways_keeper(void); /* of the tree that OUR_KEEPER started */
void tree_ways_end(void);

#endif
