/* SPDX-License-Identifier: ISC */
#include "progress.h"
#include "../common/duration.h"
#include "../common/message.h"
#include "../common/terminal-size.h"
#include "usage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { INTERVAL_MS = 1000 };

static const int64_t second = 1000000000;

int64_t progress_next(const struct run *run) {
	return run->line->progress ? run->draw_at : HOLD_FOREVER;
}

struct seen {
	int processes;
	bool has_usage;
	struct usage usage;
};

static int see(void *context, const struct hold_member *member) {
	struct seen *seen = context;

	seen->processes++;
	seen->has_usage |= usage_add(&seen->usage, member->pid);
	return 0;
}

/* A process in the background does not write over what the shell shows. */
static bool is_in_front(void) {
	return tcgetpgrp(STDERR_FILENO) == getpgrp();
}

/* In percent of one processor, since the line was drawn before. A process that ended unseen takes its time with it. */
static int64_t share(struct run *run, int64_t cpu_us) {
	const int64_t now = hold_now(), since = run->drawn_at ? run->drawn_at : run->stopping.start_ns;
	const int64_t used_us = cpu_us > run->drawn_cpu_us ? cpu_us - run->drawn_cpu_us : 0;

	run->drawn_at = now;
	run->drawn_cpu_us = cpu_us;
	return now - since < second / 1000 ? 0 : used_us * 100000 / (now - since);
}

static void put_usage(struct run *run, const struct seen *seen, char *to, size_t size) {
	const int64_t kib = seen->usage.resident_kib;
	const bool is_large = kib >= 1024;

	if (seen->has_usage)
		snprintf(to, size, ", CPU %" PRId64 "%%, %" PRId64 " %s", share(run, seen->usage.cpu_us),
			 is_large ? kib / 1024 : kib, is_large ? "MiB" : "KiB");
}

/* On a narrow terminal only the parts that fit: a line that wraps could not be erased. */
static void fit(char *line) {
	struct hold_winsize size;
	char *comma;

	if (!terminal_size(STDERR_FILENO, &size))
		return;
	while (strlen(line) >= size.columns && (comma = strrchr(line, ',')))
		*comma = 0;
	if (strlen(line) >= size.columns)
		line[size.columns - 1] = 0;
}

static void draw(struct run *run) {
	const int64_t elapsed = (hold_now() - run->stopping.start_ns) / second * second;
	char of[DURATION_TEXT_SIZE + 4] = "", text[DURATION_TEXT_SIZE], limit[DURATION_TEXT_SIZE], line[200];
	struct seen seen = { 0 };
	int length;

	hold_tree_list(run->hold, see, &seen);
	if (run->line->time_limit_ns)
		snprintf(of, sizeof of, " of %s", duration_text(run->line->time_limit_ns, limit));
	length = snprintf(line, sizeof line, "hold: %s%s, %d process%s", duration_text(elapsed, text), of,
			  seen.processes, seen.processes == 1 ? "" : "es");
	put_usage(run, &seen, line + length, sizeof line - (size_t)length);
	fit(line);
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
