/* SPDX-License-Identifier: ISC */
/*
 * Documents that the input directs: what is written must be one JSON value by a strict reader, and its strings, read
 * back, must be those that were put in, byte by byte.
 */
#include "fuzz.h"

#include "../../cli/common/json.h"

#include <stdbool.h>

enum { DEPTH = 16 };

/* Strings one after the other, each with its NUL. */
struct strings {
	char *bytes;
	size_t size;
};

static void add(struct strings *strings, const char *bytes, size_t size) {
	strings->bytes = realloc(strings->bytes, strings->size + size + 1);
	MUST(strings->bytes);
	memcpy(strings->bytes + strings->size, bytes, size);
	strings->size += size;
}

/* ---- the reader ---- */

static const char *at, *end;

static bool take(char wanted) {
	if (at == end || *at != wanted)
		return false;
	at++;
	return true;
}

static unsigned hex(void) {
	unsigned value = 0;

	for (int i = 0; i < 4; i++, at++) {
		MUST(at < end && strchr("0123456789abcdefABCDEF", *at) && *at);
		value = value << 4 | (unsigned)(*at <= '9' ? *at - '0' : (*at | 32) - 'a' + 10);
	}
	return value;
}

/* A lone surrogate from U+DC80 on stands for a byte that is not UTF-8. */
static void read_escape(struct strings *read) {
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *letter;
	unsigned value;
	char byte;

	MUST(at < end);
	if (*at != 'u') {
		letter = strchr(letters, *at);
		MUST(*at && letter);
		at++;
		add(read, &meant[letter - letters], 1);
		return;
	}
	at++;
	value = hex();
	MUST(value < 0x80 || (value >= 0xdc80 && value <= 0xdcff)); /* the writer has no others */
	byte = (char)value;
	add(read, &byte, 1);
}

/* Bytes from 128 on are UTF-8, which each string is checked for by itself. */
static void must_be_utf8(const char *text, size_t size) {
	for (size_t i = 0; i < size;) {
		const unsigned char c = (unsigned char)text[i++];
		size_t more = c < 0x80 ? 0 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
		uint32_t value = c < 0x80 ? c : c & (0x3fu >> more);

		MUST(c < 0x80 || (c >= 0xc2 && c <= 0xf4));
		for (size_t left = more; left; left--, i++) {
			MUST(i < size && ((unsigned char)text[i] & 0xc0) == 0x80);
			value = value << 6 | ((unsigned char)text[i] & 0x3f);
		}
		MUST(more < 2 || value >= (more == 2 ? 0x800u : 0x10000u));
		MUST(value <= 0x10ffff && (value < 0xd800 || value > 0xdfff));
	}
}

static void read_string(struct strings *read) {
	const char *start;

	MUST(take('"'));
	start = at;
	while (!take('"')) {
		MUST(at < end && (unsigned char)*at >= 0x20);
		if (take('\\'))
			read_escape(read);
		else
			add(read, at++, 1);
	}
	must_be_utf8(start, (size_t)(at - start));
	add(read, "", 1);
}

static void read_digits(void) {
	MUST(at < end && *at >= '0' && *at <= '9');
	while (at < end && *at >= '0' && *at <= '9')
		at++;
}

static void read_number(void) {
	take('-');
	if (!take('0'))
		read_digits();
	if (take('.'))
		read_digits();
}

static void read_value(struct strings *read, int depth) {
	const bool is_object = at < end && *at == '{';

	MUST(at < end && depth <= DEPTH + 1);
	if (*at == '"') {
		read_string(read);
	} else if (end - at >= 4 && memcmp(at, "true", 4) == 0) {
		at += 4;
	} else if (end - at >= 5 && memcmp(at, "false", 5) == 0) {
		at += 5;
	} else if (take('{') || take('[')) {
		if (take(is_object ? '}' : ']'))
			return;
		do {
			if (is_object) {
				read_string(read);
				MUST(take(':'));
			}
			read_value(read, depth + 1);
		} while (take(','));
		MUST(take(is_object ? '}' : ']'));
	} else {
		read_number();
	}
}

/* ---- the writer ---- */

struct script {
	const uint8_t *bytes;
	size_t size;
	struct strings put;
};

static uint8_t next(struct script *script) {
	if (!script->size)
		return 0;
	script->size--;
	return *script->bytes++;
}

/* To be freed. */
static char *next_string(struct script *script) {
	size_t length = next(script);
	char *text;

	length = length < script->size ? length : script->size;
	text = fuzz_text(script->bytes, length);
	script->bytes += length;
	script->size -= length;
	add(&script->put, text, strlen(text) + 1);
	return text;
}

static int64_t next_number(struct script *script) {
	uint64_t number = 0;

	for (int i = 0; i < 8; i++)
		number = number << 8 | next(script);
	return (int64_t)number;
}

/* A value, by what the next byte says; false: the brackets end here. */
static bool put_value(struct json *json, struct script *script, char *brackets, int *depth) {
	const uint8_t what = next(script) % 8;
	const bool has_key = brackets[*depth] == '}' && what != 0;
	char *key = has_key ? next_string(script) : NULL, *text;

	switch (what) {
	case 0:
		free(key);
		return false;
	case 1:
	case 2:
		if (*depth < DEPTH) {
			json_open(json, key, what == 1 ? '{' : '[');
			brackets[++*depth] = what == 1 ? '}' : ']';
			break;
		}
		/* fallthrough */
	case 3:
		json_bool(json, key, what == 3);
		break;
	case 4:
		json_number(json, key, next_number(script));
		break;
	case 5:
		json_seconds(json, key, next_number(script));
		break;
	default:
		text = next_string(script);
		json_string(json, key, text);
		free(text);
	}
	free(key);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct script script = { .bytes = bytes, .size = size };
	struct strings read = { .size = 0 };
	struct json json = { 0 };
	char brackets[DEPTH + 1] = { 0, '}' };
	int depth = 1;

	json_open(&json, NULL, '{');
	while (depth > 0) {
		if (!put_value(&json, &script, brackets, &depth))
			json_close(&json, brackets[depth--]);
	}
	at = json.text;
	end = json.text + json.length;
	read_value(&read, 0);
	MUST(at == end && !json.failed);
	MUST(read.size == script.put.size && (!read.size || memcmp(read.bytes, script.put.bytes, read.size) == 0));
	json_free(&json);
	free(read.bytes);
	free(script.put.bytes);
	return 0;
}
