/* SPDX-License-Identifier: ISC */
#include "fuzz.h"

#include "../../cli/common/duration.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	char *text = fuzz_text(bytes, size), told[DURATION_TEXT_SIZE];
	int64_t ns = -1, again = -1;

	if (duration_parse(text, &ns)) {
		MUST(ns >= 0);
		MUST((ns > 0) == (strpbrk(text, "123456789") != NULL));
		MUST(duration_ms(ns) >= ns / 1000000 && duration_ms(ns) <= ns / 1000000 + 1);
		duration_text(ns, told);
		MUST(strlen(told) < sizeof told);
		if (ns < INT64_MAX - 1000000) { /* what is told is never shorter, and exact to its last unit */
			MUST(duration_parse(told, &again));
			MUST(again >= ns && again - ns < (ns < 1000000 ? 1000 : 1000000));
		}
	}
	if (duration_parse_as_timeout(text, &ns))
		MUST(ns >= 0);
	free(text);
	return 0;
}
