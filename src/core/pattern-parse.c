/* SPDX-License-Identifier: ISC */
/*
 * The compiler of patterns. It appends the code of each part of an expression to the program, and where an operator
 * follows it moves or copies that code: jumps are relative.
 */
#include "pattern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	CODE_MOST = 16384, /* instructions of all patterns */
	DEPTH_MOST = 50,   /* of parentheses */
	REPEAT_MOST = 255, /* as RE_DUP_MAX */
	NO_BOUND = -1
};

struct pattern_parser {
	struct pattern_program *program;
	const char *bytes;
	size_t length, at;
	int depth, error;
	const char *why;
};

static bool parse_alternatives(struct pattern_parser *parser);

static bool refuse(struct pattern_parser *parser, const char *why) {
	if (parser->error == 0) {
		parser->error = -EINVAL;
		parser->why = why;
	}
	return false;
}

static bool run_out(struct pattern_parser *parser) {
	if (parser->error == 0)
		parser->error = -ENOMEM;
	return false;
}

/* ---- code ---- */

/* Room for `count` more instructions. */
static bool reserve_code(struct pattern_parser *parser, size_t count) {
	struct pattern_program *program = parser->program;
	size_t room = program->room ? program->room : 64;
	struct pattern_instruction *grown;

	if (count > CODE_MOST - program->length)
		return refuse(parser, "it is too long");
	while (room < program->length + count)
		room *= 2;
	if (room == program->room)
		return true;
	grown = realloc(program->code, room * sizeof *grown);
	if (!grown)
		return run_out(parser);
	program->code = grown;
	program->room = room;
	return true;
}

static bool emit(struct pattern_parser *parser, enum pattern_operation operation, unsigned char byte, size_t to) {
	struct pattern_program *program = parser->program;

	if (!reserve_code(parser, 1))
		return false;
	program->code[program->length++] =
		(struct pattern_instruction){ .operation = (unsigned char)operation, .byte = byte, .to = (int32_t)to };
	return true;
}

static int32_t distance(size_t from, size_t to) {
	return (int32_t)((int64_t)to - (int64_t)from);
}

static bool emit_jump(struct pattern_parser *parser, enum pattern_operation operation, size_t to) {
	struct pattern_program *program = parser->program;

	if (!emit(parser, operation, 0, 0))
		return false;
	program->code[program->length - 1].to = distance(program->length - 1, to);
	return true;
}

/* A split before the code that begins at `start`, to behind that code and `more` instructions after it. */
static bool insert_split(struct pattern_parser *parser, size_t start, size_t more) {
	struct pattern_program *program = parser->program;
	const size_t count = program->length - start;

	if (!reserve_code(parser, 1))
		return false;
	memmove(program->code + start + 1, program->code + start, count * sizeof *program->code);
	program->code[start] =
		(struct pattern_instruction){ .operation = PATTERN_SPLIT, .to = (int32_t)(1 + count + more) };
	program->length++;
	return true;
}

static bool copy_code(struct pattern_parser *parser, size_t start, size_t count) {
	struct pattern_program *program = parser->program;

	if (!reserve_code(parser, count))
		return false;
	memcpy(program->code + program->length, program->code + start, count * sizeof *program->code);
	program->length += count;
	return true;
}

/* ---- repetition ---- */

static bool repeat_freely(struct pattern_parser *parser, size_t start) {
	return insert_split(parser, start, 1) && emit_jump(parser, PATTERN_JUMP, start);
}

/* The code from `start` on, `least` to `most` times; NO_BOUND: without an end. */
static bool repeat(struct pattern_parser *parser, size_t start, int least, int most) {
	struct pattern_program *program = parser->program;
	const size_t count = program->length - start;

	if (most == 0) {
		program->length = start;
		return true;
	}
	if (least == 0) {
		if (most == NO_BOUND)
			return repeat_freely(parser, start);
		if (!insert_split(parser, start, 0))
			return false;
		for (int i = 1; i < most; i++) {
			if (!copy_code(parser, start, count + 1))
				return false;
		}
		return true;
	}
	for (int i = 1; i < least; i++) {
		if (!copy_code(parser, start, count))
			return false;
	}
	if (most == NO_BOUND) /* another time */
		return emit(parser, PATTERN_SPLIT, 0, 2) &&
		       emit_jump(parser, PATTERN_JUMP, program->length - 1 - count);
	for (int i = least; i < most; i++) {
		const size_t copy = program->length;

		if (!copy_code(parser, start, count) || !insert_split(parser, copy, 0))
			return false;
	}
	return true;
}

static bool has_more(const struct pattern_parser *parser) {
	return parser->at < parser->length;
}

static char here(const struct pattern_parser *parser) {
	return has_more(parser) ? parser->bytes[parser->at] : 0;
}

static bool take_byte(struct pattern_parser *parser, char byte) {
	if (!has_more(parser) || here(parser) != byte)
		return false;
	parser->at++;
	return true;
}

