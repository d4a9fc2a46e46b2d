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

/* The byte after ESC: what kind of sequence it begins, or that it is the whole of one. */
static enum plain_state after_escape(unsigned char byte) {
	switch (byte) {
	case '[':
		return PLAIN_CONTROL;
	case ']':
	case 'P':
	case 'X':
	case '^':
	case '_':
		return PLAIN_STRING;
	case 27:
		return PLAIN_ESCAPE;
	default:
		return byte >= 0x20 && byte <= 0x2f ? PLAIN_CHARSET : PLAIN_TEXT;
	}
}

/* Within a sequence: the state after this byte. A newline ends what was cut. */
static enum plain_state next_state(enum plain_state state, unsigned char byte) {
	switch (state) {
	case PLAIN_ESCAPE:
		return after_escape(byte);
	case PLAIN_CONTROL:
		return byte >= 0x40 && byte <= 0x7e ? PLAIN_TEXT : byte == 27 ? PLAIN_ESCAPE : PLAIN_CONTROL;
	case PLAIN_CHARSET:
		return byte >= 0x20 && byte <= 0x2f ? PLAIN_CHARSET : PLAIN_TEXT;
	case PLAIN_STRING:
		return byte == 7 ? PLAIN_TEXT : byte == 27 ? PLAIN_STRING_ESCAPE : PLAIN_STRING;
	default:
		return byte == '\\' ? PLAIN_TEXT : after_escape(byte);
	}
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
	case 27:
		plain->state = PLAIN_ESCAPE;
		return true;
	case 0xc2:
		return plain->has_c2 = true;
	default:
		return (byte < 0x20 && byte != '\t') || byte == 0x7f || put(plain, (char)byte);
	}
}

bool plain_text_add(struct plain_text *plain, const char *bytes, size_t size) {
	for (size_t i = 0; i < size; i++) {
		const unsigned char byte = (unsigned char)bytes[i];

		if (plain->state != PLAIN_TEXT && byte == '\n')
			plain->state = PLAIN_TEXT;
		if (plain->state != PLAIN_TEXT)
			plain->state = next_state(plain->state, byte);
		else if (!take_text(plain, byte))
			return false;
	}
	return true;
}
