/* SPDX-License-Identifier: ISC */
#include "fuzz.h"

#include "../../cli/run/limit.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	char *text = fuzz_text(bytes, size);
	struct hold_limit limit;

	if (limit_parse(text, &limit))
		MUST(strncmp(limit_name(limit.resource), text, strcspn(text, "=")) == 0);
	free(text);
	return 0;
}
