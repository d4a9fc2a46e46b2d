/* SPDX-License-Identifier: ISC */
#include "fuzz.h"

#include "../../cli/run/env-file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	char *text = malloc(size + 1);

	MUST(text);
	if (size)
		memcpy(text, bytes, size);
	text[size] = 0;
	if (env_file_set("file", text, size))
		MUST(!memchr(bytes ? bytes : (const uint8_t *)"x", 0, size));
	clearenv();
	free(text);
	return 0;
}
