/* SPDX-License-Identifier: ISC */
#include "os/os.h"

#include <pidhold.h>

#include "base/text.h"

#include <errno.h>

int hold_signal_name(int signal, char *room, size_t length) {
	const char *name = os_signal_name(signal);
	const int offset = os_real_time_offset(signal);
	struct text text;

	if (length && !room)
		return -EINVAL;
	text = text_begin(room, length);
	if (name) {
		text_add(&text, name);
	} else if (offset >= 0) {
		text_add(&text, "SIGRTMIN+");
		text_add_number(&text, offset);
	} else {
		text_add(&text, "signal ");
		text_add_number(&text, signal);
	}
	return (int)text.length;
}
