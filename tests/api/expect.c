/* SPDX-License-Identifier: ISC */
/* Programs that are driven: what is waited for in their output, and what they are answered. */
#include "children.h"

#include <termios.h>

#ifndef LONG_OUTPUT
#define LONG_OUTPUT 3000000
#endif

static const struct hold_terminal plain = { .size = sizeof plain };

static struct hold *start_on_terminal(const char *script) {
	return start_with(ARGV("/bin/sh", "-c", script), &(struct hold_options){ .terminal = &plain });
}

static struct hold_expect *expect_of(struct hold *h, const struct hold_expect_options *options) {
	struct hold_expect *matcher;

	CHECK_EQ(hold_expect_new(&matcher, h, options), 0);
	return matcher;
}

static int64_t soon(void) {
	return hold_after_ms(20000);
}

#define LITERAL(text) \
	(struct hold_pattern) { \
		.bytes = text \
	}
#define REGEX(text) \
	(struct hold_pattern) { \
		.kind = HOLD_PATTERN_REGEX, .bytes = text \
	}

static struct hold_match match = { .size = sizeof match };

/* Waits for one pattern. */
static void find(struct hold_expect *matcher, struct hold_pattern pattern) {
	const int result = hold_expect(matcher, &pattern, 1, soon(), &match);

	if (result != 0)
		printf("# %s: %d in \"%.*s\"\n", pattern.bytes, result, (int)match.before_length, match.before);
	CHECK_EQ(result, 0);
	CHECK_EQ(match.pattern, 0);
}

static void check_text(const char *bytes, size_t length, const char *wanted) {
	char text[256];

	snprintf(text, sizeof text, "%.*s", (int)length, bytes);
	CHECK_STRING(text, wanted);
}

static void check_match(const char *before, const char *wanted) {
	check_text(match.before, match.before_length, before);
	check_text(match.bytes, match.length, wanted);
}

static void say(struct hold_expect *matcher, const char *text) {
	CHECK_EQ(hold_expect_send(matcher, text, strlen(text), soon(), NULL), 0);
}

static void end(struct hold_expect *matcher, struct hold *h, int status) {
	hold_expect_free(matcher);
	check_status(h, HOLD_HOW_EXITED, status);
	hold_release(h);
}

TEST("a program is driven: asked, answered, and its output in the order in which it came") {
	struct hold *h =
		start_on_terminal("printf 'name: '; read n; printf \"hello $n, age: \"; read a; echo $a years");
	struct hold_expect *matcher = expect_of(h, NULL);

	find(matcher, LITERAL("name: "));
	check_match("", "name: ");
	say(matcher, "Ada\n");
	find(matcher, REGEX("[a-z]+: "));
	check_match("Ada\r\nhello Ada, ", "age: ");
	say(matcher, "36\n");
	find(matcher, REGEX("^[0-9]+ years$"));
	check_match("36\r\n", "36 years");
	end(matcher, h, 0);
}

TEST("of several patterns the one is found that ends first, and of those that end there the longest, then the first") {
	const struct hold_pattern patterns[] = { LITERAL("third"), REGEX("s.cond"), LITERAL("cond"), REGEX("sec?ond") };
	struct hold *h = start_on_terminal("printf 'first second third'");
	struct hold_expect *matcher = expect_of(h, NULL);

	CHECK_EQ(hold_expect(matcher, patterns, 4, soon(), &match), 0);
	CHECK_EQ(match.pattern, 1);
	check_match("first ", "second");
	CHECK_EQ(hold_expect(matcher, NULL, 0, soon(), &match), 0); /* the same patterns */
	CHECK_EQ(match.pattern, 0);
	check_match(" ", "third");
	end(matcher, h, 0);
}

TEST("what is found does not depend on the pieces in which the output comes") {
	static const char *const scripts[] = { "printf 12345", "printf 1; sleep 0.1; printf 2345" };

	for (size_t i = 0; i < 2; i++) {
		struct hold *h = start_on_terminal(scripts[i]);
		struct hold_expect *matcher = expect_of(h, NULL);

		find(matcher, REGEX("[0-9]+"));
		check_match("", "1");
		find(matcher, REGEX("[0-9]+$"));
		check_match("", "2345");
		end(matcher, h, 0);
	}
}

