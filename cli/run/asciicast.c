/* SPDX-License-Identifier: ISC */
#include "asciicast.h"
#include "../common/utf8.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
	PIECE = 4096,                 /* bytes of an event at most */
	ESCAPE = 6,                   /* the longest text of a byte */
	LABEL = 1024,                 /* of a name or a text of hold's: four of them fit into a line */
	LINE = PIECE * ESCAPE + 1024, /* it fits into the file's buffer */
	CHARACTER = 4
};

_Static_assert((int)LINE <= (int)BUFFERED_AT_ONCE, "a line is one piece");

struct line {
	size_t length;
	char bytes[LINE];
};

/* ---- JSON ---- */

static void put(struct line *line, const char *bytes, size_t size) {
	if (size > sizeof line->bytes - line->length)
		size = sizeof line->bytes - line->length;
	memcpy(line->bytes + line->length, bytes, size);
	line->length += size;
}

static void put_text(struct line *line, const char *text) {
	put(line, text, strlen(text));
}

static void put_number(struct line *line, int64_t number) {
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, number);
	put_text(line, text);
}

static bool is_plain(unsigned char byte) {
	return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

static void put_control(struct line *line, char byte) {
	static const char letters[] = "\"\"\\\\\nn\rr\tt";
	char escape[ESCAPE + 1];

	for (const char *letter = letters; *letter; letter += 2) {
		if (*letter == byte) {
			put(line, (const char[]){ '\\', letter[1] }, 2);
			return;
		}
	}
	snprintf(escape, sizeof escape, "\\u%04x", (unsigned char)byte);
	put_text(line, escape);
}

/* `end` is followed by a byte that goes on with no character. */
static void put_characters(struct line *line, const char *at, const char *end) {
	while (at < end) {
		const char *plain = at;
		size_t length;

		while (at < end && is_plain((unsigned char)*at))
			at++;
		put(line, plain, (size_t)(at - plain));
		if (at == end)
			return;
		length = utf8_length(at);
		if (length > 1)
			put(line, at, length);
		else if (length == 1)
			put_control(line, *at);
		else
			put_text(line, "\\ufffd");
		at += length ? length : 1;
	}
}

static void put_string(struct line *line, const char *text) {
	const size_t length = strnlen(text, LABEL - 1);
	char piece[LABEL];

	memcpy(piece, text, length);
	piece[length] = 0;
	utf8_trim(piece, sizeof piece);
	put_text(line, "\"");
	put_characters(line, piece, piece + strlen(piece));
	put_text(line, "\"");
}

/* ---- events ---- */

static void begin_event(const struct asciicast *cast, struct line *line, char code, int64_t *ret_now) {
	const int64_t since = cast->version == 2 ? cast->started_ns : cast->last_ns;
	const int64_t us = (hold_now() - since) / 1000;
	char text[48];

	/* Intervals are cut to microseconds, and what was cut goes into the next one. */
	*ret_now = since + us * 1000;
	line->length = 0;
	snprintf(text, sizeof text, "[%" PRId64 ".%06" PRId64 ", \"%c\", ", us / 1000000, us % 1000000, code);
	put_text(line, text);
}

static void end_event(struct asciicast *cast, struct line *line, int64_t now) {
	put_text(line, "]\n");
	cast->last_ns = now;
	buffered_file_add(cast->file, line->bytes, line->length);
}

static void add_event(struct asciicast *cast, char code, const char *text) {
	struct line line;
	int64_t now;

	begin_event(cast, &line, code, &now);
	put_string(&line, text);
	end_event(cast, &line, now);
}

static void add_characters(struct asciicast *cast, char code, const char *bytes, size_t size) {
	struct line line;
	int64_t now;

	begin_event(cast, &line, code, &now);
	put_text(&line, "\"");
	put_characters(&line, bytes, bytes + size);
	put_text(&line, "\"");
	end_event(cast, &line, now);
}

/* Whether these last bytes begin a character: some end of it makes them one. */
static bool is_cut(const char *bytes, size_t size) {
	static const char ends[] = { '\x80', '\xbf' };
	char whole[CHARACTER + 1] = "";

	for (size_t i = 0; i < sizeof ends; i++) {
		memset(whole, ends[i], CHARACTER);
		memcpy(whole, bytes, size);
		if (utf8_length(whole) > size)
			return true;
	}
	return false;
}

/* How many bytes at the end begin a character that is not complete. */
static size_t length_of_cut(const char *bytes, size_t size) {
	for (size_t i = 1; i <= CUT_MOST && i <= size; i++) {
		if (is_cut(bytes + size - i, i))
			return i;
	}
	return 0;
}

static void add_stream(struct asciicast *cast, char code, struct asciicast_cut *cut, const char *bytes, size_t size) {
	char piece[CUT_MOST + PIECE + 1];

	while (size > 0) {
		const size_t taken = size < PIECE - CUT_MOST ? size : PIECE - CUT_MOST;
		size_t length = cut->length + taken;

		memcpy(piece, cut->bytes, cut->length);
		memcpy(piece + cut->length, bytes, taken);
		cut->length = length_of_cut(piece, length);
		length -= cut->length;
		memcpy(cut->bytes, piece + length, cut->length);
		piece[length] = 0;
		if (length)
			add_characters(cast, code, piece, length);
		bytes += taken;
		size -= taken;
	}
}

/* A character whose end never came. */
static void end_stream(struct asciicast *cast, char code, struct asciicast_cut *cut) {
	char bytes[CUT_MOST + 1] = "";

	if (!cut->length)
		return;
	memcpy(bytes, cut->bytes, cut->length);
	add_characters(cast, code, bytes, cut->length);
	cut->length = 0;
}

void asciicast_output(struct asciicast *cast, const char *bytes, size_t size) {
	add_stream(cast, 'o', &cast->output, bytes, size);
}

void asciicast_input(struct asciicast *cast, const char *bytes, size_t size) {
	add_stream(cast, 'i', &cast->input, bytes, size);
}

void asciicast_size(struct asciicast *cast, const struct hold_winsize *size) {
	char text[32];

	snprintf(text, sizeof text, "%ux%u", size->columns, size->rows);
	add_event(cast, 'r', text);
}

void asciicast_marker(struct asciicast *cast, const char *label) {
	add_event(cast, 'm', label);
}

void asciicast_end(struct asciicast *cast, int status, const char *words) {
	char number[16];

	end_stream(cast, 'o', &cast->output);
	end_stream(cast, 'i', &cast->input);
	snprintf(number, sizeof number, "%d", status);
	if (cast->version == 2)
		asciicast_marker(cast, words);
	else
		add_event(cast, 'x', number);
}

/* ---- the header ---- */

static bool needs_quotes(const char *word) {
	return !*word || strpbrk(word, " \t\n\"'\\$`&|;<>()*?[]{}~#!");
}

/* The command as a line for a shell; its end is left out if it is very long. */
static void quote(char **command, char *text, size_t size) {
	size_t length = 0;

	for (char **word = command; *word && length + CHARACTER + 1 < size; word++) {
		const bool is_quoted = needs_quotes(*word);

		if (word > command)
			text[length++] = ' ';
		if (is_quoted)
			text[length++] = '\'';
		for (const char *at = *word; *at && length + CHARACTER + 1 < size; at++) {
			if (*at == '\'' && is_quoted) {
				memcpy(text + length, "'\\'", CUT_MOST);
				length += CUT_MOST;
			}
			text[length++] = *at;
		}
		if (is_quoted && length + 1 < size)
			text[length++] = '\'';
	}
	text[length] = 0;
}

static void put_pair(struct line *line, const char *before, const char *key, const char *text) {
	put_text(line, before);
	put_string(line, key);
	put_text(line, ": ");
	put_string(line, text);
}

static void put_size(struct line *line, const struct hold_winsize *size, const char *columns, const char *rows) {
	put_string(line, columns);
	put_text(line, ": ");
	put_number(line, size->columns);
	put_text(line, ", ");
	put_string(line, rows);
	put_text(line, ": ");
	put_number(line, size->rows);
}

static void put_terminal(struct line *line, int version, const struct asciicast_header *header) {
	const bool has_term = version == 2 && header->term;

	put_text(line, version == 2 ? "{\"version\": 2, " : "{\"version\": 3, \"term\": {");
	if (version == 2)
		put_size(line, &header->size, "width", "height");
	else
		put_size(line, &header->size, "cols", "rows");
	if (version != 2 && header->term)
		put_pair(line, ", ", "type", header->term);
	put_text(line, version == 2 ? ", \"env\": {" : "}, \"env\": {");
	if (has_term)
		put_pair(line, "", "TERM", header->term);
	if (header->shell)
		put_pair(line, has_term ? ", " : "", "SHELL", header->shell);
	put_text(line, "}");
}

void asciicast_begin(struct asciicast *cast, struct buffered_file *file, int version,
		     const struct asciicast_header *header) {
	char command[LABEL];
	struct line line = { .length = 0 };

	*cast = (struct asciicast){ .file = file, .version = version };
	cast->started_ns = cast->last_ns = hold_now();
	put_terminal(&line, version, header);
	put_text(&line, ", \"timestamp\": ");
	put_number(&line, header->started_at.tv_sec);
	quote(header->command, command, sizeof command);
	put_pair(&line, ", ", "command", command);
	if (header->title)
		put_pair(&line, ", ", "title", header->title);
	put_text(&line, "}\n");
	buffered_file_add(file, line.bytes, line.length);
}
