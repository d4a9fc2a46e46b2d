/* SPDX-License-Identifier: ISC */
/* What a process sees of itself, as actor-show-state tells it, and questions to that. */
#ifndef TESTS_API_SEEN_H
#define TESTS_API_SEEN_H

#include "children.h"

#include <limits.h>

struct seen {
	char text[65536];
};

/* Of actor-show-state, started with these options and, if `name` is not NULL, under that name. */
static inline void observe_as(const char *name, struct hold_options *options, struct seen *seen) {
	char path[] = "/tmp/pidhold-seen-XXXXXX";
	int fd = mkstemp(path);
	struct hold *h;

	CHECK(fd >= 0);
	close(fd);
	h = start_with(ARGV(name ? name : ACTOR("show-state"), path), options);
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
	fd = open(path, O_RDONLY);
	CHECK(fd >= 0);
	CHECK(read_all(fd, seen->text, sizeof seen->text) > 0);
	close(fd);
	CHECK_EQ(unlink(path), 0);
}

static inline void observe(struct hold_options *options, struct seen *seen) {
	observe_as(NULL, options, seen);
}

/* What stands behind `key` and a space at the beginning of a line; NULL if there is no such line. */
static inline const char *find(const struct seen *seen, const char *key) {
	static char value[PATH_MAX];
	size_t length = strlen(key);

	for (const char *line = seen->text; line[0]; line += strcspn(line, "\n") + 1) {
		if (!strncmp(line, key, length) && line[length] == ' ') {
			snprintf(value, sizeof value, "%.*s", (int)strcspn(line + length + 1, "\n"), line + length + 1);
			return value;
		}
	}
	return NULL;
}

static inline const char *value_of(const struct seen *seen, const char *key) {
	const char *value = find(seen, key);

	if (!value) {
		printf("# nothing is said of %s\n", key);
		check_fail(__FILE__, __LINE__, "it is told");
	}
	return value;
}

static inline int number_of(const struct seen *seen, const char *key) {
	return atoi(value_of(seen, key));
}

static inline uint64_t set_of(const struct seen *seen, const char *key) {
	return strtoull(value_of(seen, key), NULL, 16);
}

static inline bool has_line(const struct seen *seen, const char *line) {
	size_t length = strlen(line);

	for (const char *at = seen->text; *at; at += strcspn(at, "\n") + 1) {
		if (!strncmp(at, line, length) && at[length] == '\n')
			return true;
	}
	return false;
}

/* Which descriptors are open, in the order of /proc, which is their own: "0 1 2 ". */
static inline void check_descriptors(const struct seen *seen, const char *wanted) {
	char open_ones[1024] = "";
	size_t length = 0;

	for (const char *line = seen->text; line[0]; line += strcspn(line, "\n") + 1) {
		if (!strncmp(line, "fd ", 3))
			length +=
				(size_t)snprintf(open_ones + length, sizeof open_ones - length, "%d ", atoi(line + 3));
		CHECK(length < sizeof open_ones);
	}
	CHECK_STRING(open_ones, wanted);
}

#endif
