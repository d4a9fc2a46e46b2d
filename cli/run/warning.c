/* SPDX-License-Identifier: ISC */
#include "warning.h"
#include "../common/duration.h"
#include "events.h"
#include "../common/message.h"
#include "over.h"

void warning_begin(struct run *run) {
	const int64_t after_ns = run->line->warn_after_ns, start_ns = run->stopping.start_ns;

	run->warn_at = after_ns && after_ns < HOLD_FOREVER - start_ns ? start_ns + after_ns : HOLD_FOREVER;
}

int64_t warning_next(const struct run *run) {
	return run->warn_at;
}

void warning_step(struct run *run) {
	char text[DURATION_TEXT_SIZE];

	if (hold_now() < run->warn_at)
		return;
	run->warn_at = HOLD_FOREVER;
	if (run_is_over(run))
		return;
	events_tell(run->events, "warn", NULL, 0);
	duration_text(run->line->warn_after_ns, text);
	if (run->status.how)
		say("descendants of '%s' still run after %s", run->line->command[0], text);
	else
		say("'%s' still runs after %s", run->line->command[0], text);
}
