/* SPDX-License-Identifier: ISC */
/* JSON, written to a growing text. Keys and strings are any bytes: a byte that is not UTF-8 becomes a lone surrogate,
 * \udc80 to \udcff, from which it can be restored (as Python's surrogateescape does). */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json {
	char *text; /* NULL until something was written; json_free */
	size_t length, room;
	bool needs_comma, failed;
};

void json_open(struct json *json, const char *key, char bracket); /* key NULL: none */
void json_close(struct json *json, char bracket);
void json_string(struct json *json, const char *key, const char *string);
void json_number(struct json *json, const char *key, int64_t number);
void json_seconds(struct json *json, const char *key, int64_t microseconds);
void json_bool(struct json *json, const char *key, bool value);

/* The text and a newline, as a whole, to the descriptor. false: errno says why. */
bool json_write(struct json *json, int fd);

/* The same up to a deadline: errno is ETIMEDOUT if it was not read until then. */
bool json_write_until(struct json *json, int fd, int64_t deadline);
void json_free(struct json *json);

#endif