static bool take_count(struct pattern_parser *parser, int *ret) {
	const size_t first = parser->at;

	for (*ret = 0; here(parser) >= '0' && here(parser) <= '9' && *ret <= REPEAT_MOST; parser->at++)
		*ret = *ret * 10 + (here(parser) - '0');
	return parser->at > first && *ret <= REPEAT_MOST;
}

/* "m}", "m,}" or "m,n}" */
static bool take_interval(struct pattern_parser *parser, int *ret_least, int *ret_most) {
	if (!take_count(parser, ret_least))
		return false;
	*ret_most = *ret_least;
	if (take_byte(parser, ',')) {
		*ret_most = NO_BOUND;
		if (here(parser) != '}' && (!take_count(parser, ret_most) || *ret_most < *ret_least))
			return false;
	}
	return take_byte(parser, '}');
}

static bool parse_repetitions(struct pattern_parser *parser, size_t start) {
	int least, most;

	for (;;) {
		least = 0;
		most = NO_BOUND;
		if (take_byte(parser, '+'))
			least = 1;
		else if (take_byte(parser, '?'))
			most = 1;
		else if (take_byte(parser, '{')) {
			if (!take_interval(parser, &least, &most))
				return refuse(parser, "no interval such as {2,5}, of 255 at most");
		} else if (!take_byte(parser, '*'))
			return true;
		if (!repeat(parser, start, least, most))
			return false;
	}
}

/* ---- brackets ---- */

static void set_add(struct pattern_set *set, int first, int last) {
	for (int byte = first; byte <= last; byte++)
		set->bits[byte / 64] |= UINT64_C(1) << byte % 64;
}

struct byte_class {
	const char *name;
	const char *ranges; /* pairs */
};

static bool add_class(struct pattern_set *set, const char *name, size_t length) {
	static const struct byte_class classes[] = {
		{ "alnum", "09AZaz" },   { "alpha", "AZaz" },   { "blank", "\t\t  " }, { "cntrl", "\1\37\177\177" },
		{ "digit", "09" },       { "graph", "!~" },     { "lower", "az" },     { "print", " ~" },
		{ "punct", "!/:@[`{~" }, { "space", "\t\r  " }, { "upper", "AZ" },     { "xdigit", "09AFaf" },
	};

	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
		if (strlen(classes[i].name) != length || memcmp(classes[i].name, name, length) != 0)
			continue;
		for (const char *range = classes[i].ranges; *range; range += 2)
			set_add(set, range[0], range[1]);
		if (name[0] == 'c')
			set_add(set, 0, 0);
		return true;
	}
	return false;
}

/* After "[:". */
static bool parse_class(struct pattern_parser *parser, struct pattern_set *set) {
	const char *name = parser->bytes + parser->at;
	const size_t rest = parser->length - parser->at;
	size_t length = 0;

	while (length < rest && name[length] >= 'a' && name[length] <= 'z')
		length++;
	if (length + 1 >= rest || name[length] != ':' || name[length + 1] != ']' || !add_class(set, name, length))
		return refuse(parser, "no class such as [:digit:]");
	parser->at += length + 2;
	return true;
}

static bool begins_with(const struct pattern_parser *parser, const char *two) {
	return parser->length - parser->at >= 2 && memcmp(parser->bytes + parser->at, two, 2) == 0;
}

static bool parse_member(struct pattern_parser *parser, struct pattern_set *set) {
	unsigned char first, last;

	if (begins_with(parser, "[.") || begins_with(parser, "[="))
		return refuse(parser, "brackets have bytes, ranges and classes only");
	if (begins_with(parser, "[:")) {
		parser->at += 2;
		return parse_class(parser, set);
	}
	first = last = (unsigned char)here(parser);
	parser->at++;
	if (here(parser) == '-' && parser->at + 1 < parser->length && parser->bytes[parser->at + 1] != ']') {
		last = (unsigned char)parser->bytes[parser->at + 1];
		parser->at += 2;
		if (last == '[' && has_more(parser) && strchr(".=:", here(parser)))
			return refuse(parser, "a class is no end of a range");
	}
	if (last < first)
		return refuse(parser, "a range that ends before it begins");
	set_add(set, first, last);
	return true;
}

static bool emit_set(struct pattern_parser *parser, const struct pattern_set *set) {
	struct pattern_program *program = parser->program;

	if (program->set_count == program->set_room) {
		const size_t room = program->set_room ? 2 * program->set_room : 8;
		struct pattern_set *grown = realloc(program->sets, room * sizeof *grown);

		if (!grown)
			return run_out(parser);
		program->sets = grown;
		program->set_room = room;
	}
	program->sets[program->set_count++] = *set;
	return emit(parser, PATTERN_SET, 0, program->set_count - 1);
}

/* The bytes that are not in the set, and no newline. */
static bool emit_complement(struct pattern_parser *parser, const struct pattern_set *set) {
	struct pattern_set rest;

	for (int i = 0; i < 4; i++)
		rest.bits[i] = ~set->bits[i];
	rest.bits[0] &= ~(UINT64_C(1) << '\n');
	return emit_set(parser, &rest);
}

