/* SPDX-License-Identifier: ISC */
/* How a process ended, as a text and as a shell's exit status. */
#include "structure.h"

#include <pidhold.h>

#include "base/text.h"

#include <errno.h>

enum { SHELL_SIGNALLED = 128, STATUS_MASK = 0xff };

int hold_status_text(const struct hold_status *given, char *room, size_t length) {
	char name[HOLD_SIGNAL_NAME_SIZE];
	struct hold_status status;
	struct text text;
	const int error = length && !room ? -EINVAL : structure_take(&status, sizeof status, given);

	if (error < 0)
		return error;
	text = text_begin(room, length);
	switch (status.how) {
	case HOLD_HOW_EXITED:
		text_add(&text, "exited with status ");
		text_add_number(&text, status.code);
		break;
	case HOLD_HOW_SIGNALLED:
		hold_signal_name(status.code, name, sizeof name);
		text_add(&text, "killed by ");
		text_add(&text, name);
		if (status.core_dumped == 1)
			text_add(&text, " (core dumped)");
		break;
	default:
		text_add(&text, "ended, and it is not known how");
	}
	return (int)text.length;
}

int hold_status_code(const struct hold_status *given) {
	struct hold_status status;
	const int error = structure_take(&status, sizeof status, given);

	if (error < 0)
		return error;
	if (status.how == HOLD_HOW_EXITED)
		return status.code & STATUS_MASK;
	return status.how == HOLD_HOW_SIGNALLED ? (SHELL_SIGNALLED + status.code) & STATUS_MASK : -ENODATA;
}
