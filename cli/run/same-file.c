/* SPDX-License-Identifier: ISC */
#include "same-file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool are_one(const struct stat *a, const struct stat *b) {
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static const char *name_of(const char *path) {
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool stat_directory(const char *path, struct stat *ret) {
	const size_t length = (size_t)(name_of(path) - path);
	char *directory = length ? strndup(path, length) : strdup(".");
	const bool is_there = directory && stat(directory, ret) == 0;

	free(directory);
	return is_there;
}

bool same_file(const char *a, const char *b) {
	struct stat of_a, of_b;
	bool has_a, has_b;

	if (strcmp(a, b) == 0)
		return true;
	has_a = stat(a, &of_a) == 0;
	has_b = stat(b, &of_b) == 0;
	if (has_a || has_b)
		return has_a && has_b && are_one(&of_a, &of_b);
	return strcmp(name_of(a), name_of(b)) == 0 && stat_directory(a, &of_a) && stat_directory(b, &of_b) &&
	       are_one(&of_a, &of_b);
}
