/* SPDX-License-Identifier: ISC */
#include "parse-bytes.h"

#include <string.h>

static int shift_of(const char *unit) {
	static const char units[] = "KMGT";
	const char *found = *unit ? strchr(units, *unit) : NULL;

	if (!*unit)
		return 0;
	return found && !unit[1] ? (int)(found - units + 1) * 10 : -1;
}

bool parse_bytes(const char *text, uint64_t *ret) {
	int shift;

	if (*text < '0' || *text > '9')
		return false;
	for (*ret = 0; *text >= '0' && *text <= '9'; text++) {
		if (__builtin_mul_overflow(*ret, 10, ret) || __builtin_add_overflow(*ret, *text - '0', ret))
			return false;
	}
	shift = shift_of(text);
	return shift >= 0 && !__builtin_mul_overflow(*ret, UINT64_C(1) << shift, ret);
}
