/* SPDX-License-Identifier: ISC */
/* Parsed by hand, since strtoll takes white space and signs that no number here has. */
#include "parse-number.h"

#include <limits.h>

/* Parses a text of digits as a negative number: there is one more of these than of positive ones. */
static enum parsed parse_negative(const char *text, int64_t *ret) {
	bool overflows = false;

	if (!*text)
		return PARSED_NOTHING;
	for (*ret = 0; *text; text++) {
		if (*text < '0' || *text > '9')
			return PARSED_NOTHING;
		overflows = overflows || __builtin_mul_overflow(*ret, 10, ret) ||
			    __builtin_sub_overflow(*ret, *text - '0', ret);
	}
	return overflows ? PARSED_TOO_LARGE : PARSED_NUMBER;
}

bool parse_number_clamped(const char *text, int64_t *ret) {
	const bool is_negative = *text == '-';
	enum parsed parsed = parse_negative(text + (is_negative || *text == '+'), ret);

	if (parsed == PARSED_TOO_LARGE)
		*ret = INT64_MIN;
	if (!is_negative && __builtin_sub_overflow(0, *ret, ret))
		*ret = INT64_MAX;
	return parsed != PARSED_NOTHING;
}

enum parsed parse_pid(const char *text, int64_t *ret) {
	enum parsed parsed = *text == '+' || !parse_number_clamped(text, ret) ? PARSED_NOTHING : PARSED_NUMBER;

	return parsed == PARSED_NUMBER && (*ret > INT_MAX || *ret < -INT_MAX) ? PARSED_TOO_LARGE : parsed;
}

bool parse_number(const char *text, int64_t least, int64_t most, int64_t *ret) {
	const bool is_negative = *text == '-';

	if (parse_negative(text + (is_negative || *text == '+'), ret) != PARSED_NUMBER)
		return false;
	if (!is_negative && __builtin_sub_overflow(0, *ret, ret))
		return false;
	return *ret >= least && *ret <= most;
}
