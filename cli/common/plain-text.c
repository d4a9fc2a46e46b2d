/* SPDX-License-Identifier: ISC */
#include "plain-text.h"

bool plain_text_end(struct plain_text *plain) {
	const size_t length = plain->length;

	plain->length = 0;
	plain->is_overwritten = false;
	return length == 0 || plain->write(plain->line, length);
}

static bool put(struct plain_text *plain, char byte) {
	if (plain->is_overwritten)
		plain->length = 0;
	plain->is_overwritten = false;
	if (plain->length == sizeof plain->line && !plain_text_end(plain))
		return false;
	plain->line[plain->length++] = byte;
	return true;
}

/* A newline after a carriage return ends the line as it is. */
static bool end_line(struct plain_text *plain) {
	plain->is_overwritten = false;
	return put(plain, '\n') && plain_text_end(plain);
}

/* Takes back a whole character of UTF-8. */
static void take_back(struct plain_text *plain) {
	while (plain->length > 0 && ((unsigned char)plain->line[--plain->length] & 0xc0) == 0x80)
		;
}

static bool take_text(struct plain_text *plain, unsigned char byte) {
	const bool follows_c2 = plain->has_c2;

	plain->has_c2 = false;
	if (follows_c2 && byte >= 0x80 && byte <= 0x9f)
		return true;
	if (follows_c2 && !put(plain, (char)0xc2))
		return false;
	switch (byte) {
	case '\n':
		return end_line(plain);
	case '\r':
		return plain->is_overwritten = true;
	case '\b':
		take_back(plain);
		return true;
	case 0xc2:
		return plain->has_c2 = true;
	default:
		return (byte < 0x20 && byte != '\t') || byte == 0x7f || put(plain, (char)byte);
	}
}

/* A newline ends a sequence that was cut. */
bool plain_text_add(struct plain_text *plain, const char *bytes, size_t size) {
	for (size_t i = 0; i < size; i++) {
		const unsigned char byte = (unsigned char)bytes[i];
		const bool was_text = plain->place == ESCAPE_TEXT;

		plain->place = byte == '\n' ? ESCAPE_TEXT : escape_next(plain->place, byte);
		if (plain->place == ESCAPE_TEXT && (was_text || byte == '\n') && !take_text(plain, byte))
			return false;
	}
	return true;
}
