/* SPDX-License-Identifier: ISC */
/* The ways to end a tree of processes: ours, a control group killed by hand, and other programs. */
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
	void (*start)(const char *shape, int count); /* returns when the whole tree exists */
	void (*end)(void); /* returns when the tree has ended, as far as the way knows, and its own processes too */
};

extern const struct tree_way tree_ways[TREE_WAYS];

/* The program that grows a tree, and the script that ends it by psutil. */
void tree_ways_begin(const char *grow, const char *script);
bool tree_way_is_available(enum tree_way_name way);
pid_t tree_ways_helper(void); /* the psutil process; 0: there is none */
pid_t tree_ways_keeper(void); /* of the tree that OUR_KEEPER started */
void tree_ways_end(void);

#endif
