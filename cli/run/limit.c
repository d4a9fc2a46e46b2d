/* SPDX-License-Identifier: ISC */
#include "limit.h"
#include "../common/message.h"
#include "../common/parse-bytes.h"
#include "../common/suggest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const struct {
	const char *name;
	int resource;
} limits[] = {
#define LIMIT(name, constant) { name, RLIMIT_##constant },
#include "limits.def"
#undef LIMIT
};

enum { LIMITS = sizeof limits / sizeof *limits };

static bool parse_value(const char *text, uint64_t *ret) {
	if (strcmp(text, "unlimited") == 0) {
		*ret = UINT64_MAX;
		return true;
	}
	return parse_bytes(text, ret);
}

static bool find_resource(const char *name, int32_t *ret) {
	const char *names[LIMITS], *near;

	for (int i = 0; i < LIMITS; i++) {
		names[i] = limits[i].name;
		if (strcmp(name, limits[i].name) == 0) {
			*ret = limits[i].resource;
			return true;
		}
	}
	say("run: --rlimit '%s': no such limit", name);
	near = suggest(name, names, LIMITS);
	if (near)
		hint("did you mean '%s'?", near);
	return false;
}

bool limit_parse(const char *text, struct hold_limit *ret) {
	char *name = strdup(text), *soft = name ? strchr(name, '=') : NULL, *hard;
	bool parsed = false;

	*ret = (struct hold_limit){ .resource = 0 };
	if (soft) {
		*soft++ = 0;
		hard = strchr(soft, ':');
		if (hard)
			*hard++ = 0;
		parsed = parse_value(soft, &ret->soft) && parse_value(hard ? hard : soft, &ret->hard);
	}
	if (!parsed) {
		say("run: --rlimit '%s': not a limit", text);
		hint("NAME=SOFT or NAME=SOFT:HARD: nofile=1024, as=2G, core=0:unlimited");
	} else {
		parsed = find_resource(name, &ret->resource);
	}
	free(name);
	return parsed;
}

const char *limit_name(int resource) {
	for (int i = 0; i < LIMITS; i++) {
		if (limits[i].resource == resource)
			return limits[i].name;
	}
	return "";
}
