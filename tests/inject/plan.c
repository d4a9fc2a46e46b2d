/* SPDX-License-Identifier: ISC */
/* What can go wrong in a run: made of the calls that were seen when nothing did. */
#include "inject.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

enum {
	FEW = 4,    /* times that a call is made, of which each is tried with each error */
	OFTEN = 24, /* of which each is tried with one error */
	SEVERAL = 8 /* of which each is tried with all that is no error */
};

const char *const role_names[ROLES] = { "front", "starter", "keeper", "command" };
const char *const action_names[ACTIONS] = {
	"nothing", "fail", "fail-on", "partial", "delay-before", "delay-after", "kill", "stop", "term",
};

void fault_text(const struct fault *fault, char *text, size_t size) {
	char error[40] = "";

	if (fault->action == FAIL_ONCE || fault->action == FAIL_ON)
		snprintf(error, sizeof error, " --errno %s", error_name(fault->error));
	if (fault->call == ANY_CALL)
		snprintf(text, size, "--role %s --call %d --do %s%s", role_names[fault->role], fault->nth,
			 action_names[fault->action], error);
	else
		snprintf(text, size, "--role %s --call %s#%d --do %s%s", role_names[fault->role],
			 call_name(fault->call), fault->nth, action_names[fault->action], error);
}

struct plan {
	int pair;
	enum action only; /* NOTHING: all */
	struct job *jobs; /* NULL: they are only counted */
	size_t every, count, room, seen;
};

/* The sample begins elsewhere in each pair, so that together they have more of the calls that all make. */
static void add(struct plan *plan, const struct fault *fault) {
	const bool is_wanted = plan->only == NOTHING || plan->only == fault->action;
	const size_t place = plan->seen + (size_t)plan->pair * 7;

	plan->seen += is_wanted;
	if (is_wanted && plan->jobs && place % plan->every == 0 && plan->count < plan->room)
		plan->jobs[plan->count++] = (struct job){ .pair = plan->pair, .fault = *fault };
}

static int nth_of(const struct recording *recording, size_t index) {
	const struct seen_call *call = &recording->calls[index];
	int nth = 0;

	for (size_t i = 0; i <= index; i++)
		nth += recording->calls[i].role == call->role && recording->calls[i].call == call->call;
	return nth;
}

static void add_errors(struct plan *plan, const struct seen_call *call, int nth) {
	struct fault fault = { .role = call->role, .call = call->call, .nth = nth };
	int errors[ERRORS_MAX];
	size_t count = call_errors(call, false, errors);

	fault.action = FAIL_ONCE;
	for (size_t i = 0; i < count; i++) {
		fault.error = errors[i];
		if (nth <= FEW || (size_t)nth % count == i)
			add(plan, &fault);
	}
	/* From the first on, the second, the fourth and so on: what lasts fails for those between as well. */
	if (nth & (nth - 1))
		return;
	fault.action = FAIL_ON;
	count = call_errors(call, true, errors);
	for (size_t i = 0; i < count; i++) {
		fault.error = errors[i];
		if (nth == 1 || (size_t)nth / 2 % count == i)
			add(plan, &fault);
	}
}

/* Late after a call is late before the next one: DELAY_AFTER is for those who look at one case. */
static void add_others(struct plan *plan, const struct seen_call *call, int nth) {
	struct fault fault = { .role = call->role, .call = call->call, .nth = nth };
	static const enum action actions[] = { PARTIAL, DELAY_BEFORE, KILL_ROLE, STOP_ROLE, TERM_FRONT };

	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
		fault.action = actions[i];
		if (fault.action == PARTIAL && !call_may_be_partial(call))
			continue;
		add(plan, &fault);
	}
}

/* Between these nothing changes that another process could see. */
static bool is_of_no_effect(long call) {
	return call == SYS_getpid || call == SYS_rt_sigaction || call == SYS_getppid || call == SYS_gettid;
}

/* A loop comes by the same calls again and again: the first times, and then ever fewer. */
static bool is_repeated(int nth, int often) {
	return nth > often && nth & (nth - 1);
}

static void add_all(struct plan *plan, const struct recording *recording) {
	for (size_t i = 0; i < recording->count; i++) {
		const struct seen_call *call = &recording->calls[i];
		const int nth = nth_of(recording, i);

		if (!is_repeated(nth, OFTEN))
			add_errors(plan, call, nth);
		if (!is_repeated(nth, SEVERAL) && !is_of_no_effect(call->call))
			add_others(plan, call, nth);
	}
}

size_t plan_pair(int pair, const struct recording *recording, enum action only, size_t most, struct job *jobs,
		 size_t room) {
	struct plan plan = { .pair = pair, .only = only, .every = 1 };

	add_all(&plan, recording);
	if (most > 0 && plan.seen > most)
		plan.every = (plan.seen + most - 1) / most;
	plan.seen = 0;
	plan.jobs = jobs;
	plan.room = room;
	add_all(&plan, recording);
	return plan.count;
}
