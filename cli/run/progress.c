/* SPDX-License-Identifier: ISC */
#include "progress.h"
#include "../common/duration.h"
#include "../common/message.h"

#include <stdio.h>
#include <unistd.h>

enum { INTERVAL_MS = 1000 };

static const int64_t second = 1000000000;

int64_t progress_next(const struct run *run) {
	return run->line->progress ? run->draw_at : HOLD_FOREVER;
}

static int count(void *context, const struct hold_member *member) {
	(void)member;
	++*(int *)context;
	return 0;
}

/* A process in the background does not write over what the shell shows. */
static bool is_in_front(void) {
	return tcgetpgrp(STDERR_FILENO) == getpgrp();
}

static void draw(const struct run *run) {
	const int64_t elapsed = (hold_now() - run->stopping.start_ns) / second * second;
	char of[DURATION_TEXT_SIZE + 4] = "", text[DURATION_TEXT_SIZE], limit[DURATION_TEXT_SIZE], line[160];
	int processes = 0;

	hold_tree_list(run->hold, count, &processes);
	if (run->line->time_limit_ns)
		snprintf(of, sizeof of, " of %s", duration_text(run->line->time_limit_ns, limit));
	snprintf(line, sizeof line, "hold: %s%s, %d process%s", duration_text(elapsed, text), of, processes,
		 processes == 1 ? "" : "es");
	message_show_status(line);
}

void progress_step(struct run *run) {
	if (!run->line->progress || hold_now() < run->draw_at)
		return;
	if (run->draw_at && is_in_front())
		draw(run);
	run->draw_at = hold_after_ms(INTERVAL_MS);
}

void progress_end(struct run *run) {
	message_show_status(NULL);
	run->line->progress = false;
}