TEST("a deadline that passes is an outcome, and leaves the output where it is") {
	struct hold *h = start_on_terminal("printf 'one two'; read x");
	struct hold_expect *matcher = expect_of(h, NULL);

	find(matcher, LITERAL("one"));
	CHECK_EQ(hold_expect(matcher, &LITERAL("three"), 1, hold_after_ms(300), &match), HOLD_PENDING);
	CHECK_EQ(match.pattern, -1);
	check_match(" two", "");
	CHECK_EQ(hold_expect(matcher, &LITERAL("three"), 1, HOLD_NOW, NULL), HOLD_PENDING);
	find(matcher, LITERAL("two"));
	check_match(" ", "two");
	say(matcher, "\n");
	end(matcher, h, 0);
}

TEST("the end of the output is an outcome, with what was printed until then") {
	struct hold *h = start_on_terminal("printf last; exit 3");
	struct hold_expect *matcher = expect_of(h, NULL);

	for (int i = 0; i < 2; i++) {
		CHECK_EQ(hold_expect(matcher, &LITERAL("more"), 1, soon(), &match), HOLD_OUTPUT_END);
		check_match("last", "");
	}
	find(matcher, REGEX("t$")); /* the end of the output is that of a line */
	check_match("las", "t");
	end(matcher, h, 3);
}

TEST("without a terminal the pipes are read and written, and the end of file closes the one") {
	struct hold_options options = { .in = { .kind = HOLD_STDIO_PIPE }, .out = { .kind = HOLD_STDIO_PIPE } };
	struct hold *h = start_with(ARGV("/bin/sh", "-c", "read a; echo got $a; cat; echo end"), &options);
	struct hold_expect *matcher = expect_of(h, NULL);

	say(matcher, "this\n");
	find(matcher, LITERAL("got this\n"));
	say(matcher, "rest");
	CHECK_EQ(hold_expect_hidden(matcher, HOLD_NOW), -ENOTTY);
	CHECK_EQ(hold_expect_send_end(matcher, soon()), 0);
	find(matcher, LITERAL("restend\n"));
	CHECK_EQ(hold_expect_send_end(matcher, soon()), -EBADF);
	CHECK_EQ(hold_expect_send(matcher, "x", 1, soon(), NULL), -EBADF);
	end(matcher, h, 0);
}

TEST("standard error is looked at beside standard output") {
	struct hold_options options = { .out = { .kind = HOLD_STDIO_PIPE }, .err = { .kind = HOLD_STDIO_PIPE } };
	struct hold *h = start_with(ARGV("/bin/sh", "-c", "echo out; echo err >&2"), &options);
	struct hold_expect *out = expect_of(h, NULL);
	struct hold_expect *err = expect_of(
		h, &(struct hold_expect_options){ .size = sizeof(struct hold_expect_options), .stream = HOLD_STDERR });

	find(err, LITERAL("err\n"));
	check_match("", "err\n");
	find(out, LITERAL("out\n"));
	check_match("", "out\n");
	hold_expect_free(err);
	end(out, h, 0);
}

TEST("the end of file is typed twice within a line, of which the first only gives the program its part") {
	struct hold *h = start_on_terminal("stty -echo; echo ready; cat; echo end");
	struct hold_expect *matcher = expect_of(h, NULL);

	find(matcher, LITERAL("ready\r\n"));
	say(matcher, "part");
	CHECK_EQ(hold_expect_send_end(matcher, soon()), 0);
	find(matcher, LITERAL("end\r\n"));
	check_match("part", "end\r\n");
	end(matcher, h, 0);
}

TEST("an interrupt reaches the foreground of the terminal, by the character that the terminal has for it") {
	struct hold *h = start_on_terminal(
		"stty intr ^G; trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 1; done");
	struct hold_expect *matcher = expect_of(h, NULL);

	find(matcher, LITERAL("ready"));
	CHECK_EQ(hold_expect_interrupt(matcher, soon()), 0);
	find(matcher, LITERAL("caught"));
	end(matcher, h, 5);
}

TEST("an interrupt without a terminal is the signal to the process") {
	struct hold_options options = { .out = { .kind = HOLD_STDIO_PIPE } };
	struct hold *h = start_with(ARGV("/bin/sh", "-c", "trap 'exit 6' INT; echo ready; while :; do sleep 0.1; done"),
				    &options);
	struct hold_expect *matcher = expect_of(h, NULL);

	find(matcher, LITERAL("ready"));
	CHECK_EQ(hold_expect_interrupt(matcher, soon()), 0);
	end(matcher, h, 6);
}

