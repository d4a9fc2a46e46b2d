/* SPDX-License-Identifier: ISC */
#include "json.h"
#include "utf8.h"
#include "write-all.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(struct json *json, const char *text, size_t length) {
	if (json->length + length > json->room) {
		size_t room = (json->length + length) * 2;
		char *grown = realloc(json->text, room);

		if (!grown) {
			json->failed = true;
			return;
		}
		json->text = grown;
		json->room = room;
	}
	memcpy(json->text + json->length, text, length);
	json->length += length;
}

static void put_text(struct json *json, const char *text) {
	put(json, text, strlen(text));
}

static void put_string(struct json *json, const char *string) {
	char escape[8];
	size_t length;

	put_text(json, "\"");
	for (; *string; string += length ? length : 1) {
		length = utf8_length(string);
		if (length == 0) {
			snprintf(escape, sizeof escape, "\\udc%02x", (unsigned char)*string);
			put_text(json, escape);
		} else if (*string == '"' || *string == '\\') {
			put_text(json, "\\");
			put(json, string, 1);
		} else if ((unsigned char)*string < 0x20 || *string == 0x7f) {
			snprintf(escape, sizeof escape, "\\u%04x", (unsigned char)*string);
			put_text(json, escape);
		} else {
			put(json, string, length);
		}
	}
	put_text(json, "\"");
}

static void put_key(struct json *json, const char *key) {
	if (json->needs_comma)
		put_text(json, ",");
	json->needs_comma = true;
	if (key) {
		put_string(json, key);
		put_text(json, ":");
	}
}

void json_open(struct json *json, const char *key, char bracket) {
	put_key(json, key);
	put(json, &bracket, 1);
	json->needs_comma = false;
}

void json_close(struct json *json, char bracket) {
	put(json, &bracket, 1);
	json->needs_comma = true;
}

void json_string(struct json *json, const char *key, const char *string) {
	put_key(json, key);
	put_string(json, string);
}

void json_number(struct json *json, const char *key, int64_t number) {
	char text[32];

	snprintf(text, sizeof text, "%" PRId64, number);
	put_key(json, key);
	put_text(json, text);
}

void json_seconds(struct json *json, const char *key, int64_t microseconds) {
	char text[40];
	const uint64_t size = microseconds < 0 ? 0 - (uint64_t)microseconds : (uint64_t)microseconds;

	snprintf(text, sizeof text, "%s%" PRIu64 ".%06" PRIu64, microseconds < 0 ? "-" : "", size / 1000000,
		 size % 1000000);
	put_key(json, key);
	put_text(json, text);
}

void json_bool(struct json *json, const char *key, bool value) {
	put_key(json, key);
	put_text(json, value ? "true" : "false");
}

static bool end_line(struct json *json) {
	put_text(json, "\n");
	errno = ENOMEM;
	return !json->failed;
}

bool json_write(struct json *json, int fd) {
	return end_line(json) && write_all(fd, json->text, json->length);
}

bool json_write_until(struct json *json, int fd, int64_t deadline) {
	return end_line(json) && write_until(fd, json->text, json->length, deadline);
}

void json_free(struct json *json) {
	free(json->text);
	*json = (struct json){ 0 };
}
