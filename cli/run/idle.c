/* SPDX-License-Identifier: ISC */
/*
 * Each look adds up numbers that change when a process does something. They are the same as at the look before only if
 * nothing was done: no process began or ended, and none used processor time or read or wrote.
 */
#include "idle.h"
#include "activity.h"
#include "awaited.h"
#include "../common/duration.h"
#include "events.h"
#include "../common/message.h"
#include "over.h"

#include <inttypes.h>

static const int64_t shortest = 20000000, longest = INT64_C(5000000000); /* between two looks */
static const int64_t late = 1000000000; /* a look that is so late: hold itself was stopped */

struct looks {
	uint64_t sum;
	int64_t hidden; /* a process that does not show what it does; 0: none */
	bool is_hidden;
};

void idle_begin(struct run *run) {
	run->idle = (struct idle){ .look_at = run->line->idle_timeout_ns ? hold_now() : HOLD_FOREVER };
	run->idle.since = run->idle.look_at;
}

int64_t idle_next(const struct run *run) {
	return run->idle.look_at;
}

static int add_member(void *context, const struct hold_member *member) {
	struct looks *looks = context;
	uint64_t number;

	if (activity_of(member->pid, &number)) {
		looks->sum += number;
		return 0;
	}
	looks->is_hidden = true;
	if (!looks->hidden)
		looks->hidden = member->pid;
	return 0;
}

static void say_hidden(struct run *run, int64_t pid) {
	if (!run->idle.has_said && !run->line->quiet && activity_is_secret(pid))
		run->idle.has_said =
			say("'%s': --idle-timeout cannot see what process %" PRId64 " does, and takes it for active",
			    run->line->command[0], pid);
}

/* Whether something was done since the look before. What cannot be seen counts as active. */
static bool is_active(struct run *run) {
	struct looks looks = { .sum = run->relay ? run->relay->state.printed : 0 };
	const uint64_t before = run->idle.sum;
	const int result = descendants_have_keeper(&run->descendants)
				   ? descendants_visit(&run->descendants, add_member, &looks)
				   : hold_tree_list(run->hold, add_member, &looks);

	run->idle.sum = looks.sum;
	if (looks.hidden)
		say_hidden(run, looks.hidden);
	return result < 0 || looks.is_hidden || looks.sum != before;
}

static void strike_idle(struct run *run) {
	char text[DURATION_TEXT_SIZE];
	const char *awaited;

	run->idle.look_at = HOLD_FOREVER;
	if (run_is_over(run))
		return;
	run->was_idle = true;
	events_tell(run->events, "idle", NULL, 0);
	awaited = awaited_note(run);
	if (!run->line->quiet)
		say("'%s' was idle for %s%s", run->line->command[0], duration_text(run->line->idle_timeout_ns, text),
		    awaited);
	stopping_begin(&run->stopping, 0, false, "idle");
}

/* Ten looks within the limit, the last of them when it is over. */
static int64_t next_look(const struct idle *idle, int64_t now, int64_t limit) {
	const int64_t tenth = limit / 10, left = limit - (now - idle->since);
	const int64_t pause = tenth < shortest ? shortest : tenth > longest ? longest : tenth;

	return now + (pause < left ? pause : left);
}

void idle_step(struct run *run) {
	const int64_t limit = run->line->idle_timeout_ns, now = hold_now();
	struct idle *idle = &run->idle;

	if (now < idle->look_at)
		return;
	if (is_active(run) || now - idle->look_at > late)
		idle->since = now;
	if (run->stopping.under_way)
		idle->look_at = HOLD_FOREVER;
	else if (now - idle->since >= limit)
		strike_idle(run);
	else
		idle->look_at = next_look(idle, now, limit);
}
