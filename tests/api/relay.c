/* SPDX-License-Identifier: ISC */
/* The relay between a user's descriptors and the terminal of a process. */
#include "children.h"

#include <pthread.h>
#include <sys/ioctl.h>
#include <termios.h>

enum { NOWHERE = -1, ROOM = 1 << 16, LINES = 200000, SLOW_READ = 1000 };

static const struct hold_terminal plain = { .size = sizeof plain };

static struct hold *start_on_terminal(const char *script) {
	return start_with(SHELL(script), &(struct hold_options){ .terminal = &plain });
}

static int64_t far(void) {
	return hold_after_ms(20000);
}

/* A file for the output, which is read once the relay has ended. */
static int file_for_output(void) {
	char path[] = "/tmp/relay-XXXXXX";
	const int fd = mkostemp(path, O_CLOEXEC);

	CHECK(fd >= 0);
	unlink(path);
	return fd;
}

static const char *contents(int fd) {
	static char text[ROOM];
	const ssize_t n = pread(fd, text, sizeof text - 1, 0);

	CHECK(n >= 0);
	text[n] = 0;
	return text;
}

/* A pipe with this in it, whose writers have gone. */
static int input_of(const char *text) {
	int pair[2];

	CHECK_EQ(pipe2(pair, O_CLOEXEC), 0);
	CHECK_EQ(write(pair[1], text, strlen(text)), strlen(text));
	close(pair[1]);
	return pair[0];
}

/* On a terminal that does not echo. */
static struct hold *start_unechoed(const char *script) {
	struct termios modes = {
		.c_iflag = ICRNL, .c_oflag = OPOST | ONLCR, .c_cflag = CS8 | CREAD, .c_lflag = ICANON
	};
	const struct hold_terminal unechoed = { .size = sizeof unechoed, .modes = &modes };

	modes.c_cc[VEOF] = 4;
	return start_with(SHELL(script), &(struct hold_options){ .terminal = &unechoed });
}

/* Runs the script with this input. Returns what was printed. */
static const char *relayed(const char *script, const char *typed, struct hold_relay_state *ret) {
	struct hold *h = start_unechoed(script);
	struct hold_relay_options options = { .size = sizeof options, .in = input_of(typed), .out = file_for_output() };
	const char *text;

	ret->size = sizeof *ret;
	CHECK_EQ(hold_relay(h, &options, far(), ret), 0);
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
	text = contents(options.out);
	close(options.in);
	close(options.out);
	return text;
}

TEST("a relay types what comes from a pipe, and the end of file behind it") {
	struct hold_relay_state state;

	CHECK_STRING(relayed("read a; cat", "one\ntwo\n", &state), "two\r\n");
	CHECK_EQ(state.written, state.printed);
	CHECK_EQ(state.in_has_ended, 1);
	CHECK_EQ(state.out_error, 0);
	CHECK_EQ(state.lost, 0);
}

TEST("the end of file is typed again for each program that waits for input") {
	struct hold_relay_state state;

	CHECK_STRING(relayed("cat; cat; cat; echo all", "", &state), "all\r\n");
}

TEST("a line of any length reaches a program that reads lines") {
	static char line[30001];
	struct hold_relay_state state;

	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 2] = '\r';
	CHECK_STRING(relayed("wc -c", line, &state), "30000\r\n");
}

/* ---- observers ---- */

struct watched {
	uint64_t printed, typed;
	int answer;
};

static int watch(void *context, int stream, const void *bytes, size_t length) {
	struct watched *watched = context;

	CHECK(bytes != NULL && length > 0);
	if (stream == HOLD_TERMINAL)
		watched->printed += length;
	else if (stream == HOLD_STDIN)
		watched->typed += length;
	return watched->answer;
}

static size_t keep_first(void *context, char *bytes, size_t length) {
	(void)context;
	bytes[0] = '!';
	return length > 1 ? 1 : length;
}

TEST("the observer gets every byte of both directions, and the filter decides what is written") {
	struct hold *h = start_on_terminal("read a; echo 12345");
	struct watched watched = { .answer = 0 };
	struct hold_relay_state state = { .size = sizeof state };
	struct hold_relay_options options = { .size = sizeof options,
					      .in = input_of("abc\n"),
					      .out = file_for_output(),
					      .observer = watch,
					      .filter = keep_first,
					      .context = &watched };

	CHECK_EQ(hold_relay(h, &options, far(), &state), 0);
	CHECK_EQ(watched.printed, strlen("abc\r\n12345\r\n"));
	CHECK_EQ(watched.typed, state.typed);
	CHECK(watched.typed >= strlen("abc\n"));
	CHECK_EQ(state.printed, watched.printed);
	CHECK(state.written > 0 && state.written < state.printed);
	CHECK_EQ(strspn(contents(options.out), "!"), state.written);
	hold_release(h);
	close(options.in);
	close(options.out);
}

