/* SPDX-License-Identifier: ISC */
#include "bounded.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_SIZE = 16384 };

struct bounded_piece {
	struct bounded_piece *next;
	struct units units; /* at its beginning */
	size_t start, end;
	char bytes[PIECE_SIZE];
};

void bounded_begin(struct bounded *bounded, uint64_t head, uint64_t tail) {
	*bounded = (struct bounded){ .head = head };
	if (__builtin_add_overflow(head, tail, &bounded->limit))
		bounded->limit = UINT64_MAX;
}

/* ---- the head ---- */

struct head_search {
	struct units units;
	size_t at;
	size_t unit_at; /* where the unit begins whose end is to come; before_all: before these bytes */
};

static const size_t before_all = SIZE_MAX;

static void skip_to(struct head_search *search, const char *bytes, size_t to) {
	units_skip(&search->units, bytes + search->at, to - search->at);
	if (search->units.length == 0)
		search->unit_at = to;
	else
		search->unit_at = search->units.length <= to ? to - search->units.length : before_all;
	search->at = to;
}

/* Goes on to the first place between two units. false: it is not within these bytes. */
static bool find_place(struct head_search *search, const char *bytes, size_t size) {
	while (search->units.length > 0 && search->at < size) {
		struct units next = search->units;

		if (units_take(&next, (unsigned char)bytes[search->at])) /* which ends a unit that is not whole */
			return true;
		search->units = next;
		search->at++;
	}
	return search->units.length == 0;
}

/*
 * The head ends with the unit in which it would be full, if that is within the limit. A unit that is not known to be so
 * when its first bytes come is not begun.
 */
static size_t end_of_head(struct bounded *bounded, const char *bytes, size_t size, struct units *ret_units) {
	const uint64_t room = bounded->head > bounded->passed ? bounded->head - bounded->passed : 0;
	const uint64_t most = bounded->limit - bounded->passed;
	struct head_search search = { .units = bounded->units };
	const size_t least = room < size ? (size_t)room : size;
	bool is_found, fits;

	skip_to(&search, bytes, least);
	is_found = least < size || room == least ? find_place(&search, bytes, size) : search.units.length == 0;
	fits = is_found ? search.at <= most
			: search.unit_at == before_all || search.unit_at + units_most(&search.units) <= most;
	if (!fits && search.unit_at != before_all) {
		bounded->is_past_head = true;
		*ret_units = (struct units){ .length = 0 };
		return search.unit_at;
	}
	bounded->is_past_head = is_found && search.at >= room;
	*ret_units = bounded->is_past_head && search.units.length ? (struct units){ .length = 0 } : search.units;
	return is_found ? search.at : size;
}

static size_t take_head(struct bounded *bounded, const char *bytes, size_t size) {
	const size_t passed = end_of_head(bounded, bytes, size, &bounded->units);

	bounded->passed += passed;
	if (passed > 0)
		bounded->last = bytes[passed - 1];
	return passed;
}

/* ---- the tail ---- */

static uint64_t room_for_tail(const struct bounded *bounded) {
	return bounded->limit - bounded->passed;
}

static struct bounded_piece *remove_first(struct bounded *bounded) {
	struct bounded_piece *piece = bounded->first;

	bounded->first = piece->next;
	bounded->end = bounded->first ? bounded->end : NULL;
	bounded->stored -= piece->end - piece->start;
	return piece;
}

/* Without memory for another piece the oldest is used again: the tail is shorter then. */
static struct bounded_piece *add_piece(struct bounded *bounded) {
	struct bounded_piece *piece = malloc(sizeof *piece);

	if (!piece && bounded->first)
		piece = remove_first(bounded);
	if (!piece)
		return NULL;
	piece->next = NULL;
	piece->units = bounded->units;
	piece->start = piece->end = 0;
	if (bounded->first)
		bounded->end->next = piece;
	else
		bounded->first = piece;
	return bounded->end = piece;
}

