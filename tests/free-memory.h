/* SPDX-License-Identifier: ISC */
/* For tests with so many processes that they need more memory than some machines have. */
#ifndef TESTS_FREE_MEMORY_H
#define TESTS_FREE_MEMORY_H

#include "check.h"

#include <stdio.h>

/* Skips the test unless so many bytes can be had. Where the system does not say what is free the test goes on. */
static inline void need_memory(long long bytes) {
	FILE *file = fopen("/proc/meminfo", "r");
	long long available = 0; /* KiB */
	char line[128];

	while (file && fgets(line, sizeof line, file)) {
		if (sscanf(line, "MemAvailable: %lld", &available) == 1)
			break;
	}
	if (file)
		fclose(file);
	if (available && available < bytes / 1024)
		SKIP("so many processes need more memory than is free here");
}

#endif
