/* SPDX-License-Identifier: ISC */
#include "fuzz.h"

#include "../../cli/common/signal-name.h"

#include <signal.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	char *text = fuzz_text(bytes, size), name[SIGNAL_NAME_SIZE];
	const int signal = signal_number(text);
	const char *near = signal_suggest(text);

	MUST(signal >= -1 && signal <= SIGRTMAX);
	MUST(!near || signal_number(near) > 0);
	if (signal > 0 && strncmp(signal_name(signal, name), "signal ", 7) != 0)
		MUST(signal_number(name) == signal);
	free(text);
	return 0;
}
