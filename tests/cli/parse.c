/* SPDX-License-Identifier: ISC */
/*
 * Reads lines "KIND TEXT" and prints for each what the command's parser of that kind makes of the text: a number, or
 * "refused". What the parsers say goes to standard error.
 */
#include "../../cli/common/duration.h"
#include "../../cli/common/ladder.h"
#include "../../cli/run/limit.h"
#include "../../cli/common/parse-number.h"
#include "../../cli/common/signal-name.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_if(bool is_parsed, int64_t number) {
	if (is_parsed)
		printf("%" PRId64 "\n", number);
	else
		printf("refused\n");
}

static void print_pid(const char *text) {
	int64_t number = 0;
	const enum parsed parsed = parse_pid(text, &number);

	if (parsed == PARSED_TOO_LARGE)
		printf("too large\n");
	else
		print_if(parsed == PARSED_NUMBER, number);
}

static void print_limit(const char *text) {
	struct hold_limit limit;

	if (limit_parse(text, &limit))
		printf("%" PRIu64 " %" PRIu64 "\n", limit.soft, limit.hard);
	else
		printf("refused\n");
}

static void print_ladder(const char *text) {
	struct hold_rung rungs[HOLD_LADDER_MAX];
	size_t count;

	if (!ladder_parse("run", text, rungs, &count)) {
		printf("refused\n");
		return;
	}
	for (size_t i = 0; i < count; i++)
		printf("%s%d,%" PRId64, i ? " " : "", rungs[i].signal, rungs[i].wait_ms);
	printf("\n");
}

static void parse(const char *kind, const char *text) {
	int64_t number = 0;
	bool parsed;

	if (strcmp(kind, "duration") == 0) {
		parsed = duration_parse(text, &number);
		print_if(parsed, number);
	} else if (strcmp(kind, "timeout") == 0) {
		parsed = duration_parse_as_timeout(text, &number);
		print_if(parsed, number);
	} else if (strcmp(kind, "number") == 0) {
		parsed = parse_number(text, INT64_MIN, INT64_MAX, &number);
		print_if(parsed, number);
	} else if (strcmp(kind, "clamped") == 0) {
		parsed = parse_number_clamped(text, &number);
		print_if(parsed, number);
	} else if (strcmp(kind, "pid") == 0) {
		print_pid(text);
	} else if (strcmp(kind, "limit") == 0) {
		print_limit(text);
	} else if (strcmp(kind, "ladder") == 0) {
		print_ladder(text);
	} else {
		number = signal_number(text);
		print_if(number >= 0, number);
	}
}

int main(void) {
	char *line = NULL, *text;
	size_t room = 0;

	while (getline(&line, &room, stdin) >= 0) {
		line[strcspn(line, "\n")] = 0;
		text = strchr(line, ' ');
		if (!text)
			return 1;
		*text++ = 0;
		parse(line, text);
	}
	free(line);
	return 0;
}
