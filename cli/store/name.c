/* SPDX-License-Identifier: ISC */
#include "name.h"

#include <pidhold.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { STEM_MOST = 40, SUFFIX = 5 };

/* By hand: those of <ctype.h> depend on the locale. */
static bool is_letter(char c) {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool may_follow(char c) {
	return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool run_name_is_valid(const char *name) {
	size_t length = 0;

	while (may_follow(name[length]))
		length++;
	return is_letter(name[0]) && !name[length] && length < RUN_NAME_SIZE;
}

/*
 * A name that was forgotten does not come again soon: who stops a run by an old name would meet another. Letters that
 * are hard to tell from digits are left out, and vowels, which would make words.
 */
static void put_suffix(char suffix[SUFFIX + 1]) {
	static const char letters[] = "bcdfghjkmnpqrstvwxz23456789";
	uint64_t number = ((uint64_t)hold_now() / 1000) * 0x9e3779b97f4a7c15u ^ (uint64_t)getpid() << 32;

	number = (number ^ number >> 29) * 0xbf58476d1ce4e5b9u;
	for (int i = 0; i < SUFFIX; i++, number /= sizeof letters - 1)
		suffix[i] = letters[number % (sizeof letters - 1)];
	suffix[SUFFIX] = 0;
}

void run_name_make(const char *command, char name[RUN_NAME_SIZE]) {
	const char *slash = strrchr(command, '/');
	char stem[STEM_MOST + 1], suffix[SUFFIX + 1];
	size_t length = 0;

	for (const char *from = slash ? slash + 1 : command; *from && length < STEM_MOST; from++) {
		if (length ? may_follow(*from) : is_letter(*from))
			stem[length++] = *from;
	}
	stem[length] = 0;
	put_suffix(suffix);
	snprintf(name, RUN_NAME_SIZE, "%s-%s", length ? stem : "run", suffix);
}