TEST("a password is sent once echo is off, and is not shown") {
	struct hold *h = start_on_terminal(
		"printf 'Password: '; sleep 0.2; stty -echo; read p; stty echo; echo; test $p = secret && echo right");
	struct hold_expect *matcher = expect_of(h, NULL);

	find(matcher, LITERAL("Password: "));
	CHECK_EQ(hold_expect_hidden(matcher, HOLD_NOW), HOLD_PENDING);
	CHECK_EQ(hold_expect_hidden(matcher, soon()), 0);
	say(matcher, "secret\n");
	find(matcher, LITERAL("right"));
	check_match("\r\n", "right");
	CHECK_EQ(hold_expect_hidden(matcher, soon()), HOLD_OUTPUT_END);
	end(matcher, h, 0);
}

TEST("the question of a program whose streams are elsewhere is found on its terminal, and answered there") {
	struct hold *h =
		start_with(ARGV("/bin/sh", "-c", "printf 'asked: ' >/dev/tty; read x </dev/tty; test $x = yes"),
			   &(struct hold_options){ .terminal = &plain,
						   .in = { .kind = HOLD_STDIO_NULL },
						   .out = { .kind = HOLD_STDIO_NULL },
						   .err = { .kind = HOLD_STDIO_NULL } });
	struct hold_expect *matcher = expect_of(h, NULL);

	find(matcher, LITERAL("asked: "));
	say(matcher, "yes\n");
	CHECK_EQ(hold_expect(matcher, &LITERAL("more"), 1, soon(), NULL), HOLD_OUTPUT_END);
	end(matcher, h, 0);
}

