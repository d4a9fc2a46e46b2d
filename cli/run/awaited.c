/* SPDX-License-Identifier: ISC */
#include "awaited.h"

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
