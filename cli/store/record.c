/* SPDX-License-Identifier: ISC */
#include "record.h"
#include "../common/parse-number.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char title[] = "pidhold-run ";

static const struct field {
	const char *key;
	bool is_text;
	size_t offset;
} fields[] = {
#define TEXT(name) \
	{ #name, true, offsetof(struct record, name) }
#define NUMBER(name) \
	{ #name, false, offsetof(struct record, name) }
	TEXT(name),          TEXT(runner),        TEXT(reference),  TEXT(boot),           TEXT(directory),
	TEXT(log_error),     TEXT(socket),        NUMBER(phase),    NUMBER(pid),          NUMBER(how),
	NUMBER(started_us),  NUMBER(ended_us),    NUMBER(keep_s),   NUMBER(stop_ms),      NUMBER(code),
	NUMBER(on_terminal), NUMBER(core_dumped), NUMBER(status),   NUMBER(orphans),      NUMBER(log_bytes),
	NUMBER(timed_out),   NUMBER(survivors),   NUMBER(log_lost), NUMBER(log_left_out), NUMBER(ready_us),
#undef TEXT
#undef NUMBER
};

enum { FIELDS = sizeof fields / sizeof *fields };

static char **text_of(struct record *record, const struct field *field) {
	return (char **)(void *)((char *)record + field->offset);
}

static int64_t *number_of(struct record *record, const struct field *field) {
	return (int64_t *)(void *)((char *)record + field->offset);
}

bool record_set(char **place, const char *text) {
	char *copy = strdup(text);

	if (!copy)
		return false;
	free(*place);
	*place = copy;
	return true;
}

static size_t count_words(const struct record *record) {
	size_t count = 0;

	while (record->command && record->command[count])
		count++;
	return count;
}

bool record_add_word(struct record *record, const char *word) {
	const size_t count = count_words(record);
	char **grown = realloc(record->command, (count + 2) * sizeof *grown);

	if (!grown)
		return false;
	record->command = grown;
	grown[count] = strdup(word);
	grown[count + 1] = NULL;
	return grown[count] != NULL;
}

/* ---- to text ---- */

static void put_text(FILE *out, const char *key, const char *text) {
	fprintf(out, "%s ", key);
	for (; *text; text++) {
		if (*text < ' ' || *text > '~' || *text == '%')
			fprintf(out, "%%%02x", (unsigned char)*text);
		else
			fputc(*text, out);
	}
	fputc('\n', out);
}

static void put_all(FILE *out, struct record *record) {
	fprintf(out, "%s1\n", title);
	for (int i = 0; i < FIELDS; i++) {
		if (fields[i].is_text && *text_of(record, &fields[i]))
			put_text(out, fields[i].key, *text_of(record, &fields[i]));
		else if (!fields[i].is_text && *number_of(record, &fields[i]))
			fprintf(out, "%s %" PRId64 "\n", fields[i].key, *number_of(record, &fields[i]));
	}
	for (char **word = record->command; word && *word; word++)
		put_text(out, "word", *word);
	fputs("end\n", out);
}

char *record_encode(const struct record *record, size_t *ret_size) {
	struct record copy = *record;
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_size);

	if (!out)
		return NULL;
	put_all(out, &copy);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* ---- from text ---- */

static int hex(char c) {
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place. A zero byte cannot be part of a text. */
static bool restore(char *text) {
	char *to = text;

	for (; *text; text++) {
		int byte = (unsigned char)*text;

		if (byte == '%') {
			const int high = hex(text[1]), low = high < 0 ? -1 : hex(text[2]);

			byte = low < 0 ? 0 : high * 16 + low;
			text += 2;
		}
		if (byte == 0)
			return false;
		*to++ = (char)byte;
	}
	*to = 0;
	return true;
}

static bool take_field(struct record *record, const struct field *field, const char *value) {
	if (field->is_text)
		return record_set(text_of(record, field), value);
	errno = EINVAL;
	return parse_number(value, INT64_MIN, INT64_MAX, number_of(record, field));
}

static bool take_line(struct record *record, char *line) {
	char *value = strchr(line, ' ');

	errno = EINVAL;
	if (!value)
		return false;
	*value++ = 0;
	if (!restore(value))
		return false;
	if (strcmp(line, "word") == 0)
		return record_add_word(record, value);
	for (int i = 0; i < FIELDS; i++) {
		if (strcmp(line, fields[i].key) == 0)
			return take_field(record, &fields[i], value);
	}
	return true;
}

static bool take_lines(struct record *record, char *text) {
	char *next;

	for (; (next = strchr(text, '\n')); text = next + 1) {
		*next = 0;
		if (strcmp(text, "end") == 0)
			return true;
		if (!take_line(record, text))
			return false;
	}
	errno = EINVAL;
	return false;
}

/* Whether it has what every record has. */
static bool is_whole(const struct record *record) {
	errno = EINVAL;
	return record->name && record->runner && record->boot && record->command && record->phase >= RUN_STARTING &&
	       record->phase <= RUN_ENDED;
}

bool record_decode(struct record *ret, const char *text, size_t size) {
	const size_t length = sizeof title - 1;
	char *copy;
	bool decoded;

	*ret = (struct record){ 0 };
	errno = EINVAL;
	if (size < length + 2 || memcmp(text, title, length) != 0 || memchr(text, 0, size))
		return false;
	errno = EPROTO;
	if (memcmp(text + length, "1\n", 2) != 0)
		return false;
	copy = strndup(text + length + 2, size - length - 2);
	decoded = copy && take_lines(ret, copy) && is_whole(ret);
	free(copy);
	return decoded;
}

void record_free(struct record *record) {
	for (int i = 0; i < FIELDS; i++) {
		if (fields[i].is_text)
			free(*text_of(record, &fields[i]));
	}
	for (char **word = record->command; word && *word; word++)
		free(*word);
	free(record->command);
	*record = (struct record){ 0 };
}