TEST("a match that is longer than the window is found, and what has left the window is counted") {
	const struct hold_expect_options options = { .size = sizeof options, .window = 16 };
	struct hold_expect *matcher;

	CHECK_EQ(hold_expect_new(&matcher, NULL, &options), 0);
	CHECK_EQ(hold_expect(matcher, &REGEX("\\[x*]"), 1, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_expect_feed(matcher, "head [", 6), 6);
	for (int i = 0; i < 10; i++)
		CHECK_EQ(hold_expect_feed(matcher, "xxxxxxxxxx", 10), 10);
	CHECK_EQ(hold_expect_feed(matcher, "] and more", 10), 1);
	CHECK_EQ(hold_expect(matcher, NULL, 0, HOLD_NOW, &match), 0);
	CHECK_EQ(match.is_cut, 1);
	check_match("", "xxxxxxxxxxxxxxxx]");
	CHECK_EQ(match.skipped, 107 - match.length);
	CHECK_EQ(hold_expect_feed(matcher, " and more that is not matched", 29), 29);
	CHECK_EQ(hold_expect_feed(matcher, "...", 3), 3);
	CHECK_EQ(hold_expect(matcher, NULL, 0, HOLD_NOW, &match), HOLD_PENDING);
	CHECK_EQ(match.is_cut, 0);
	check_match("t is not matched...", "");
	CHECK_EQ(match.skipped, 13);
	hold_expect_free(matcher);
}

struct sunk {
	size_t length;
	char bytes[256];
};

static int sink(void *context, int stream, const void *bytes, size_t length) {
	struct sunk *sunk = context;

	CHECK_EQ(stream, HOLD_TERMINAL);
	CHECK(length < sizeof sunk->bytes - sunk->length);
	memcpy(sunk->bytes + sunk->length, bytes, length);
	sunk->length += length;
	return strchr(sunk->bytes, '!') ? -ECANCELED : 0;
}

TEST("a sink gets all output, and its error ends the wait") {
	struct sunk sunk = { 0 };
	const struct hold_expect_options options = { .size = sizeof options, .sink = sink, .sink_context = &sunk };
	struct hold *h = start_on_terminal("printf 'one two'; read x; printf !; read x");
	struct hold_expect *matcher = expect_of(h, &options);

	find(matcher, LITERAL("two"));
	CHECK_STRING(sunk.bytes, "one two");
	say(matcher, "\n");
	CHECK_EQ(hold_expect(matcher, &LITERAL("more"), 1, soon(), NULL), -ECANCELED);
	CHECK_STRING(sunk.bytes, "one two\r\n!");
	say(matcher, "\n");
	end(matcher, h, 0);
}

TEST("what is sent to a program that prints meanwhile is taken, and its output counted") {
	struct hold_options options = { .in = { .kind = HOLD_STDIO_PIPE }, .out = { .kind = HOLD_STDIO_PIPE } };
	struct hold *h = start_with(ARGV("cat"), &options);
	struct hold_expect *matcher = expect_of(h, NULL);
	static char bytes[1000000];
	size_t sent;

	memset(bytes, 'x', sizeof bytes);
	CHECK_EQ(hold_expect_send(matcher, bytes, sizeof bytes, soon(), &sent), 0);
	CHECK_EQ(sent, sizeof bytes);
	CHECK_EQ(hold_expect_send_end(matcher, soon()), 0);
	CHECK_EQ(hold_expect(matcher, &LITERAL("y"), 1, soon(), &match), HOLD_OUTPUT_END);
	CHECK(match.before_length >= 65536);
	CHECK_EQ(match.skipped + match.before_length, sizeof bytes);
	end(matcher, h, 0);
}

TEST("what nobody reads is sent up to the deadline, and what was sent is told") {
	struct hold_options options = { .in = { .kind = HOLD_STDIO_PIPE }, .out = { .kind = HOLD_STDIO_PIPE } };
	struct hold *h = start_with(ARGV("sleep", "100"), &options);
	struct hold_expect *matcher = expect_of(h, NULL);
	static char bytes[1000000];
	size_t sent = 0;

	CHECK_EQ(hold_expect_send(matcher, bytes, sizeof bytes, hold_after_ms(300), &sent), HOLD_PENDING);
	CHECK(sent >= 4096 && sent < sizeof bytes);
	CHECK_EQ(hold_signal(h, SIGKILL), 0);
	check_status(h, HOLD_HOW_SIGNALLED, SIGKILL);
	CHECK_EQ(hold_expect_send(matcher, bytes, 1, soon(), &sent), -EPIPE);
	CHECK_EQ(sent, 0);
	hold_expect_free(matcher);
	hold_release(h);
}

TEST("what is sent to a terminal that has hung up is an error") {
	struct hold *h = start_on_terminal("exit 0");
	struct hold_expect *matcher = expect_of(h, NULL);

	CHECK_EQ(hold_expect(matcher, &LITERAL("x"), 1, soon(), NULL), HOLD_OUTPUT_END);
	CHECK_EQ(hold_expect_send(matcher, "x\n", 2, soon(), NULL), -EPIPE);
	end(matcher, h, 0);
}

/* Feeds it all, and counts the matches. */
static int count_fed(struct hold_expect *matcher, const char *bytes, size_t length) {
	int64_t taken;
	int count = 0;

	while (length > 0) {
		taken = hold_expect_feed(matcher, bytes, length);
		CHECK(taken >= 0);
		bytes += taken;
		length -= (size_t)taken;
		count += hold_expect(matcher, NULL, 0, HOLD_FOREVER, &match) == 0;
	}
	return count;
}

TEST("a matcher without a process finds what it is fed, up to each match") {
	struct hold_expect *matcher = expect_of(NULL, NULL);

	CHECK_EQ(hold_expect_feed(matcher, "x", 1), -EINVAL); /* it has no patterns */
	CHECK_EQ(hold_expect(matcher, &REGEX("a+b"), 1, HOLD_FOREVER, &match), HOLD_PENDING);
	CHECK_EQ(hold_expect_feed(matcher, "xa", 2), 2);
	CHECK_EQ(hold_expect_feed(matcher, "aby", 3), 2);
	CHECK_EQ(hold_expect_feed(matcher, "y", 1), 0); /* the match comes first */
	CHECK_EQ(hold_expect(matcher, NULL, 0, HOLD_FOREVER, &match), 0);
	check_match("x", "aab");
	CHECK_EQ(count_fed(matcher, "yab, aaab, b", 12), 2);
	CHECK_EQ(hold_expect_feed(matcher, NULL, 0), 0);
	CHECK_EQ(hold_expect(matcher, NULL, 0, HOLD_FOREVER, &match), HOLD_OUTPUT_END);
	check_match(", b", "");
	CHECK_EQ(hold_expect_send(matcher, "x", 1, soon(), NULL), -EINVAL);
	CHECK_EQ(hold_expect_send_end(matcher, soon()), -EINVAL);
	CHECK_EQ(hold_expect_interrupt(matcher, soon()), -EINVAL);
	CHECK_EQ(hold_expect_hidden(matcher, soon()), -EINVAL);
	hold_expect_free(matcher);
}

TEST("each byte is looked at once, while a match is pending all the time that is hard for other engines") {
	const struct hold_pattern pattern = REGEX("(x+x+)+y|(x|xx)*z");
	struct hold_expect *matcher = expect_of(NULL, NULL);
	static char bytes[100000];

	memset(bytes, 'x', sizeof bytes);
	CHECK_EQ(hold_expect(matcher, &pattern, 1, HOLD_NOW, NULL), HOLD_PENDING);
	for (int i = 0; i < LONG_OUTPUT / (int)sizeof bytes; i++)
		CHECK_EQ(hold_expect_feed(matcher, bytes, sizeof bytes), sizeof bytes);
	CHECK_EQ(hold_expect_feed(matcher, "y", 1), 1);
	CHECK_EQ(hold_expect(matcher, NULL, 0, HOLD_NOW, &match), 0);
	CHECK_EQ(match.is_cut, 1);
	hold_expect_free(matcher);
}

TEST("a pattern that is refused is an error, says why and where, and leaves those before it") {
	struct hold_expect *matcher = expect_of(NULL, NULL);
	struct hold_pattern pattern = REGEX("a(b");
	size_t at = 0;

	CHECK_EQ(hold_expect(matcher, NULL, 0, HOLD_NOW, NULL), -EINVAL);
	CHECK_EQ(hold_expect(matcher, &LITERAL("old"), 1, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_expect(matcher, &pattern, 1, HOLD_NOW, NULL), -EINVAL);
	CHECK_STRING(hold_pattern_refusal(&pattern, &at), "a parenthesis without its end");
	CHECK_EQ(at, 3);
	pattern.kind = 1;
	CHECK_STRING(hold_pattern_refusal(&pattern, NULL), "it is of no known kind");
	CHECK(!hold_pattern_refusal(&REGEX("a(b)"), &at));
	CHECK(hold_pattern_refusal(NULL, &at));
	CHECK_EQ(hold_expect(matcher, NULL, 1, HOLD_NOW, NULL), -EINVAL);
	CHECK_EQ(count_fed(matcher, "the old ones", 12), 1);
	hold_expect_free(matcher);
}

TEST("a literal may have any bytes, also a NUL, and those that mean something in an expression") {
	struct hold_expect *matcher = expect_of(NULL, NULL);
	const struct hold_pattern pattern = { .bytes = ".*\0[", .length = 4 };

	CHECK_EQ(hold_expect(matcher, &pattern, 1, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(count_fed(matcher, "x.*y.*\0[.*\0[", 12), 2);
	hold_expect_free(matcher);
}

TEST("what cannot be looked at is refused") {
	struct hold *h = start_on_terminal("read x");
	const struct hold_expect_options error = { .size = sizeof error, .stream = HOLD_STDERR };
	struct hold_expect_options wrong = { .size = sizeof wrong, .window = (size_t)1 << 31 };
	struct hold_expect *matcher;
	int fd;

	CHECK_EQ(hold_expect_new(NULL, h, NULL), -EINVAL);
	CHECK_EQ(hold_expect_new(&matcher, h, &wrong), -EINVAL);
	wrong.window = 0;
	wrong.stream = 4;
	CHECK_EQ(hold_expect_new(&matcher, h, &wrong), -EINVAL);
	CHECK_EQ(hold_expect(NULL, &LITERAL("x"), 1, HOLD_NOW, NULL), -EINVAL);
	CHECK(!hold_expect_free(NULL));
	matcher = expect_of(h, &error); /* which is on the terminal */
	CHECK_EQ(hold_expect_feed(matcher, "x", 1), -EINVAL);
	fd = hold_stream_take(h, HOLD_TERMINAL);
	CHECK_EQ(hold_expect(matcher, &LITERAL("x"), 1, HOLD_NOW, NULL), -EBADF);
	hold_expect_free(matcher);
	CHECK_EQ(hold_expect_new(&matcher, h, NULL), -EBADF);
	close(fd);
	check_status(h, HOLD_HOW_SIGNALLED, SIGHUP);
	hold_release(h);
}

static struct hold_expect *of_parent;

static void use_of_parent(void) {
	CHECK_EQ(hold_expect(of_parent, &LITERAL("x"), 1, HOLD_NOW, NULL), -ECHILD);
	CHECK_EQ(hold_expect_feed(of_parent, "x", 1), -ECHILD);
	CHECK_EQ(hold_expect_send(of_parent, "x", 1, HOLD_NOW, NULL), -ECHILD);
}

TEST("in a child made by fork a matcher is refused") {
	of_parent = expect_of(NULL, NULL);
	in_child(use_of_parent);
	hold_expect_free(of_parent);
}

CHECK_MAIN
