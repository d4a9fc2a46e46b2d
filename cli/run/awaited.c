/* SPDX-License-Identifier: ISC */
#include "awaited.h"
#include "events.h"

enum { PAUSE_MS = 200, PAUSE_MOST_MS = 2000 };

static bool is_watched(const struct run *run) {
	return run->events && run->relay && !run->stopping.under_way;
}

int64_t awaited_next(const struct run *run) {
	return is_watched(run) ? run->wait_looks.look_at : HOLD_FOREVER;
}

static void tell(struct run *run, int seen) {
	struct json *line = events_start_line(run->events, "waiting-for-input");

	if (!line)
		return;
	json_bool(line, "secret", seen == HOLD_AWAITS_SECRET);
	events_write_line(run->events);
	run->wait_looks.is_told = true;
}

/* Once something is printed or typed it is another wait. A terminal that is quiet for long is looked at more rarely. */
void awaited_step(struct run *run) {
	struct wait_looks *looks = &run->wait_looks;
	bool has_moved;
	uint64_t moved;
	int seen = 0;

	if (!is_watched(run) || hold_now() < looks->look_at)
		return;
	moved = run->relay->state.printed + run->relay->state.typed;
	has_moved = moved != looks->moved || looks->pause_ms == 0;
	looks->is_told &= !has_moved;
	if (!looks->is_told)
		seen = hold_terminal_awaits(run->hold);
	if (seen > 0 && seen == looks->seen && !has_moved)
		tell(run, seen);
	looks->pause_ms = has_moved || seen > 0 ? PAUSE_MS : looks->pause_ms * 2;
	looks->pause_ms = looks->pause_ms < PAUSE_MOST_MS ? looks->pause_ms : PAUSE_MOST_MS;
	looks->look_at = hold_after_ms(looks->pause_ms);
	looks->moved = moved;
	looks->seen = seen;
}

const char *awaited_note(struct run *run) {
	if (!run->line->tty)
		return "";
	run->has_looked_for_wait = true;
	run->awaited_input = hold_terminal_awaits(run->hold);
	switch (run->awaited_input) {
	case HOLD_AWAITS_LINE:
		return ": it was waiting for input";
	case HOLD_AWAITS_SECRET:
		return ": it was waiting for a password";
	default:
		return "";
	}
}

const char *awaited_word(const struct run *run) {
	if (!run->has_looked_for_wait)
		return NULL;
	switch (run->awaited_input) {
	case 0:
		return "no";
	case HOLD_AWAITS_LINE:
		return "yes";
	case HOLD_AWAITS_SECRET:
		return "password";
	default:
		return "unknown";
	}
}
