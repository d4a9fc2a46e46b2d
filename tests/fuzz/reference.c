/* SPDX-License-Identifier: ISC */
#include "fuzz.h"

#include <pidhold.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	char *text = fuzz_text(bytes, size), again[96];
	struct hold *h = NULL;
	const int result = hold_adopt_reference(&h, text);

	MUST(result == 0 || result == HOLD_GONE || result < 0);
	MUST((result == 0) == (h != NULL));
	if (h) { /* it is the name of a process that runs, with more zeros perhaps */
		MUST(hold_reference(h, again, sizeof again) > 0);
		MUST(strtoll(again, NULL, 10) == strtoll(text, NULL, 10));
		hold_release(h);
	}
	free(text);
	return 0;
}
