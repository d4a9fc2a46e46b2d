/* SPDX-License-Identifier: ISC */
#include "answering.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum {
	LOOK_MS = 20,
	WAIT_MS = 1000, /* for a program to wait for input */
	ROOM = 16384,   /* of answers that are not typed yet */
	REPLY_SIZE = 64
};

/* What programs ask a terminal, and what one without colours or a screen to look at would say. */
static const struct query {
	const char *question, *reply; /* reply NULL: the size */
} queries[] = {
	{ "\\e\\[5n", "\033[0n" },
	{ "\\e\\[6n", "\033[1;1R" },
	{ "\\e\\[0?c", "\033[?1;2c" },
	{ "\\e\\]10;\\?(\\e\\\\|\a)", "\033]10;rgb:ffff/ffff/ffff\033\\" },
	{ "\\e\\]11;\\?(\\e\\\\|\a)", "\033]11;rgb:0000/0000/0000\033\\" },
	{ "\\e\\[18t", NULL },
};

enum { QUERIES = sizeof queries / sizeof *queries };

struct text {
	char bytes[ROOM];
	size_t length;
};

struct answering {
	struct hold_expect *expect;
	struct answer *list;
	size_t count;
	struct text replies; /* to queries: they are typed at once */
	struct text answers;
	size_t sizes;   /* how many times the size was asked for */
	int64_t latest; /* when the answers are typed, whether somebody waits for them or not */
};

static bool begin(struct answering *answering, bool has_queries) {
	const size_t count = answering->count + (has_queries ? QUERIES : 0);
	struct hold_pattern *patterns = calloc(count, sizeof *patterns);
	bool has_begun;

	if (!patterns)
		return false;
	for (size_t i = 0; i < count; i++)
		patterns[i] =
			(struct hold_pattern){ .kind = HOLD_PATTERN_REGEX,
					       .bytes = i < answering->count ? answering->list[i].question
									     : queries[i - answering->count].question };
	has_begun = hold_expect_new(&answering->expect, NULL, NULL) == 0 &&
		    hold_expect(answering->expect, patterns, count, HOLD_NOW, NULL) == HOLD_PENDING;
	free(patterns);
	return has_begun;
}

struct answering *answering_new(struct answer *list, size_t count, bool has_queries) {
	struct answering *answering = calloc(1, sizeof *answering);

	if (!answering)
		return NULL;
	answering->list = list;
	answering->count = count;
	if (begin(answering, has_queries))
		return answering;
	answering_free(answering);
	return NULL;
}

void answering_free(struct answering *answering) {
	if (answering)
		hold_expect_free(answering->expect);
	free(answering);
}

/* A text for which there is no room is not typed, and not counted. */
static bool add(struct text *to, const char *bytes, size_t length) {
	if (length > sizeof to->bytes - to->length)
		return false;
	memcpy(to->bytes + to->length, bytes, length);
	to->length += length;
	return true;
}

static void take_query(struct answering *answering, const struct query *query) {
	if (query->reply)
		add(&answering->replies, query->reply, strlen(query->reply));
	else
		answering->sizes++;
}

static void take_question(struct answering *answering, struct answer *answer) {
	if (answer->most >= 0 && answer->given >= answer->most)
		return;
	if (answering->answers.length == 0)
		answering->latest = hold_after_ms(WAIT_MS);
	if (add(&answering->answers, answer->text, answer->length))
		answer->given++;
}

int answering_see(void *context, int stream, const void *bytes, size_t length) {
	struct answering *answering = context;
	struct hold_match match = { .size = sizeof match };
	const char *at = bytes;

	(void)stream;
	while (length > 0) {
		const int64_t taken = hold_expect_feed(answering->expect, at, length);

		if (taken < 0)
			return (int)taken;
		at += taken;
		length -= (size_t)taken;
		if (hold_expect(answering->expect, NULL, 0, HOLD_NOW, &match) != 0)
			continue;
		if ((size_t)match.pattern < answering->count)
			take_question(answering, &answering->list[match.pattern]);
		else
			take_query(answering, &queries[(size_t)match.pattern - answering->count]);
	}
	return 0;
}

static void add_sizes(struct answering *answering, const struct hold *hold) {
	char reply[REPLY_SIZE];
	struct winsize size;

	if (answering->sizes > 0 && ioctl(hold_stream(hold, HOLD_TERMINAL), TIOCGWINSZ, &size) == 0) {
		const int length = snprintf(reply, sizeof reply, "\033[8;%u;%ut", size.ws_row, size.ws_col);

		while (answering->sizes-- > 0)
			add(&answering->replies, reply, (size_t)length);
	}
	answering->sizes = 0;
}

static void type(struct text *text, struct relay *relay) {
	const size_t typed = relay_add_input(relay, text->bytes, text->length);

	memmove(text->bytes, text->bytes + typed, text->length - typed);
	text->length -= typed;
}

void answering_step(struct answering *answering, struct hold *hold, struct relay *relay) {
	add_sizes(answering, hold);
	type(&answering->replies, relay);
	if (answering->answers.length > 0 && (hold_terminal_is_read(hold) == 1 || hold_now() >= answering->latest))
		type(&answering->answers, relay);
}

int64_t answering_next(const struct answering *answering) {
	const bool has_text = answering && (answering->answers.length || answering->replies.length || answering->sizes);

	return has_text ? hold_after_ms(LOOK_MS) : HOLD_FOREVER;
}