TEST("an error of the observer ends the relay and is returned") {
	struct hold *h = start_on_terminal("echo something; read a");
	struct watched watched = { .answer = -EDOM };
	struct hold_relay_options options = {
		.size = sizeof options, .in = NOWHERE, .out = NOWHERE, .observer = watch, .context = &watched
	};

	CHECK_EQ(hold_relay(h, &options, far(), NULL), -EDOM);
	hold_release(h);
}

/* ---- readers ---- */

struct slow_reader {
	int fd;
	uint64_t bytes, newlines;
};

static void *read_slowly(void *context) {
	struct slow_reader *reader = context;
	char bytes[SLOW_READ];
	ssize_t n;

	while ((n = read(reader->fd, bytes, sizeof bytes)) > 0) {
		reader->bytes += (uint64_t)n;
		for (ssize_t i = 0; i < n; i++)
			reader->newlines += bytes[i] == '\n';
	}
	return NULL;
}

TEST("a slow reader gets every byte") {
	struct hold *h = start_on_terminal("seq 1 200000");
	struct hold_relay_state state = { .size = sizeof state };
	struct hold_relay_options options = { .size = sizeof options, .in = NOWHERE };
	struct slow_reader reader = { .bytes = 0 };
	pthread_t thread;
	int pair[2];

	CHECK_EQ(pipe2(pair, O_CLOEXEC), 0);
	reader.fd = pair[0];
	options.out = pair[1];
	CHECK_EQ(pthread_create(&thread, NULL, read_slowly, &reader), 0);
	CHECK_EQ(hold_relay(h, &options, far(), &state), 0);
	close(pair[1]);
	pthread_join(thread, NULL);
	CHECK_EQ(reader.newlines, LINES);
	CHECK_EQ(reader.bytes, state.printed);
	CHECK_EQ(reader.bytes, state.written);
	hold_release(h);
	close(pair[0]);
}

TEST("a reader that takes nothing is given up at the deadline, and what it did not take is counted") {
	struct hold *h = start_on_terminal("seq 1 100000");
	struct hold_relay_state state = { .size = sizeof state };
	struct hold_relay_options options = { .size = sizeof options, .in = NOWHERE };
	int pair[2];

	CHECK_EQ(pipe2(pair, O_CLOEXEC), 0);
	options.out = pair[1];
	CHECK_EQ(hold_relay(h, &options, hold_after_ms(200), &state), HOLD_PENDING);
	CHECK(state.lost > 0);
	CHECK_EQ(state.written + state.lost, state.printed);
	hold_release(h);
	close(pair[0]);
	close(pair[1]);
}

TEST("a reader that has gone is an error without a signal, and the process is not held up") {
	struct hold *h = start_on_terminal("seq 1 100000");
	struct hold_relay_state state = { .size = sizeof state };
	struct hold_relay_options options = { .size = sizeof options, .in = NOWHERE };
	int pair[2];

	CHECK_EQ(pipe2(pair, O_CLOEXEC), 0);
	close(pair[0]);
	options.out = pair[1];
	CHECK_EQ(hold_relay(h, &options, far(), &state), 0);
	CHECK_EQ(state.out_error, -EPIPE);
	CHECK_EQ(state.lost, state.printed);
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
	close(pair[1]);
}

static int64_t take_one(void *context, const void *bytes, size_t length) {
	const int *fd = context;

	return length > 0 && write(*fd, bytes, 1) == 1 ? 1 : -EIO;
}

static int64_t refuse(void *context, const void *bytes, size_t length) {
	(void)context;
	(void)bytes;
	(void)length;
	return -ENOSPC;
}

static void relay_with(hold_writer *writer, struct hold_relay_state *ret, const char *wanted) {
	struct hold *h = start_on_terminal("echo one");
	struct hold_relay_options options = {
		.size = sizeof options, .in = NOWHERE, .out = file_for_output(), .writer = writer
	};

	options.context = &options.out;
	CHECK_EQ(hold_relay(h, &options, far(), ret), 0);
	CHECK_STRING(contents(options.out), wanted);
	hold_release(h);
	close(options.out);
}

