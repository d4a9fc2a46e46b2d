/* SPDX-License-Identifier: ISC */
/*
 * Trees in the containment that a test is built for (CONTAIN). That nobody of a tree is left is told by a pipe: each of
 * them has its writing end as descriptor 3, so its reading end is at its end of file once the last of them has ended,
 * and not before.
 */
#ifndef TESTS_TREE_KEPT_H
#define TESTS_TREE_KEPT_H

#include "../api/children.h"

#include <poll.h>

static inline void need_containment(void) {
	const struct hold_options options = { .size = sizeof options, .contain = CONTAIN, .argv = ARGV("true") };
	struct hold *h;

	if (hold_spawn(&h, &options, NULL) == 0)
		hold_release(h);
	else if (CONTAIN == HOLD_CONTAIN_CGROUP)
		SKIP("no control group can be made here");
	else if (CONTAIN == HOLD_CONTAIN_PIDNS)
		SKIP("no PID namespace with a /proc of its own is to be had here");
	else
		SKIP("there can be no keeper here");
}

struct tree {
	struct hold *hold;
	int end; /* of the pipe */
};

static inline struct tree start_tree(const char *script, struct hold_options options) {
	struct hold_pass pass = { .as = 3 };
	struct tree tree;
	int ends[2];

	CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
	pass.fd = ends[1];
	options.pass = &pass;
	options.pass_count = 1;
	options.contain = CONTAIN;
	tree.hold = start_with(SHELL(script), &options);
	tree.end = ends[0];
	close(ends[1]);
	return tree;
}

static inline bool is_empty(int fd, int milliseconds) {
	struct pollfd end = { .fd = fd, .events = POLLIN };

	return poll(&end, 1, milliseconds) == 1;
}

static inline void check_empty(int fd) {
	CHECK(is_empty(fd, 15000));
	close(fd);
}

/* A daemon that forked twice and took a session, one that ignores TERM, one that is stopped. */
#define DAEMONS \
	"(setsid sleep 60 &); (trap '' TERM; setsid sleep 61 &); (setsid sh -c 'kill -STOP $$; sleep 62' &); echo >&3 "

/* The shell writes when it has started them. */
static inline void await_daemons(const struct tree *tree) {
	char byte;

	CHECK_EQ(read(tree->end, &byte, 1), 1);
}

static const struct hold_rung quick[] = { { .signal = SIGTERM, .wait_ms = 100 }, { .signal = SIGKILL } };

#endif
