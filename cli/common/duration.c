/* SPDX-License-Identifier: ISC */
/* Parsed by hand, since strtod takes the locale's decimal point, and rounds. */
#include "duration.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	int64_t ns;
} units[] = {
	{ "us", 1000 },
	{ "ms", 1000000 },
	{ "s", 1000000000 },
	{ "min", INT64_C(60) * 1000000000 },
	{ "m", INT64_C(60) * 1000000000 },
	{ "h", INT64_C(3600) * 1000000000 },
	{ "d", INT64_C(86400) * 1000000000 },
};

enum { UNITS = sizeof units / sizeof *units };

static const char *skip_spaces(const char *text) {
	return text + strspn(text, " ");
}

/* The unit that the text begins with. Returns its length; 0: none. The longest wins: "min" before "m". */
static size_t unit_of(const char *text, int64_t *ret_ns) {
	size_t best = 0;

	for (int i = 0; i < UNITS; i++) {
		size_t length = strlen(units[i].name);

		if (length > best && strncmp(text, units[i].name, length) == 0) {
			best = length;
			*ret_ns = units[i].ns;
		}
	}
	return best;
}

/* Parses the digits before the point. Returns what follows. NULL: more than 63 bits can count; errno is ERANGE. */
static const char *whole_of(const char *text, int64_t *ret) {
	for (*ret = 0; *text >= '0' && *text <= '9'; text++) {
		if (__builtin_mul_overflow(*ret, 10, ret) || __builtin_add_overflow(*ret, *text - '0', ret)) {
			errno = ERANGE;
			return NULL;
		}
	}
	return text;
}

/*
 * The part of a unit that `count` digits after the point mean, rounded up. It goes from the last digit to the first, so
 * that no product is larger than ten units; to round each step up gives the same as to round once at the end.
 */
static int64_t fraction_of(const char *digits, size_t count, int64_t unit) {
	int64_t ns = 0;

	while (count > 0)
		ns = ((digits[--count] - '0') * unit + ns + 9) / 10;
	return ns;
}

static bool add_part(int64_t *total, int64_t whole, int64_t fraction, int64_t unit) {
	return !__builtin_mul_overflow(whole, unit, &whole) && !__builtin_add_overflow(*total, whole, total) &&
	       !__builtin_add_overflow(*total, fraction, total);
}

/* Adds a number with its unit to the total. Returns what follows it; NULL: there is none, or errno is ERANGE. */
static const char *take_part(const char *text, int64_t *total, bool *ret_has_unit) {
	const char *digits, *start = text;
	size_t count = 0, length;
	int64_t whole, unit = 1000000000;

	text = digits = whole_of(text, &whole);
	if (!text)
		return NULL;
	if (*text == '.') {
		digits = text + 1;
		count = strspn(digits, "0123456789");
		text = digits + count;
	}
	if (digits + count == start + (*start == '.'))
		return NULL; /* no digit at all */
	text = skip_spaces(text);
	length = unit_of(text, &unit);
	*ret_has_unit = length > 0;
	if (add_part(total, whole, fraction_of(digits, count, unit), unit))
		return text + length;
	errno = ERANGE;
	return NULL;
}

bool duration_parse(const char *text, int64_t *ret_ns) {
	bool has_unit = true, is_first = true;
	int64_t total = 0;

	errno = EINVAL;
	text = skip_spaces(text);
	if (!*text)
		return false;
	for (; *text; is_first = false) {
		text = has_unit ? take_part(text, &total, &has_unit) : NULL; /* a bare number can't be followed */
		if (!text)
			return false;
		if (!has_unit && !is_first) /* 1h30 could mean 30 minutes or 30 seconds */
			return false;
		text = skip_spaces(text);
	}
	*ret_ns = total;
	return true;
}

bool duration_parse_as_timeout(const char *text, int64_t *ret_ns) {
	static const char letters[] = "smhd";
	static const long double seconds[] = { 1, 60, 3600, 86400 };
	/* The largest number below 2^63 that a long double of 53 bits can hold, where it is only a double. */
	static const long double most = 0x1p63L - 1024;
	const int saved_errno = errno;
	long double number, ns;
	const char *unit;
	bool is_tiny;
	char *end;

	errno = 0;
	number = strtold(text, &end);
	is_tiny = errno == ERANGE && number < 1; /* not 0, but too small for the type */
	errno = saved_errno;
	unit = *end ? strchr(letters, *end) : letters;
	/* !(>= 0) is true for "nan" too. */
	if (end == text || !unit || (*end && end[1]) || !(number >= 0) || (is_tiny && signbit(number)))
		return false;
	ns = number * seconds[unit - letters] * 1e9L;
	if (ns > most)
		*ret_ns = 0;
	else
		*ret_ns = ns < 1 ? number > 0 || is_tiny : (int64_t)ns + ((long double)(int64_t)ns < ns);
	return true;
}

int64_t duration_ms(int64_t ns) {
	return ns / 1000000 + (ns % 1000000 != 0);
}

char *duration_text(int64_t ns, char text[DURATION_TEXT_SIZE]) {
	const int64_t ms = duration_ms(ns), s = ms / 1000;

	if (ns < 1000000)
		snprintf(text, DURATION_TEXT_SIZE, "%" PRId64 "us", (ns + 999) / 1000);
	else if (ms < 1000)
		snprintf(text, DURATION_TEXT_SIZE, "%" PRId64 "ms", ms);
	else if (ms % 1000)
		snprintf(text, DURATION_TEXT_SIZE, "%" PRId64 ".%03" PRId64 "s", s, ms % 1000);
	else if (s % 3600 == 0)
		snprintf(text, DURATION_TEXT_SIZE, "%" PRId64 "h", s / 3600);
	else if (s % 60 == 0)
		snprintf(text, DURATION_TEXT_SIZE, "%" PRId64 "m", s / 60);
	else
		snprintf(text, DURATION_TEXT_SIZE, "%" PRId64 "s", s);
	return text;
}
