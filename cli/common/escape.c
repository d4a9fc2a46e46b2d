/* SPDX-License-Identifier: ISC */
#include "escape.h"

enum { BELL = 007, CANCEL = 030, SUBSTITUTE = 032 };

static enum escape_place after_escape(unsigned char byte) {
	switch (byte) {
	case '[':
		return ESCAPE_CONTROL;
	case ']':
	case 'P':
	case 'X':
	case '^':
	case '_':
		return ESCAPE_STRING;
	default:
		return byte >= 0x20 && byte <= 0x2f ? ESCAPE_MIDDLE : ESCAPE_TEXT;
	}
}

enum escape_place escape_next(enum escape_place place, unsigned char byte) {
	if (byte == CANCEL || byte == SUBSTITUTE)
		return ESCAPE_TEXT;
	if (byte == ESCAPE_BYTE)
		return place == ESCAPE_STRING ? ESCAPE_STRING_BEGUN : ESCAPE_BEGUN;
	switch (place) {
	case ESCAPE_BEGUN:
		return after_escape(byte);
	case ESCAPE_MIDDLE:
		return byte >= 0x20 && byte <= 0x2f ? ESCAPE_MIDDLE : ESCAPE_TEXT;
	case ESCAPE_CONTROL:
		return byte >= 0x40 && byte <= 0x7e ? ESCAPE_TEXT : ESCAPE_CONTROL;
	case ESCAPE_STRING:
		return byte == BELL ? ESCAPE_TEXT : ESCAPE_STRING;
	case ESCAPE_STRING_BEGUN:
		return byte == '\\' ? ESCAPE_TEXT : after_escape(byte);
	default:
		return ESCAPE_TEXT;
	}
}
