/* SPDX-License-Identifier: ISC */
#include "fuzz.h"

#include "../../cli/common/parse-number.h"

#include <errno.h>
#include <limits.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	char *text = fuzz_text(bytes, size), *end;
	int64_t number = 0, clamped = 0, pid = 0;
	const bool parsed = parse_number(text, INT64_MIN, INT64_MAX, &number);
	const bool is_clamped = parse_number_clamped(text, &clamped);
	const enum parsed as_pid = parse_pid(text, &pid);
	long long by_libc;

	MUST(!parsed || (is_clamped && number == clamped));
	if (is_clamped) {
		errno = 0;
		by_libc = strtoll(text, &end, 10);
		MUST(!*end && by_libc == clamped && parsed == (errno == 0));
	}
	MUST(as_pid != PARSED_NUMBER || (parsed && pid == number && pid >= -INT_MAX && pid <= INT_MAX));
	MUST((as_pid != PARSED_NOTHING) == (is_clamped && *text != '+'));
	free(text);
	return 0;
}
