/* SPDX-License-Identifier: ISC */
#include "child-fork.h"
#include "child-steps.h"

#include <grp.h>
#include <signal.h>

/* SIG_DFL for all, except ignored signals that are to stay ignored. Those that libc keeps for itself it refuses. */
static void reset_dispositions(const struct os_plan *plan) {
	struct sigaction none = { .sa_handler = SIG_DFL }, ignored = { .sa_handler = SIG_IGN }, old;
	uint64_t bit;

	for (int signal = 1; signal <= CALL_SIGNALS; signal++) {
		bit = UINT64_C(1) << (signal - 1);
		if (plan->keep_ignored & bit && sigaction(signal, NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			continue;
		sigaction(signal, plan->ignored & bit ? &ignored : &none, NULL);
	}
}

static int set_limit(int resource, const uint64_t *limits) {
	const struct rlimit limit = {
		.rlim_cur = limits[0] == UINT64_MAX ? RLIM_INFINITY : (rlim_t)limits[0],
		.rlim_max = limits[1] == UINT64_MAX ? RLIM_INFINITY : (rlim_t)limits[1],
	};

	CALL_BY_LIBC(int, setrlimit(resource, &limit));
}

static int set_groups(int count, const uint32_t *groups) {
	_Static_assert(sizeof(gid_t) == sizeof *groups, "a number of a group has 32 bits");
	CALL_BY_LIBC(int, setgroups((size_t)count, groups));
}

/* The saved id follows the effective one. */
static int set_group(int group) {
	CALL_BY_LIBC(int, setregid((gid_t)group, (gid_t)group));
}

static int set_user(int user) {
	CALL_BY_LIBC(int, setreuid((uid_t)user, (uid_t)user));
}

static void close_each(int first, int last) {
	for (; first <= last; first++)
		call_close(first);
}

/* The pipe to the parent is close-on-exec: it is left out of the range. */
static int close_but(int keep, int first, int last) {
	if (last != INT32_MAX) {
		close_each(first, keep >= first && keep <= last ? keep - 1 : last);
		close_each(keep >= first && keep <= last ? keep + 1 : last + 1, last);
		return 0;
	}
	if (keep >= first)
		close_each(first, keep - 1);
	return system_close_from(keep >= first ? keep + 1 : first);
}

static int perform_by_libc(struct os_handoff *handoff, const struct os_operation *operation) {
	switch (operation->action) {
	case OS_NICE:
		return call_set_niceness(0, niceness_with(call_niceness(0), operation->number));
	case OS_LIMIT:
		return set_limit(operation->number, operation->data);
	case OS_GROUPS:
		return set_groups(operation->number, operation->data);
	case OS_GROUP_ID:
		return set_group(operation->number);
	case OS_USER_ID:
		return set_user(operation->number);
	case OS_CLOSE_RANGE:
		return close_but(handoff->status_fd, operation->number, operation->last);
	default:
		return perform_everywhere(handoff, operation);
	}
}

void fork_child_run(struct os_handoff *handoff) {
	const struct os_plan *plan = handoff->plan;
	int error, failed;

	reset_dispositions(plan);
	lift_status(handoff);
	for (size_t i = 0; i < plan->count; i++) {
		announce(handoff, &plan->operations[i], (int)i);
		error = perform_by_libc(handoff, &plan->operations[i]);
		if (error < 0)
			fail_start(handoff, (int)i, error);
	}
	handoff->niceness = call_niceness(0);
	if (!report_status(handoff, OS_EXECUTING, 0))
		call_exit(127); /* else the parent would think that the program was never executed */
	error = call_sigprocmask(SIG_SETMASK, &handoff->mask, NULL);
	if (error < 0)
		fail_start(handoff, OS_FAILED_SIGNAL_MASK, error);
	failed = execute(plan, &error);
	fail_start(handoff, failed, error);
}