static void remove_what_is_too_much(struct bounded *bounded) {
	while (bounded->first &&
	       bounded->stored - (bounded->first->end - bounded->first->start) >= room_for_tail(bounded))
		free(remove_first(bounded));
}

static void store(struct bounded *bounded, const char *bytes, size_t size) {
	while (size > 0) {
		struct bounded_piece *piece = bounded->end;
		size_t part = size < PIECE_SIZE ? size : PIECE_SIZE;

		if (room_for_tail(bounded) > 0 && (!piece || piece->end == PIECE_SIZE))
			piece = add_piece(bounded);
		if (piece) {
			part = part < PIECE_SIZE - piece->end ? part : PIECE_SIZE - piece->end;
			memcpy(piece->bytes + piece->end, bytes, part);
			piece->end += part;
			bounded->stored += part;
		}
		units_skip(&bounded->units, bytes, part);
		bytes += part;
		size -= part;
		remove_what_is_too_much(bounded);
	}
}

size_t bounded_add(struct bounded *bounded, const char *bytes, size_t size) {
	size_t passed = 0;

	bounded->total += size;
	if (!bounded->is_past_head)
		passed = take_head(bounded, bytes, size);
	if (bounded->is_past_head)
		store(bounded, bytes + passed, size - passed);
	return passed;
}

/* ---- the end ---- */

/* Removes the first `surplus` bytes of the tail, and those up to the end of the unit in which it would begin then. */
static void cut_tail(struct bounded *bounded, uint64_t surplus) {
	struct bounded_piece *piece = bounded->first;
	struct units units;

	if (!piece)
		return;
	units = piece->units;
	while (piece) {
		const bool begins = units_take(&units, (unsigned char)piece->bytes[piece->start]);

		if (begins && surplus == 0)
			return;
		surplus -= surplus > 0;
		piece->start++;
		bounded->stored--;
		if (piece->start == piece->end) {
			free(remove_first(bounded));
			piece = bounded->first;
		}
	}
}

void bounded_finish(struct bounded *bounded, const char *newline) {
	const uint64_t rest = bounded->total - bounded->passed, room = room_for_tail(bounded);
	const bool is_in_line = bounded->passed > 0 && bounded->last != '\n';

	if (bounded->is_finished)
		return;
	bounded->is_finished = true;
	if (rest == bounded->stored && rest <= room)
		return;
	cut_tail(bounded, bounded->stored > room ? bounded->stored - room : 0);
	bounded->left_out = rest - bounded->stored;
	bounded->line_length = (size_t)snprintf(bounded->line, sizeof bounded->line,
						"%shold: %" PRIu64 " byte%s left out here%s", is_in_line ? newline : "",
						bounded->left_out, bounded->left_out == 1 ? " is" : "s are", newline);
}

const char *bounded_next(const struct bounded *bounded, size_t *ret_size) {
	const struct bounded_piece *piece = bounded->first;

	*ret_size = 0;
	if (!bounded->is_finished)
		return NULL;
	if (bounded->line_at < bounded->line_length) {
		*ret_size = bounded->line_length - bounded->line_at;
		return bounded->line + bounded->line_at;
	}
	if (!piece)
		return NULL;
	*ret_size = piece->end - piece->start;
	return piece->bytes + piece->start;
}

void bounded_took(struct bounded *bounded, size_t size) {
	struct bounded_piece *piece = bounded->first;

	if (bounded->line_at < bounded->line_length) {
		bounded->line_at += size;
		return;
	}
	piece->start += size;
	bounded->stored -= size;
	if (piece->start == piece->end)
		free(remove_first(bounded));
}

uint64_t bounded_lost(const struct bounded *bounded, uint64_t bytes) {
	const uint64_t tail = bounded->total - bounded->left_out - bounded->passed, line = bounded->line_at,
		       before = bytes > tail ? bytes - tail : 0;

	return bytes - (before < line ? before : line);
}

void bounded_free(struct bounded *bounded) {
	while (bounded->first)
		free(remove_first(bounded));
}
