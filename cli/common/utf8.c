/* SPDX-License-Identifier: ISC */
#include "utf8.h"

#include <string.h>

size_t utf8_length(const char *text) {
	const unsigned char *s = (const unsigned char *)text;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		return (s[1] & 0xc0) == 0x80 ? 2 : 0;
	if (s[0] >= 0xe0 && s[0] <= 0xef) {
		if ((s[1] & 0xc0) != 0x80 || (s[2] & 0xc0) != 0x80)
			return 0;
		return (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ? 0 : 3;
	}
	if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		if ((s[1] & 0xc0) != 0x80 || (s[2] & 0xc0) != 0x80 || (s[3] & 0xc0) != 0x80)
			return 0;
		return (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f) ? 0 : 4;
	}
	return 0;
}

uint32_t utf8_character(const char *text, size_t length) {
	static const unsigned char first[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t character = (unsigned char)text[0] & first[length];

	for (size_t i = 1; i < length; i++)
		character = character << 6 | ((unsigned char)text[i] & 0x3f);
	return character;
}

/* Wide characters begin at U+1100. Some beyond are narrow: then a line is cut too short, but never too long. */
int utf8_columns(uint32_t character) {
	return character < 0x1100 ? 1 : 2;
}

void utf8_trim(char *text, size_t size) {
	static const unsigned char leads[] = { 0, 0xc0, 0xe0, 0xf0 };
	const size_t length = strlen(text);

	if (length + 1 < size)
		return;
	for (size_t i = 1; i <= 3 && i <= length; i++) {
		const unsigned char byte = (unsigned char)text[length - i];

		if ((byte & 0xc0) == 0x80)
			continue;
		/* The lead byte of a character whose end is missing. */
		if (byte >= leads[i] && byte >= 0xc2 && byte <= 0xf4)
			text[length - i] = 0;
		return;
	}
}
