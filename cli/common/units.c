/* SPDX-License-Identifier: ISC */
#include "units.h"

#include <string.h>

static const struct units between = { .place = ESCAPE_TEXT };

static bool begin_unit(struct units *units, unsigned char byte) {
	*units = between;
	if (byte == ESCAPE_BYTE)
		*units = (struct units){ .place = ESCAPE_BEGUN, .length = 1 };
	else if (byte >= 0xc2 && byte <= 0xf4)
		*units = (struct units){ .rest = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3, .length = 1 };
	return true;
}

static bool goes_on(const struct units *units, unsigned char byte) {
	if (units->rest > 0)
		return (byte & 0xc0) == 0x80;
	return units->place != ESCAPE_TEXT && (byte != ESCAPE_BYTE || units->place == ESCAPE_STRING);
}

bool units_take(struct units *units, unsigned char byte) {
	if (!goes_on(units, byte))
		return begin_unit(units, byte);
	units->length++;
	if (units->rest > 0)
		units->rest--;
	else
		units->place = byte == '\n' ? ESCAPE_TEXT : escape_next(units->place, byte);
	if ((units->rest == 0 && units->place == ESCAPE_TEXT) || units->length >= UNIT_MOST)
		*units = between;
	return false;
}

/* Without sequences only the last bytes matter: a character has at most three before its end. */
void units_skip(struct units *units, const char *bytes, size_t size) {
	const char *const end = bytes + size;

	while (bytes < end) {
		if (units->length == 0) {
			const char *escape = memchr(bytes, ESCAPE_BYTE, (size_t)(end - bytes));

			if (escape)
				bytes = escape;
			else if (end - bytes > CHARACTER_MOST)
				bytes = end - CHARACTER_MOST;
		}
		units_take(units, (unsigned char)*bytes++);
	}
}

size_t units_most(const struct units *units) {
	return units->rest > 0 ? CHARACTER_MOST : UNIT_MOST;
}
