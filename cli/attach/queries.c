/* SPDX-License-Identifier: ISC */
#include "queries.h"

#include <stdlib.h>
#include <string.h>

enum { ENQUIRY = 005 };

/* ---- what asks ---- */

/* Of a window: 11 to 21 ask for its state, sizes and titles. */
static bool asks_for_window(const char *numbers) {
	const int number = atoi(numbers);

	return number >= 11 && number <= 21 && number != 17;
}

/* A control sequence, as ESC [ ? 6 n: its last byte says what it means, with a mark before or after the numbers. */
static bool is_query(const char *held, size_t length) {
	const char mark = held[2], middle = held[length - 2];

	switch (held[length - 1]) {
	case 'c': /* the kind of terminal, its status, the cursor */
	case 'n':
	case 'x':
		return true;
	case 'p': /* a mode */
		return middle == '$';
	case 'q':
		return mark == '>';
	case 'u':
		return mark == '?';
	case 'y':
		return middle == '*';
	case 't':
		return asks_for_window(held + 2);
	default:
		return false;
	}
}

/* A text for the terminal: a question mark asks for a value, as of a colour, $ and + for settings; 52: clipboard. */
static bool is_asking_string(const char *held) {
	switch (held[1]) {
	case ']':
		return strstr(held, ";?") || strncmp(held + 2, "52;", 3) == 0;
	case 'P':
		return held[2] == '$' || held[2] == '+';
	case '_':
		return held[2] == 'G';
	default:
		return false;
	}
}

static bool asks(struct queries *queries) {
	queries->held[queries->length] = 0;
	if (queries->length < 3)
		return queries->length == 2 && queries->held[1] == 'Z';
	return queries->held[1] == '[' ? is_query(queries->held, queries->length) : is_asking_string(queries->held);
}

/* ---- the sequence that is read ---- */

size_t queries_end(struct queries *queries, char *out) {
	static const char another[] = { ESCAPE_BYTE, ']' }; /* what follows of one that was taken out is no text */
	const bool is_within = queries->is_dropped;
	const size_t length = is_within ? sizeof another : queries->length;

	memcpy(out, is_within ? another : queries->held, length);
	*queries = (struct queries){ 0 };
	return length;
}

static size_t decide(struct queries *queries, char *out) {
	size_t length = 0;

	queries->is_decided = true;
	queries->is_dropped = asks(queries);
	if (!queries->is_dropped) {
		length = queries->length;
		memcpy(out, queries->held, length);
	}
	queries->length = 0;
	return length;
}

/* Of a sequence that is too long to be held the beginning tells. */
static size_t add(struct queries *queries, char byte, char *out) {
	if (queries->is_decided) {
		*out = byte;
		return queries->is_dropped ? 0 : 1;
	}
	queries->held[queries->length++] = byte;
	return queries->length == QUERY_MOST ? decide(queries, out) : 0;
}

static size_t end(struct queries *queries, char *out) {
	const size_t length = queries->is_decided ? 0 : decide(queries, out);

	queries->is_decided = queries->is_dropped = false;
	return length;
}

static size_t take(struct queries *queries, char byte, char *out) {
	const enum escape_place before = queries->place, after = escape_next(before, (unsigned char)byte);
	size_t length = 0;

	queries->place = after;
	if (before == ESCAPE_TEXT && after == ESCAPE_TEXT) {
		*out = byte;
		return byte != ENQUIRY;
	}
	if (before != ESCAPE_TEXT && after == ESCAPE_BEGUN) /* another begins within */
		length = end(queries, out);
	length += add(queries, byte, out + length);
	if (after == ESCAPE_TEXT)
		length += end(queries, out + length);
	return length;
}

size_t queries_remove(struct queries *queries, const char *bytes, size_t size, char *out) {
	size_t length = 0;

	for (size_t i = 0; i < size; i++)
		length += take(queries, bytes[i], out + length);
	return length;
}
