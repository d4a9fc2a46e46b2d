/* SPDX-License-Identifier: ISC */
/* By hand, since strtod reads what the locale calls a decimal point. */
#include "duration.h"

#include <inttypes.h>
#include <stdio.h>
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

/* The unit that the text begins with: its length, 0 if there is none. The longest wins: "min" before "m". */
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

/* A number with a fraction, exact to a billionth: what is before the point and billionths behind it. */
static const char *number_of(const char *text, int64_t *ret_whole, int64_t *ret_billionths) {
	int64_t scale = 100000000;
	const char *start = text;

	*ret_whole = *ret_billionths = 0;
	for (; *text >= '0' && *text <= '9'; text++) {
		if (*ret_whole > INT64_MAX / 10 - 10)
			return NULL;
		*ret_whole = *ret_whole * 10 + (*text - '0');
	}
	if (*text == '.') {
		for (text++; *text >= '0' && *text <= '9'; text++, scale /= 10)
			*ret_billionths += (*text - '0') * scale;
		if (text == start + 1)
			return NULL; /* a point alone */
	}
	return text == start ? NULL : text;
}

bool duration_parse(const char *text, int64_t *ret_ns) {
	int64_t total = 0, whole, billionths, unit, part;
	bool has_unit = true, is_first = true;
	size_t length;

	text = skip_spaces(text);
	if (!*text)
		return false;
	for (; *text; text = skip_spaces(text)) {
		text = has_unit ? number_of(text, &whole, &billionths) : NULL; /* a bare number can't be followed */
		if (!text)
			return false;
		text = skip_spaces(text);
		length = unit_of(text, &unit);
		has_unit = length > 0;
		if (!has_unit && !is_first) /* 1h30 is half past one to some, and half a minute past to others */
			return false;
		if (!has_unit)
			unit = 1000000000;
		is_first = false;
		text += length;
		if (whole > (INT64_MAX - unit) / unit)
			return false;
		part = whole * unit + billionths * (unit / 1000) / 1000000;
		if (part > INT64_MAX - total)
			return false;
		total += part;
	}
	*ret_ns = total;
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