/* After "[". */
static bool parse_bracket(struct pattern_parser *parser) {
	struct pattern_set set = { { 0 } };
	const bool is_complement = take_byte(parser, '^');
	bool is_first = true;

	for (; has_more(parser) && (is_first || here(parser) != ']'); is_first = false) {
		if (!parse_member(parser, &set))
			return false;
	}
	if (!take_byte(parser, ']'))
		return refuse(parser, "a bracket without its end");
	return is_complement ? emit_complement(parser, &set) : emit_set(parser, &set);
}

/* ---- expressions ---- */

/* After a backslash. */
static bool parse_escape(struct pattern_parser *parser) {
	static const char names[] = "entr", bytes[] = "\033\n\t\r", special[] = "\\^$.[]|()*+?{}/-";
	const char byte = here(parser);
	const char *name = byte ? strchr(names, byte) : NULL;

	if (!name && (!byte || !strchr(special, byte)))
		return refuse(parser, "a backslash before a byte that has no meaning with it");
	parser->at++;
	return emit(parser, PATTERN_BYTE, (unsigned char)(name ? bytes[name - names] : byte), 0);
}

/* After "(". */
static bool parse_group(struct pattern_parser *parser) {
	if (++parser->depth > DEPTH_MOST)
		return refuse(parser, "too many parentheses in each other");
	if (!parse_alternatives(parser))
		return false;
	parser->depth--;
	return take_byte(parser, ')') || refuse(parser, "a parenthesis without its end");
}

static bool parse_atom(struct pattern_parser *parser) {
	static const struct pattern_set none = { { 0 } };
	const char byte = here(parser);

	if (strchr("*+?{", byte) && byte)
		return refuse(parser, "there is nothing to be repeated");
	parser->at++;
	switch (byte) {
	case '\\':
		return parse_escape(parser);
	case '[':
		return parse_bracket(parser);
	case '(':
		return parse_group(parser);
	case '.':
		return emit_complement(parser, &none);
	case '^':
		return emit(parser, PATTERN_BEGIN, 0, 0);
	case '$':
		return emit(parser, PATTERN_END, 0, 0);
	default:
		return emit(parser, PATTERN_BYTE, (unsigned char)byte, 0);
	}
}

static bool ends_branch(const struct pattern_parser *parser) {
	return !has_more(parser) || here(parser) == '|' || (here(parser) == ')' && parser->depth > 0);
}

static bool parse_branch(struct pattern_parser *parser) {
	if (ends_branch(parser))
		return refuse(parser, "there is an empty part");
	while (!ends_branch(parser)) {
		const size_t start = parser->program->length;

		if (!parse_atom(parser) || !parse_repetitions(parser, start))
			return false;
	}
	return true;
}

/* Each branch but the last is followed by a jump to the end, and until that is known the jumps form a list. */
static bool parse_alternatives(struct pattern_parser *parser) {
	struct pattern_program *program = parser->program;
	size_t jump = SIZE_MAX;

	for (;;) {
		const size_t start = program->length;

		if (!parse_branch(parser))
			return false;
		if (!take_byte(parser, '|'))
			break;
		if (!insert_split(parser, start, 1) || !emit(parser, PATTERN_JUMP, 0, 0))
			return false;
		program->code[program->length - 1].to = jump == SIZE_MAX ? 0 : distance(program->length - 1, jump);
		jump = program->length - 1;
	}
	while (jump != SIZE_MAX) {
		const int32_t before = program->code[jump].to;

		program->code[jump].to = distance(jump, program->length);
		jump = before ? (size_t)((int64_t)jump + before) : SIZE_MAX;
	}
	return true;
}

static bool parse_literal(struct pattern_parser *parser) {
	for (; has_more(parser); parser->at++) {
		if (!emit(parser, PATTERN_BYTE, (unsigned char)here(parser), 0))
			return false;
	}
	return true;
}

static bool parse(struct pattern_parser *parser, const struct hold_pattern *pattern) {
	if (parser->length == 0)
		return refuse(parser, "it is empty");
	if (pattern->kind == HOLD_PATTERN_LITERAL)
		return parse_literal(parser);
	if (pattern->kind != HOLD_PATTERN_REGEX)
		return refuse(parser, "it is of no known kind");
	return parse_alternatives(parser);
}

/* A program begins with a split for each pattern but the last. */
int pattern_add(struct pattern_program *program, const struct hold_pattern *pattern, int number,
		struct pattern_error *ret) {
	struct pattern_parser parser = { .program = program, .bytes = pattern->bytes };
	const size_t before = program->length;

	parser.length = pattern->bytes && pattern->length == 0 ? strlen(pattern->bytes) : pattern->length;
	if (!pattern->bytes)
		parser.length = 0;
	if ((before == 0 || insert_split(&parser, 0, 0)) && parse(&parser, pattern))
		emit(&parser, PATTERN_FOUND, 0, (size_t)number);
	*ret = (struct pattern_error){ parser.why, parser.at };
	return parser.error;
}

void pattern_free(struct pattern_program *program) {
	free(program->code);
	free(program->sets);
	*program = (struct pattern_program){ .code = NULL };
}
