/* SPDX-License-Identifier: ISC */
/* What the targets share. A target is LLVMFuzzerTestOneInput, for libFuzzer or for driver.c. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What must hold of every input. */
#define MUST(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* The bytes as a string, cut at the first NUL; to be freed. Its room ends with it, so that no reader goes further. */
static inline char *fuzz_text(const uint8_t *bytes, size_t size) {
	char *text = strndup(size ? (const char *)bytes : "", size);

	MUST(text);
	return text;
}

#endif
