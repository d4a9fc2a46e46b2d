/* SPDX-License-Identifier: ISC */
#include "text.h"
#include "decimal.h"

struct text text_begin(char *bytes, size_t room) {
	if (room)
		bytes[0] = 0;
	return (struct text){ .bytes = bytes, .room = room };
}

void text_add(struct text *text, const char *piece) {
	for (; *piece; piece++, text->length++) {
		if (text->length + 1 >= text->room)
			continue; /* counted all the same */
		text->bytes[text->length] = *piece;
		text->bytes[text->length + 1] = 0;
	}
}

void text_add_number(struct text *text, int64_t number) {
	char digits[DECIMAL_SIZE];

	if (number < 0)
		text_add(text, "-");
	decimal_write(digits, number < 0 ? -(uint64_t)number : (uint64_t)number);
	text_add(text, digits);
}
