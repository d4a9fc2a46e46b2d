/* SPDX-License-Identifier: ISC */
#include "usage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What stands between the name of the program and what is wanted: its state, and ten numbers. */
#define BEFORE ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "

/* The program's name may have any bytes, parentheses too: what follows has none. */
static bool parse(const char *text, struct usage *ret) {
	const int64_t tick_us = 1000000 / sysconf(_SC_CLK_TCK), page_kib = sysconf(_SC_PAGESIZE) / 1024;
	const char *end = strrchr(text, ')');
	int64_t own[2], of_children[2], pages;

	if (!end ||
	    sscanf(end, BEFORE "%" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %*d %*d %*d %*d %*u %*u %" SCNd64,
		   &own[0], &own[1], &of_children[0], &of_children[1], &pages) != 5)
		return false;
	ret->cpu_us = (own[0] + own[1] + of_children[0] + of_children[1]) * tick_us;
	ret->resident_kib = pages * page_kib;
	return true;
}

bool usage_add(struct usage *usage, int64_t pid) {
	char path[40], text[1024];
	struct usage found;
	size_t length = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%" PRId64 "/stat", pid);
	file = fopen(path, "re");
	if (file) {
		length = fread(text, 1, sizeof text - 1, file);
		fclose(file);
	}
	text[length] = 0;
	if (!parse(text, &found))
		return false;
	usage->cpu_us += found.cpu_us;
	usage->resident_kib += found.resident_kib;
	return true;
}
