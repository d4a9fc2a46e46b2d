/* SPDX-License-Identifier: ISC */
/* The limit of the tree's processor time, which the kernel does not keep. */
#include "state.h"
#include "os/cgroup-numbers.h"

#include "base/clock.h"

enum {
	SHORTEST_MS = 20, /* from one look at the processor time to the next */
	LONGEST_MS = 1000,
	PROCESSORS = 64,  /* with as many at work the limit is not passed between two looks, but for SHORTEST_MS */
	FAILED_LOOKS = 50 /* looks that fail, for lack of descriptors for example, one after the other */
};

/* A tree whose limit cannot be kept is ended, like one that has reached it. */
bool cpu_time_is_up(void) {
	const int64_t limit = (int64_t)keeper.task.cpu_time_us;
	int64_t used, ms;

	if (!limit || clock_now() < keeper.look_at_cpu_time)
		return false;
	used = cgroup_number(keeper.cgroup, "cpu.stat", "usage_usec");
	keeper.failed_looks = used < 0 ? keeper.failed_looks + 1 : 0;
	if (keeper.failed_looks == FAILED_LOOKS)
		keeper.cpu_time_error = (int)used;
	keeper.cpu_time_is_up = used >= limit;
	ms = used < 0 ? SHORTEST_MS : (limit - used) / (PROCESSORS * 1000);
	keeper.look_at_cpu_time = clock_after_ms(ms < SHORTEST_MS ? SHORTEST_MS : ms > LONGEST_MS ? LONGEST_MS : ms);
	return keeper.cpu_time_is_up || keeper.cpu_time_error;
}

int cpu_time_pause(void) {
	const int64_t left = keeper.look_at_cpu_time - clock_now();

	return keeper.task.cpu_time_us ? left <= 0 ? 0 : (int)(left / 1000000) + 1 : -1;
}
