/* SPDX-License-Identifier: ISC */
#include "ladder.h"
#include "duration.h"
#include "message.h"
#include "signal-name.h"

#include <errno.h>
#include <string.h>

static bool wrong(const char *verb, const char *option, const char *text, const char *what) {
	say("%s: %s '%s': %s", verb, option, text, what);
	return false;
}

bool option_duration(const char *verb, const char *option, const char *text, int64_t *ret_ns) {
	if (duration_parse(text, ret_ns))
		return true;
	if (errno == ERANGE) {
		wrong(verb, option, text, "too long");
		hint("the longest is 106751d, some 292 years");
		return false;
	}
	wrong(verb, option, text, "not a duration");
	hint("500ms, 1.5s, 2m, 1h30m; a bare number is seconds");
	return false;
}

bool option_signal(const char *verb, const char *option, const char *text, int *ret) {
	const char *near;

	*ret = signal_number(text);
	if (*ret > 0)
		return true;
	wrong(verb, option, text, "no such signal");
	near = signal_suggest(text);
	if (near)
		hint("did you mean %s?", near);
	return false;
}

bool ladder_parse(const char *verb, const char *text, struct hold_rung *ret, size_t *ret_count) {
	char part[64];
	size_t length, count = 0;
	int64_t ns;
	int signal;

	/* A number at the beginning or after a time is a signal; after a signal it is that signal's time. */
	for (bool is_wait = false;; text += length + 1) {
		length = strcspn(text, ",");
		if (length >= sizeof part)
			return wrong(verb, "--ladder", text, "a step is too long");
		memcpy(part, text, length);
		part[length] = 0;
		if (is_wait && ((part[0] >= '0' && part[0] <= '9') || part[0] == '.')) {
			if (!option_duration(verb, "--ladder", part, &ns))
				return false;
			ret[count - 1].wait_ms = duration_ms(ns);
			is_wait = false;
		} else {
			if (count == HOLD_LADDER_MAX)
				return wrong(verb, "--ladder", text, "too many steps");
			if (!option_signal(verb, "--ladder", part, &signal))
				return false;
			ret[count++] = (struct hold_rung){ .signal = signal };
			is_wait = true;
		}
		if (!text[length])
			break;
	}
	*ret_count = count;
	return true;
}
