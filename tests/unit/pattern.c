/* SPDX-License-Identifier: ISC */
/* Patterns against the C library's regexec, over random expressions and texts, and the cost of going over an output. */
#include "../check.h"
#include "core/pattern.h"

#include <regex.h>

enum { ROUNDS = 5000, TEXT_MOST = 24 };

static const char *refusal(const char *regex, size_t *ret_at) {
	const struct hold_pattern pattern = { .kind = HOLD_PATTERN_REGEX, .bytes = regex };
	struct pattern_program program = { .code = NULL };
	struct pattern_error why;
	int error = pattern_add(&program, &pattern, 0, &why);

	pattern_free(&program);
	CHECK(error == 0 || error == -EINVAL);
	*ret_at = why.at;
	return error == 0 ? NULL : why.why;
}

static void check_refused(const char *regex, const char *wanted, size_t wanted_at) {
	size_t at;
	const char *why = refusal(regex, &at);

	if (!why)
		printf("# %s is taken\n", regex);
	CHECK(why);
	CHECK_STRING(why, wanted);
	CHECK_EQ(at, wanted_at);
}

TEST("an expression for which POSIX defines nothing is refused, with the reason and the place") {
	check_refused("", "it is empty", 0);
	check_refused("a||b", "there is an empty part", 2);
	check_refused("a()", "there is an empty part", 2);
	check_refused("(a", "a parenthesis without its end", 2);
	check_refused("*a", "there is nothing to be repeated", 0);
	check_refused("a|+", "there is nothing to be repeated", 2);
	check_refused("a{2", "no interval such as {2,5}, of 255 at most", 3);
	check_refused("a{5,2}", "no interval such as {2,5}, of 255 at most", 5);
	check_refused("a{256}", "no interval such as {2,5}, of 255 at most", 5);
	check_refused("[abc", "a bracket without its end", 4);
	check_refused("[[:digits:]]", "no class such as [:digit:]", 3);
	check_refused("[[.a.]]", "brackets have bytes, ranges and classes only", 1);
	check_refused("[z-a]", "a range that ends before it begins", 4);
	check_refused("a\\", "a backslash before a byte that has no meaning with it", 2);
	check_refused("\\w", "a backslash before a byte that has no meaning with it", 1);
	check_refused("((((((((((((((((((((((((((((((((((((((((((((((((((((a", "too many parentheses in each other",
		      51);
	check_refused("((a{255}){255}){255}", "it is too long", 14);
}

/* The first match that ends, as the header defines it, found by trying every part of the text with regexec. */
static bool find_slowly(const regex_t *regex, const char *text, size_t size, size_t *from, size_t *to) {
	char part[TEXT_MOST + 1];
	regmatch_t match;

	for (*to = 1; *to <= size; ++*to) {
		for (*from = 0; *from < *to; ++*from) {
			const int flags = (*from > 0 && text[*from - 1] != '\n' ? REG_NOTBOL : 0) |
					  (*to < size && text[*to] != '\n' ? REG_NOTEOL : 0);

			memcpy(part, text + *from, *to - *from);
			part[*to - *from] = 0;
			if (regexec(regex, part, 1, &match, flags) == 0 && match.rm_so == 0 &&
			    match.rm_eo == (regoff_t)(*to - *from))
				return true;
		}
	}
	return false;
}

static unsigned random_state = 1;

static unsigned random_below(unsigned most) {
	random_state = random_state * 1103515245 + 12345;
	return random_state >> 16 & 0x7fff ? (random_state >> 16 & 0x7fff) % most : 0;
}

static size_t put_expression(char *to, int depth);

static size_t put_atom(char *to, int depth) {
	/* Some C libraries repeat an anchor in parentheses wrongly. */
	static const char *const atoms[] = { "a", "b", ".", "[ab]", "[^a]", "[[:alpha:]]", "[a-c]", "^", "$" };
	const char *atom = atoms[random_below(depth == 0 ? 9 : 7)];
	size_t length;

	if (depth < 3 && random_below(4) == 0) {
		to[0] = '(';
		length = 1 + put_expression(to + 1, depth + 1);
		to[length] = ')';
		return length + 1;
	}
	strcpy(to, atom);
	return strlen(atom);
}

static size_t put_expression(char *to, int depth) {
	static const char *const repeats[] = { "", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,2}", "{2,}" };
	size_t length = 0;

	for (unsigned i = 0, count = 1 + random_below(3); i < count; i++) {
		const char *repeat = repeats[random_below(10)];

		if (i > 0 && random_below(4) == 0)
			to[length++] = '|';
		length += put_atom(to + length, depth);
		/* To repeat an anchor is not defined. */
		if (to[length - 1] != '^' && to[length - 1] != '$') {
			strcpy(to + length, repeat);
			length += strlen(repeat);
		}
	}
	to[length] = 0;
	return length;
}

static bool find_by_pieces(const char *expression, const char *text, size_t size, size_t *from, size_t *to) {
	const struct hold_pattern pattern = { .kind = HOLD_PATTERN_REGEX, .bytes = expression };
	struct pattern_program program = { .code = NULL };
	struct pattern_error why;
	struct pattern_run run;
	bool is_found;
	size_t at = 0;

	CHECK_EQ(pattern_add(&program, &pattern, 0, &why), 0);
	CHECK(pattern_run_begin(&run, &program, true));
	while (at < size && run.found < 0) {
		const size_t piece = 1 + random_below((unsigned)(size - at));

		at += pattern_run_over(&run, text + at, piece, at);
	}
	pattern_run_finish(&run, size);
	is_found = run.found == 0;
	*from = (size_t)run.from;
	*to = (size_t)run.to;
	pattern_run_end(&run);
	pattern_free(&program);
	return is_found;
}

TEST("what is found is the match that regexec would find to end first, in whatever pieces the text comes") {
	char expression[512], text[TEXT_MOST + 1];
	size_t from, to, wanted_from = 0, wanted_to = 0, size;
	regex_t regex;
	bool is_found;

	for (int round = 0; round < ROUNDS; round++) {
		put_expression(expression, 0);
		size = random_below(TEXT_MOST);
		for (size_t i = 0; i < size; i++)
			text[i] = "aabbc\n"[random_below(6)];
		text[size] = 0;
		CHECK_EQ(regcomp(&regex, expression, REG_EXTENDED | REG_NEWLINE), 0);
		is_found = find_by_pieces(expression, text, size, &from, &to);
		if (is_found != find_slowly(&regex, text, size, &wanted_from, &wanted_to) ||
		    (is_found && (from != wanted_from || to != wanted_to))) {
			printf("# %s in \"%s\": %d %zu %zu, not %zu %zu\n", expression, text, is_found, from, to,
			       wanted_from, wanted_to);
			check_fail(__FILE__, __LINE__, expression);
		}
		regfree(&regex);
	}
}

CHECK_MAIN
