/* SPDX-License-Identifier: ISC */
#include "structure.h"

#include <errno.h>
#include <string.h>

static size_t size_of(const void *structure) {
	size_t size;

	memcpy(&size, structure, sizeof size);
	return size;
}

int structure_check(const void *given, size_t known_size) {
	const unsigned char *bytes = given;

	if (!given)
		return 0;
	if (size_of(given) < sizeof(size_t))
		return -EINVAL;
	for (size_t i = known_size; i < size_of(given); i++) {
		if (bytes[i])
			return -E2BIG;
	}
	return 0;
}

int structure_take(void *known, size_t known_size, const void *given) {
	int error = given ? structure_check(given, known_size) : -EINVAL;
	size_t size;

	if (error < 0)
		return error;
	size = size_of(given);
	memset(known, 0, known_size);
	memcpy(known, given, size < known_size ? size : known_size);
	return 0;
}

void structure_give(void *given, const void *known, size_t known_size) {
	size_t size;

	if (!given)
		return;
	size = size_of(given) < known_size ? size_of(given) : known_size;
	memcpy((char *)given + sizeof size, (const char *)known + sizeof size, size - sizeof size);
}