TEST("a writer of the caller's is called in place of write, and its error is the output's") {
	struct hold_relay_state state = { .size = sizeof state };

	relay_with(take_one, &state, "one\r\n");
	CHECK_EQ(state.written, 5);
	CHECK_EQ(state.out_error, 0);
	relay_with(refuse, &state, "");
	CHECK_EQ(state.out_error, -ENOSPC);
	CHECK_EQ(state.lost, 5);
}

/* ---- a loop of the caller's ---- */

static void turn(struct hold_relay *relay, struct hold *h) {
	struct pollfd fds[HOLD_RELAY_FDS + 1];
	int ms = hold_ms_until(hold_relay_deadline(relay));

	CHECK_EQ(hold_relay_fds(relay, fds, 1), HOLD_RELAY_FDS);
	fds[HOLD_RELAY_FDS] = (struct pollfd){ .fd = hold_fd(h), .events = POLLIN };
	if (hold_fd(h) < 0 && ms < 0) /* the end is looked for */
		ms = 20;
	CHECK(poll(fds, HOLD_RELAY_FDS + 1, ms) >= 0);
	CHECK(hold_relay_step(relay, fds) >= 0);
}

TEST("a relay is driven by a loop of the caller's, which types and sees the modes") {
	struct hold *h = start_on_terminal("stty -echo; printf 'word? '; read a; echo got $a");
	struct hold_relay_options options = { .size = sizeof options, .in = NOWHERE, .out = file_for_output() };
	struct hold_relay_state state = { .size = sizeof state };
	struct hold_relay *relay, *other;

	CHECK_EQ(hold_relay_new(&relay, h, &options), 0);
	while (hold_relay_state(relay, &state) == 0 && state.written < strlen("word? "))
		turn(relay, h);
	CHECK_EQ(state.is_canonical, 1);
	CHECK_EQ(state.echoes, 0);
	CHECK_EQ(state.modes_are_new, 1);
	CHECK_EQ(hold_relay_print(relay, "(told) ", 7), 7);
	CHECK_EQ(hold_relay_type(relay, "secret\n", 7), 7);
	CHECK_EQ(hold_relay_new(&other, h, &options), -EBUSY);
	while (hold_wait(h, HOLD_NOW, NULL) == HOLD_PENDING)
		turn(relay, h);
	CHECK(hold_relay_finish(relay) >= 0);
	CHECK_EQ(hold_relay_run(relay, far()), 0);
	CHECK_STRING(contents(options.out), "word? (told) got secret\r\n");
	CHECK_EQ(hold_relay_resume(relay), 0);
	CHECK(hold_relay_free(relay) == NULL);
	hold_release(h);
	close(options.out);
}

TEST("with HOLD_RELAY_DESCENDANTS the relay goes on until the last descendant has ended") {
	struct hold *h = start_on_terminal("trap '' HUP; (sleep 0.3; echo late) & echo early");
	struct hold_relay_options options = {
		.size = sizeof options, .in = NOWHERE, .out = file_for_output(), .flags = HOLD_RELAY_DESCENDANTS
	};

	if (hold_tree_fd(h) < 0)
		SKIP("no keeper");
	CHECK_EQ(hold_relay(h, &options, far(), NULL), 0);
	CHECK_STRING(contents(options.out), "early\r\nlate\r\n");
	hold_release(h);
	close(options.out);
}

/* Goes on until the terminal has printed so many bytes. */
static void until_printed(struct hold_relay *relay, struct hold *h, uint64_t bytes) {
	struct hold_relay_state state = { .size = sizeof state };

	while (hold_relay_state(relay, &state) == 0 && state.printed < bytes)
		turn(relay, h);
}

TEST("with HOLD_RELAY_STRIP_CR a return goes before a newline that comes later, too, and any other return stays") {
	struct hold *h = start_on_terminal("stty -echo -onlcr; printf 'one\\r'; read -r a;"
					   "printf '\\ntwo\\rthree\\r\\r\\nfour\\r'");
	struct hold_relay_options options = {
		.size = sizeof options, .in = NOWHERE, .out = file_for_output(), .flags = HOLD_RELAY_STRIP_CR
	};
	struct hold_relay *relay;

	CHECK_EQ(hold_relay_new(&relay, h, &options), 0);
	until_printed(relay, h, 4);
	CHECK_EQ(hold_relay_type(relay, "go\n", 3), 3);
	until_printed(relay, h, 20);
	CHECK_EQ(hold_relay_print(relay, "|", 1), 1);
	CHECK_EQ(hold_relay_run(relay, far()), 0);
	CHECK_STRING(contents(options.out), "one\ntwo\rthree\r\nfour\r|");
	hold_relay_free(relay);
	hold_release(h);
	close(options.out);
}

