/* SPDX-License-Identifier: ISC */
#include "parse-number.h"

#include <errno.h>
#include <stdlib.h>

bool parse_number(const char *text, int64_t least, int64_t most, int64_t *ret) {
	const int kept = errno;
	char *end;
	bool fits;

	if (*text == ' ' || *text == '\t')
		return false;
	errno = 0;
	*ret = strtoll(text, &end, 10);
	fits = end != text && !*end && errno == 0 && *ret >= least && *ret <= most;
	errno = kept;
	return fits;
}

bool parse_number_clamped(const char *text, int64_t *ret) {
	const int kept = errno;
	char *end;

	*ret = strtoll(text, &end, 10);
	errno = kept;
	return end != text && !*end && *text != ' ' && *text != '\t';
}
