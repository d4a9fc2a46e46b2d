/* SPDX-License-Identifier: ISC */
#include "log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void log_segment_name(char kind, uint64_t first, char name[LOG_NAME_SIZE]) {
	snprintf(name, LOG_NAME_SIZE, "%c%016" PRIx64, kind, first);
}

bool log_segment_parse(const char *name, char kind, uint64_t *ret_first) {
	if (name[0] != kind || strlen(name) != LOG_NAME_SIZE - 1 || strspn(name + 1, "0123456789abcdef") != 16)
		return false;
	*ret_first = strtoull(name + 1, NULL, 16);
	return true;
}
