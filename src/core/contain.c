/* SPDX-License-Identifier: ISC */
#include "contain.h"

#include "base/clock.h"

#include <errno.h>
#include <string.h>

enum { UNDO_MS = 2000 }; /* for a process to end that was killed before it had begun anything */

bool containment_has_keeper(const struct containment *containment) {
	return containment->way >= HOLD_CONTAIN_KEEPER;
}

/* Whether the options ask for something that only a direct child of the caller can have. */
static bool wants_own_child(const struct hold_options *options) {
	return options->parent_death_signal || options->on_release == HOLD_ON_RELEASE_LEAVE;
}

static bool chooses_best(const struct hold_options *options) {
	return options->contain == HOLD_CONTAIN_AUTO || options->contain == HOLD_CONTAIN_BEST;
}

static int best(struct containment *containment, const struct hold_options *options) {
	if (options->contain == HOLD_CONTAIN_AUTO && wants_own_child(options))
		return HOLD_CONTAIN_NONE;
	if (os_keeper_check(&containment->need) < 0)
		return HOLD_CONTAIN_NONE;
	return os_cgroup_make(&containment->cgroup, &containment->need) == 0 ? HOLD_CONTAIN_CGROUP
									     : HOLD_CONTAIN_KEEPER;
}

static void give_ladder(struct containment *containment, const struct hold *h) {
	_Static_assert(sizeof h->ladder == sizeof containment->rungs, "as many rungs, of one form");
	memcpy(containment->rungs, h->ladder, sizeof h->ladder);
	containment->keeping.rungs = containment->rungs;
	containment->keeping.rung_count = h->ladder_count;
}

static void take_limits(struct containment *containment, const struct asked *asked) {
	containment->limits = (struct os_group_limits){
		.memory = asked->limits.memory,
		.tasks = asked->limits.tasks,
		.cpu_time_us = asked->limits.cpu_time_us,
		.milli_cpus = asked->limits.milli_cpus,
		.io_weight = asked->limits.io_weight,
	};
	containment->keeping.limits = options_have_limits(asked) ? &containment->limits : NULL;
}

static int make_group(struct containment *containment, const char **ret_object) {
	struct os_refusal why;
	int error;

	*ret_object = "cgroup";
	if (!containment->keeping.limits)
		return os_cgroup_make(&containment->cgroup, &containment->need);
	error = os_cgroup_make_limited(&containment->cgroup, &containment->limits, &why);
	if (error < 0) {
		containment->step = HOLD_AT_TREE_LIMIT;
		containment->need = why.need;
		*ret_object = why.limit;
	}
	return error;
}

int containment_choose(struct containment *ret, const struct asked *asked, const struct hold *h,
		       const char **ret_object) {
	const struct hold_options *options = &asked->options;
	int error = 0;

	memset(ret, 0, sizeof *ret);
	ret->cgroup.fd = -1;
	ret->step = HOLD_AT_CONTAINMENT;
	take_limits(ret, asked);
	ret->way = chooses_best(options) ? best(ret, options) : options->contain;
	ret->keeping.own_pids = ret->way == HOLD_CONTAIN_PIDNS;
	ret->keeping.terminal = options->flags & HOLD_RESTORE_TERMINAL ? options->restored_terminal : -1;
	ret->keeping.has_death_climb = options->flags & HOLD_LADDER_AT_DEATH;
	give_ladder(ret, h);
	*ret_object = "keeper";
	if (!chooses_best(options) && containment_has_keeper(ret))
		error = os_keeper_check(&ret->need);
	if (error == 0 && ret->way == HOLD_CONTAIN_CGROUP && ret->cgroup.fd < 0)
		error = make_group(ret, ret_object);
	ret->keeping.cgroup = ret->cgroup.fd < 0 ? NULL : &ret->cgroup;
	if (error < 0)
		os_cgroup_remove(&ret->cgroup);
	return error;
}

const char *containment_blame(const struct containment *containment, int failed) {
	if (failed == OS_FAILED_CGROUP)
		return "cgroup";
	if (failed == OS_FAILED_KEEPER)
		return containment->way == HOLD_CONTAIN_PIDNS ? "PID namespace" : "keeper";
	return NULL;
}

/* A process that waited in the group, and was killed with its keeper, may still be ending in it. */
void containment_undo(struct containment *containment) {
	os_cgroup_end(&containment->cgroup, clock_after_ms(UNDO_MS));
}

/* A lack of processes, memory, room for descriptors in flight (unix(7)) or time. */
static bool is_passing(int error) {
	return error == -EAGAIN || error == -ENOMEM || error == -ENOBUFS || error == -ETOOMANYREFS ||
	       error == -ETIMEDOUT;
}

/* Without the group there is a descriptor more for the keeper. */
static int next_best(const struct containment *containment, int failed, int error) {
	const bool lacks_descriptors = error == -EMFILE || error == -ENFILE;

	if (failed == OS_FAILED_CGROUP || (containment->way == HOLD_CONTAIN_CGROUP && lacks_descriptors))
		return HOLD_CONTAIN_KEEPER;
	return HOLD_CONTAIN_NONE;
}

/* Nothing of the plan was done, so a second start is safe. A passing error is no reason for less containment. */
bool containment_falls_back(struct containment *containment, const struct hold_options *options, int failed,
			    int error) {
	if (!chooses_best(options) || (failed != OS_FAILED_KEEPER && failed != OS_FAILED_CGROUP))
		return false;
	if (failed == OS_FAILED_KEEPER && is_passing(error))
		return false;
	containment_undo(containment);
	containment->keeping.cgroup = NULL;
	containment->way = next_best(containment, failed, error);
	return true;
}
