/* SPDX-License-Identifier: ISC */
#include "report-fields.h"
#include "../common/utf8.h"

#include <stddef.h>
#include <string.h>

const char *const report_outcome_names[REPORT_OUTCOMES] = { "exited", "signalled", "unknown", "runs", "not_started" };

/* A place in the text. NULL from the first mistake on. */
typedef const char *place;

static place skip_space(place at) {
	while (at && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
		at++;
	return at;
}

static place take_character(place at, char character) {
	at = skip_space(at);
	return at && *at == character ? at + 1 : NULL;
}

static place skip_string(place at) {
	at = take_character(at, '"');
	while (at && *at != '"') {
		at += strcspn(at, "\"\\");
		if (*at == '\\' && at[1])
			at += 2;
		else if (*at != '"')
			at = NULL;
	}
	return at ? at + 1 : NULL;
}

/* A value of any kind. Of a list or an object only the brackets are counted: hold has written what is in them. */
static place skip_value(place at) {
	int depth = 0;

	do {
		at = skip_space(at);
		if (at && *at == '"') {
			at = skip_string(at);
		} else if (at && (*at == '[' || *at == '{')) {
			depth++;
			at++;
		} else if (at && depth > 0 && (*at == ']' || *at == '}')) {
			depth--;
			at++;
		} else if (at && depth > 0 && (*at == ',' || *at == ':')) {
			at++;
		} else if (at) {
			const size_t length = strcspn(at, ",:]}[{\" \t\r\n");

			at = length ? at + length : NULL;
		}
	} while (at && depth > 0);
	return at;
}

static int hex(const char *at) {
	int number = 0;

	for (int i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdef0123456789ABCDEF";
		const char *digit = at[i] ? strchr(digits, at[i]) : NULL;

		if (!digit)
			return -1;
		number = number * 16 + (int)(digit - digits) % 16;
	}
	return number;
}

/* The end of a text of FIELD_TEXT_SIZE, to which characters are added while there is room. */
struct text {
	char *start;
	size_t length;
};

static void add(struct text *to, char byte) {
	if (to->length < FIELD_TEXT_SIZE - 1)
		to->start[to->length++] = byte;
	to->start[to->length] = 0;
}

/* As json.c writes it: a control character, or a byte that is not UTF-8. Another character becomes a question mark. */
static place take_escape(place at, struct text *to) {
	static const char escaped[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *found = strchr(escaped, *at);
	const int code = *at == 'u' ? hex(at + 1) : -1;

	if (*at && found)
		add(to, meant[found - escaped]);
	else if (code > 0 && code < 0x80)
		add(to, (char)code);
	else if (code >= 0xdc80 && code <= 0xdcff)
		add(to, (char)(code - 0xdc00));
	else if (code >= 0)
		add(to, '?');
	else
		return NULL;
	return at + (*at == 'u' ? 5 : 1);
}

static place take_string(place at, struct text *to) {
	at = take_character(at, '"');
	while (at && *at != '"') {
		if (*at == '\\')
			at = take_escape(at + 1, to);
		else if (*at)
			add(to, *at++);
		else
			at = NULL;
	}
	return at ? at + 1 : NULL;
}

static place take_text(place at, char text[FIELD_TEXT_SIZE]) {
	struct text to = { text, 0 };

	text[0] = 0;
	at = take_string(at, &to);
	utf8_trim(text, FIELD_TEXT_SIZE);
	return at;
}

static place take_command(place at, char text[FIELD_TEXT_SIZE]) {
	struct text to = { text, 0 };

	text[0] = 0;
	at = take_character(at, '[');
	while (at && *(at = skip_space(at)) != ']') {
		if (to.length)
			add(&to, ' ');
		at = take_string(at, &to);
		at = skip_space(at);
		if (at && *at == ',')
			at++;
		else if (at && *at != ']')
			at = NULL;
	}
	utf8_trim(text, FIELD_TEXT_SIZE);
	return at ? at + 1 : NULL;
}

static place take_bool(place at, bool *ret) {
	at = skip_space(at);
	*ret = at && strncmp(at, "true", 4) == 0;
	return skip_value(at);
}

/* A list that has something in it. */
static place take_list(place at, bool *ret) {
	const char *inside = take_character(at, '[');

	if (inside && *skip_space(inside) != ']')
		*ret = true;
	return inside ? skip_value(at) : NULL;
}

/* A number that is not negative, in units of 10^-digits. Further digits are left out. */
static place take_decimal(place at, int digits, int64_t *ret) {
	int64_t number = 0;
	bool has_point = false;

	at = skip_space(at);
	if (!at || *at < '0' || *at > '9')
		return NULL;
	for (; (*at >= '0' && *at <= '9') || (*at == '.' && !has_point); at++) {
		if (*at == '.')
			has_point = true;
		else if ((!has_point || digits-- > 0) && (__builtin_mul_overflow(number, 10, &number) ||
							  __builtin_add_overflow(number, *at - '0', &number)))
			return NULL;
	}
	for (; digits > 0; digits--) {
		if (__builtin_mul_overflow(number, 10, &number))
			return NULL;
	}
	*ret = number;
	return at;
}

static place take_count(place at, int most, int *ret) {
	int64_t number = 0;

	at = take_decimal(at, 0, &number);
	*ret = (int)number;
	return number <= most ? at : NULL;
}

static place take_outcome(place at, enum report_outcome *ret) {
	char word[FIELD_TEXT_SIZE];

	at = take_text(at, word);
	for (int i = 0; at && i < REPORT_OUTCOMES; i++) {
		if (strcmp(word, report_outcome_names[i]) == 0) {
			*ret = (enum report_outcome)i;
			return at;
		}
	}
	return NULL;
}

/* What has been seen of a report that it must have. */
struct seen {
	bool outcome;
	int version;
};

static bool is_key(const char *key, size_t length, const char *name) {
	return strlen(name) == length && memcmp(key, name, length) == 0;
}

static place take_usage(place at, const char *key, size_t length, struct report_fields *to) {
	const struct {
		const char *name;
		int64_t *value;
		int digits;
	} numbers[] = {
		{ "wall_seconds", &to->wall_us, 6 },
		{ "user_seconds", &to->user_us, 6 },
		{ "system_seconds", &to->system_us, 6 },
		{ "max_rss_kib", &to->max_rss_kib, 0 },
		{ "tree_memory_peak_kib", &to->tree_memory_kib, 0 },
	};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		if (is_key(key, length, numbers[i].name))
			return take_decimal(at, numbers[i].digits, numbers[i].value);
	}
	return skip_value(at);
}

static place take_field(place at, const char *key, size_t length, struct report_fields *to, struct seen *seen) {
	int64_t unnamed = 0;

	if (is_key(key, length, "version"))
		return take_count(at, 1000, &seen->version);
	if (is_key(key, length, "outcome")) {
		seen->outcome = true;
		return take_outcome(at, &to->outcome);
	}
	if (is_key(key, length, "command"))
		return take_command(at, to->command);
	if (is_key(key, length, "name"))
		return take_text(at, to->name);
	if (is_key(key, length, "host"))
		return take_text(at, to->host);
	if (is_key(key, length, "exit_status") || is_key(key, length, "signum"))
		return take_count(at, 255, &to->code);
	if (is_key(key, length, "timed_out"))
		return take_bool(at, &to->timed_out);
	if (is_key(key, length, "orphans"))
		return take_list(at, &to->has_orphans);
	if (is_key(key, length, "survivors"))
		return take_list(at, &to->has_survivors);
	if (is_key(key, length, "survivors_unnamed")) {
		at = take_decimal(at, 0, &unnamed);
		to->has_survivors |= unnamed > 0;
		return at;
	}
	return take_usage(at, key, length, to);
}

const char *report_fields_read(const char *text, struct report_fields *ret) {
	struct seen seen = { false, 0 };
	place at = take_character(text, '{');

	*ret = (struct report_fields){
		.wall_us = -1, .user_us = -1, .system_us = -1, .max_rss_kib = -1, .tree_memory_kib = -1
	};
	while (at && *(at = skip_space(at)) != '}') {
		const char *key = at, *end = skip_string(at);

		at = take_character(end, ':');
		if (at)
			at = take_field(at, key + 1, (size_t)(end - key) - 2, ret, &seen);
		at = skip_space(at);
		if (at && *at == ',')
			at++;
		else if (at && *at != '}')
			at = NULL;
	}
	if (!at || *skip_space(at + 1))
		return "not a JSON object as hold run writes it";
	if (seen.version != 1)
		return "not version 1 of a report";
	return seen.outcome ? NULL : "a report without an outcome";
}
