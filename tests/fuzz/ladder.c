/* SPDX-License-Identifier: ISC */
#include "fuzz.h"

#include "../../cli/common/ladder.h"

#include <signal.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct hold_rung rungs[HOLD_LADDER_MAX];
	char *text = fuzz_text(bytes, size);
	size_t count = 0;

	if (ladder_parse("run", text, rungs, &count)) {
		MUST(count > 0 && count <= HOLD_LADDER_MAX);
		for (size_t i = 0; i < count; i++)
			MUST(rungs[i].signal > 0 && rungs[i].signal <= SIGRTMAX && rungs[i].wait_ms >= 0);
	}
	free(text);
	return 0;
}