/* ---- the user's terminal ---- */

TEST("the user's terminal is raw while the relay is there, its size is followed, and its modes come back") {
	struct hold_winsize size = { .rows = 33, .columns = 99 };
	const struct hold_terminal sized = { .size = sizeof sized, .winsize = size };
	struct hold *user = start_with(ARGV("sleep", "100"), &(struct hold_options){ .terminal = &sized });
	struct hold *h = start_on_terminal("read a; stty size");
	struct hold_relay_options options = { .size = sizeof options,
					      .in = open(ptsname(hold_stream(user, HOLD_TERMINAL)),
							 O_RDWR | O_NOCTTY | O_CLOEXEC),
					      .out = file_for_output(),
					      .flags = HOLD_RELAY_RAW | HOLD_RELAY_SIZE };
	struct termios modes;
	struct hold_relay *relay;

	CHECK(options.in >= 0);
	CHECK_EQ(write(hold_stream(user, HOLD_TERMINAL), "ahead\n", 6), 6);
	CHECK_EQ(hold_relay_new(&relay, h, &options), 0);
	while (hold_wait(h, HOLD_NOW, NULL) == HOLD_PENDING) {
		turn(relay, h);
		CHECK_EQ(tcgetattr(options.in, &modes), 0);
		CHECK(!(modes.c_lflag & (ICANON | ECHO | ISIG)));
		CHECK(modes.c_oflag & OPOST); /* the output goes elsewhere */
	}
	CHECK_EQ(hold_relay_run(relay, far()), 0);
	hold_relay_free(relay);
	CHECK_EQ(tcgetattr(options.in, &modes), 0);
	CHECK((modes.c_lflag & (ICANON | ECHO | ISIG)) == (ICANON | ECHO | ISIG));
	CHECK_STRING(contents(options.out), "ahead\r\n33 99\r\n");
	hold_release(h);
	hold_release(user);
	close(options.in);
	close(options.out);
}

TEST("a relay is refused for a process without a terminal, and with an unknown option") {
	struct hold *h = start(ARGV("sleep", "100")), *other;
	struct hold_relay_options options = { .size = sizeof options, .in = NOWHERE, .out = NOWHERE };
	struct hold_relay *relay = NULL;

	CHECK_EQ(hold_relay_new(&relay, h, &options), -ENOTTY);
	CHECK_EQ(hold_relay(h, &options, HOLD_NOW, NULL), -ENOTTY);
	CHECK_EQ(hold_relay_new(NULL, h, &options), -EINVAL);
	CHECK_EQ(hold_relay_new(&relay, h, NULL), -EINVAL);
	hold_release(h);
	other = start_on_terminal("read a");
	options.flags = UINT64_C(1) << 40;
	CHECK_EQ(hold_relay_new(&relay, other, &options), -EINVAL);
	options.flags = 0;
	options.at_end = 7;
	CHECK_EQ(hold_relay_new(&relay, other, &options), -EINVAL);
	CHECK(relay == NULL);
	hold_release(other);
	CHECK(hold_relay_free(NULL) == NULL);
	CHECK_EQ(hold_relay_step(NULL, NULL), -EINVAL);
	CHECK_EQ(hold_relay_fds(NULL, NULL, 1), -EINVAL);
	CHECK_EQ(hold_relay_run(NULL, HOLD_NOW), -EINVAL);
	CHECK_EQ(hold_relay_finish(NULL), -EINVAL);
	CHECK_EQ(hold_relay_resume(NULL), -EINVAL);
	CHECK_EQ(hold_relay_state(NULL, NULL), -EINVAL);
	CHECK_EQ(hold_relay_type(NULL, "", 0), -EINVAL);
	CHECK_EQ(hold_relay_print(NULL, "", 0), -EINVAL);
	hold_relay_take_ahead(NULL);
	CHECK(hold_relay_deadline(NULL) == HOLD_FOREVER);
}

CHECK_MAIN
