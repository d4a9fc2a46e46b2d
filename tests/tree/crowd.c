/* SPDX-License-Identifier: ISC */
/* A thousand trees, one after the other in each of four threads, in the containment that it is built for. */
#include "kept.h"

#include <pthread.h>

enum { THREADS = 4, EACH = 250 };

/* By turns: left by a process that ended, or ended together with it; by a stop, or by letting go. */
static void start_and_end(int turn) {
	static const struct hold_rung kill = { .signal = SIGKILL, .wait_ms = 15000 };
	const bool has_ended = turn % 2, is_stopped = turn / 2 % 2;
	struct tree tree = start_tree(has_ended ? DAEMONS "; exit 7" : DAEMONS "; exec sleep 63",
				      (struct hold_options){ .on_release = HOLD_ON_RELEASE_KILL });

	await_daemons(&tree);
	if (has_ended)
		check_status(tree.hold, HOLD_HOW_EXITED, 7);
	if (is_stopped)
		CHECK_EQ(hold_tree_stop(tree.hold, &kill, 1, NULL, NULL, NULL), 0);
	if (is_stopped && !has_ended)
		check_status(tree.hold, HOLD_HOW_SIGNALLED, SIGKILL);
	hold_release(tree.hold);
	CHECK(is_empty(tree.end, 0));
	close(tree.end);
}

static void *start_and_end_each(void *first) {
	for (int i = 0; i < EACH; i++)
		start_and_end(i + *(const int *)first);
	return NULL;
}

TEST("of a thousand that are started and ended by four threads nobody is left, and each has its own status") {
	static const int first[THREADS] = { 0, 1, 2, 3 };
	pthread_t threads[THREADS];

	need_containment();
	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, start_and_end_each, (void *)(uintptr_t)&first[i]), 0);
	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_join(threads[i], NULL), 0);
}

int main(int argc, char **argv) {
	/* What is taken once in a process is taken now: the harness compares descriptors before and after each test. */
	hold_fds_reserve();
	return check_run(argc > 1 ? argv[1] : "");
}
