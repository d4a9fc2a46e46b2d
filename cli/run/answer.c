/* SPDX-License-Identifier: ISC */
#include "answer.h"
#include "../common/message.h"
#include "../common/parse-number.h"

#include <pidhold.h>

#include <limits.h>
#include <string.h>

static bool refuse(const char *value, const char *what) {
	say("run: --answer '%s': %s", value, what);
	return false;
}

/* The text is followed by the key Enter, unless \c ends it. */
static bool expand(struct answer *answer, char *text) {
	static const char names[] = "\\entr", bytes[] = "\\\033\n\t\r";
	char *to = text;

	answer->text = text;
	for (const char *from = text; *from; from++) {
		const char *name = *from == '\\' && from[1] ? strchr(names, from[1]) : NULL;

		if (*from != '\\') {
			*to++ = *from;
		} else if (from[1] == 'c' && !from[2]) {
			answer->length = (size_t)(to - text);
			return true;
		} else if (name) {
			*to++ = bytes[name - names];
			from++;
		} else {
			hint("\\n, \\r, \\t, \\e and \\\\ are characters, and \\c at the end leaves Enter out");
			return false;
		}
	}
	*to++ = '\r'; /* in the place of the NUL */
	answer->length = (size_t)(to - text);
	return true;
}

bool answer_take(struct answer *ret, const char *question, char *text) {
	const struct hold_pattern pattern = { .kind = HOLD_PATTERN_REGEX, .bytes = question };
	size_t at = 0;
	const char *why = hold_pattern_refusal(&pattern, &at);

	*ret = (struct answer){ .question = question, .most = -1 };
	if (why) {
		say("run: --answer '%s': %s (byte %zu)", question, why, at);
		return false;
	}
	return expand(ret, text) || refuse(text, "a backslash before a character that has no meaning with it");
}

bool answer_take_times(struct answer *answer, const char *value) {
	if (!answer) {
		say("run: --answer-times is about the --answer before it, and there is none");
		return false;
	}
	if (parse_number(value, 1, INT_MAX, &answer->most))
		return true;
	say("run: --answer-times '%s': not a number from 1 on", value);
	return false;
}
