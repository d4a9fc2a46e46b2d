/* SPDX-License-Identifier: ISC */
/* hold_capture: what is fed, what is kept, and when it returns. */
#include "children.h"

static struct hold_capture_result run_with(const char *script, struct hold_options options,
					   struct hold_capture_options run) {
	struct hold_capture_result result = { .size = sizeof result };
	struct hold_error error = { .size = sizeof error };
	char text[512];

	options.size = sizeof options;
	options.argv = SHELL(script);
	run.size = sizeof run;
	run.options = &options;
	if (hold_capture(&result, &run, &error) < 0) {
		hold_error_text(&error, text, sizeof text);
		printf("# %s\n", text);
		check_fail(__FILE__, __LINE__, "a run that works");
	}
	return result;
}

static struct hold_capture_result run(const char *script) {
	return run_with(script, (struct hold_options){ .size = 0 }, (struct hold_capture_options){ .size = 0 });
}

static void check_exited(const struct hold_capture_result *result, int code) {
	CHECK_EQ(result->status.how, HOLD_HOW_EXITED);
	CHECK_EQ(result->status.code, code);
	CHECK_EQ(result->timed_out, 0);
}

TEST("both outputs and the status are handed out") {
	struct hold_capture_result result = run("echo this; echo that >&2; exit 7");

	check_exited(&result, 7);
	CHECK_STRING(result.out.bytes, "this\n");
	CHECK_EQ(result.out.length, 5);
	CHECK_EQ(result.out.gap_at, 5);
	CHECK_EQ(result.out.total, 5);
	CHECK_STRING(result.err.bytes, "that\n");
	hold_capture_free(&result);
	CHECK(!result.out.bytes);
	hold_capture_free(&result);
	hold_capture_free(NULL);
}

TEST("without input standard input is at its end") {
	struct hold_capture_result result = run("cat; exit 3");

	check_exited(&result, 3);
	CHECK_EQ(result.out.total, 0);
	hold_capture_free(&result);
}

TEST("a megabyte of input comes out again, whole and in order") {
	const size_t length = 1000003;
	struct hold_capture_options options = { .input_length = length, .keep_head = length };
	struct hold_capture_result result;
	char *bytes = malloc(length);

	CHECK(bytes);
	for (size_t i = 0; i < length; i++)
		bytes[i] = (char)(i * 31 + i / 256);
	options.input = bytes;
	result = run_with("cat", (struct hold_options){ .size = 0 }, options);
	check_exited(&result, 0);
	CHECK_EQ(result.out.total, length);
	CHECK(!memcmp(result.out.bytes, bytes, length));
	hold_capture_free(&result);
	free(bytes);
}

static int signals;

static void count(int number) {
	(void)number;
	signals++;
}

TEST("input that is not read is no error and no signal") {
	static char bytes[1 << 20];
	struct sigaction action = { .sa_handler = count }, usual;
	struct hold_capture_result result;

	CHECK_EQ(sigaction(SIGPIPE, &action, &usual), 0);
	result = run_with("read line <&0; exec <&-; exit 4", (struct hold_options){ .size = 0 },
			  (struct hold_capture_options){ .input = bytes, .input_length = sizeof bytes });
	check_exited(&result, 4);
	CHECK_EQ(signals, 0);
	CHECK_EQ(sigaction(SIGPIPE, &usual, NULL), 0);
	hold_capture_free(&result);
}

TEST("a SIGPIPE that was pending before stays pending") {
	static char bytes[1 << 20];
	struct hold_capture_result result;
	sigset_t pipes, pending;

	sigemptyset(&pipes);
	sigaddset(&pipes, SIGPIPE);
	sigprocmask(SIG_BLOCK, &pipes, NULL);
	raise(SIGPIPE);
	result = run_with("exec <&-; exit 4", (struct hold_options){ .size = 0 },
			  (struct hold_capture_options){ .input = bytes, .input_length = sizeof bytes });
	check_exited(&result, 4);
	CHECK_EQ(sigpending(&pending), 0);
	CHECK_EQ(sigismember(&pending, SIGPIPE), 1);
	CHECK_EQ(sigtimedwait(&pipes, NULL, &(struct timespec){ 0, 0 }), SIGPIPE);
	sigprocmask(SIG_UNBLOCK, &pipes, NULL);
	hold_capture_free(&result);
}

TEST("of a long output the first and the last bytes are kept, in order, and how many there were") {
	char wanted[256];

	for (size_t head = 0; head < 12; head += 5) {
		for (size_t tail = 0; tail < 40; tail += 7) {
			struct hold_capture_result result;

			if (!head && !tail)
				continue;
			result = run_with("i=0; while [ $i -lt 100 ]; do printf %02d $i; i=$((i + 1)); done",
					  (struct hold_options){ .size = 0 },
					  (struct hold_capture_options){ .keep_head = head, .keep_tail = tail });
			for (int i = 0; i < 100; i++)
				snprintf(wanted + 2 * i, 3, "%02d", i);
			CHECK_EQ(result.out.total, 200);
			CHECK_EQ(result.out.length, head + tail);
			CHECK_EQ(result.out.gap_at, head);
			CHECK(!memcmp(result.out.bytes, wanted, head));
			CHECK(!memcmp(result.out.bytes + head, wanted + 200 - tail, tail));
			CHECK_EQ(result.out.bytes[head + tail], 0);
			hold_capture_free(&result);
		}
	}
}

TEST("an output that just fits is whole") {
	struct hold_capture_result result = run_with("printf 0123456789", (struct hold_options){ .size = 0 },
						     (struct hold_capture_options){ .keep_head = 4, .keep_tail = 6 });

	CHECK_STRING(result.out.bytes, "0123456789");
	CHECK_EQ(result.out.gap_at, 10);
	hold_capture_free(&result);
}

static const struct hold_rung quick[] = { { .signal = SIGTERM, .wait_ms = 200 }, { .signal = SIGKILL } };

TEST("a deadline strikes whoever keeps the pipe open, and what was printed before is there") {
	struct hold_capture_result result = run_with("echo before; (trap '' TERM; setsid sleep 60 &); sleep 60",
						     (struct hold_options){ .ladder = quick, .ladder_count = 2 },
						     (struct hold_capture_options){ .deadline = hold_after_ms(300) });

	CHECK_EQ(result.timed_out, 1);
	CHECK_EQ(result.status.how, HOLD_HOW_SIGNALLED);
	CHECK_STRING(result.out.bytes, "before\n");
	CHECK_EQ(result.left.survivors, 0);
	hold_capture_free(&result);
}

/* With a time limit that is doubled until the command has begun before it: on a busy machine a start may be late. */
static struct hold_capture_result run_until_begun(const char *script, struct hold_options options) {
	for (int ms = 300;; ms *= 2) {
		struct hold_capture_result result =
			run_with(script, options, (struct hold_capture_options){ .deadline = hold_after_ms(ms) });

		if (result.out.length)
			return result;
		hold_capture_free(&result);
	}
}

/* seq ignores TERM: as a member that is new since the last look at the tree it may get a TERM of its own. */
TEST("what a command prints while it is being ended is there too") {
	struct hold_capture_result result = run_until_begun(
		"trap 'trap \"\" TERM; seq 100000; exit 9' TERM; echo begun; while :; do sleep 0.02; done",
		(struct hold_options){ .ladder = (struct hold_rung[]){ { .signal = SIGTERM, .wait_ms = 20000 },
								       { .signal = SIGKILL } },
				       .ladder_count = 2 });

	CHECK_EQ(result.timed_out, 1);
	CHECK_EQ(result.status.code, 9);
	CHECK_EQ(result.out.total, 6 + 588895);
	CHECK(!strcmp(result.out.bytes + result.out.length - 7, "100000\n"));
	hold_capture_free(&result);
}

TEST("a daemon that keeps the pipe is ended, and delays nothing beyond that") {
	struct hold_capture_result result = run_with("(setsid sleep 60 &); echo this; exit 5",
						     (struct hold_options){ .ladder = quick, .ladder_count = 2 },
						     (struct hold_capture_options){ .size = 0 });

	check_exited(&result, 5);
	CHECK_STRING(result.out.bytes, "this\n");
	hold_capture_free(&result);
}

TEST("one that writes on for a moment after the command's end keeps its last line") {
	for (int i = 0; i < 20; i++) {
		struct hold_capture_result result = run("(seq 10000; echo last) & exit 0");

		check_exited(&result, 0);
		CHECK(!strcmp(result.out.bytes + result.out.length - 5, "last\n"));
		hold_capture_free(&result);
	}
}

TEST("a terminal's output is standard output's") {
	const struct hold_terminal terminal = { .size = sizeof terminal };
	struct hold_capture_result result =
		run_with("[ -t 0 ] && [ -t 2 ] && echo this && echo that >&2",
			 (struct hold_options){ .terminal = &terminal }, (struct hold_capture_options){ .size = 0 });

	check_exited(&result, 0);
	CHECK_STRING(result.out.bytes, "this\r\nthat\r\n");
	CHECK_EQ(result.err.total, 0);
	hold_capture_free(&result);
}

TEST("it works in every containment, and without one") {
	static const int32_t ways[] = { HOLD_CONTAIN_AUTO, HOLD_CONTAIN_NONE, HOLD_CONTAIN_GROUP, HOLD_CONTAIN_KEEPER };

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct hold_capture_result result =
			run_with("echo this; (sleep 60 &); exit 3",
				 (struct hold_options){ .contain = ways[i], .ladder = quick, .ladder_count = 2 },
				 (struct hold_capture_options){ .size = 0 });

		check_exited(&result, 3);
		CHECK_STRING(result.out.bytes, "this\n");
		hold_capture_free(&result);
	}
}

TEST("what cannot be started, and what makes no sense, is refused, and the result is as it was") {
	static const struct hold_terminal terminal = { .size = sizeof terminal };
	struct hold_options options = { .size = sizeof options, .argv = ARGV("/no/such/program") };
	struct hold_capture_options run = { .size = sizeof run, .options = &options };
	struct hold_capture_result result = { .size = sizeof result, .timed_out = 42 };
	struct hold_error error = { .size = sizeof error };

	CHECK_EQ(hold_capture(&result, &run, &error), -ENOENT);
	CHECK_EQ(error.step, HOLD_AT_PROGRAM);
	run.input_length = 1;
	CHECK_EQ(hold_capture(&result, &run, NULL), -EINVAL);
	run.input = "x";
	options.terminal = &terminal;
	CHECK_EQ(hold_capture(&result, &run, NULL), -EINVAL);
	run.options = NULL;
	CHECK_EQ(hold_capture(&result, &run, NULL), -EINVAL);
	CHECK_EQ(hold_capture(&result, NULL, NULL), -EINVAL);
	CHECK_EQ(hold_capture(NULL, &run, NULL), -EINVAL);
	CHECK_EQ(result.timed_out, 42);
}

/* ---- what is left, and the sink ---- */

TEST("the descendants that the command left are named, and the command is none of them") {
	struct hold_capture_result result = run("sleep 60 & exit 4");

	check_exited(&result, 4);
	CHECK_EQ(result.orphan_count, 1);
	CHECK_STRING(result.orphans[0].command, "sleep 60");
	hold_capture_free(&result);
	CHECK(!result.orphans);
	CHECK_EQ(result.orphan_count, 0);
	result = run("exit 4");
	CHECK_EQ(result.orphan_count, 0);
	hold_capture_free(&result);
}

TEST("a command that kills its keeper is no run of which nothing is left") {
	const struct hold_options options = { .size = sizeof options,
					      .argv = SHELL("sleep 3 & kill -9 $PPID; sleep 60"),
					      .contain = HOLD_CONTAIN_KEEPER,
					      .on_release = HOLD_ON_RELEASE_KILL };
	const struct hold_capture_options run = { .size = sizeof run, .options = &options };
	struct hold_capture_result result = { .size = sizeof result };
	struct hold_error error = { .size = sizeof error };
	const int64_t before = hold_now();
	int answer = hold_capture(&result, &run, &error);

	if (answer < 0 && error.step == HOLD_AT_CONTAINMENT)
		SKIP("there can be no keeper here");
	CHECK_EQ(answer, HOLD_SURVIVORS);
	CHECK(result.left.survivors >= 1);
	CHECK(hold_now() - before < 30 * INT64_C(1000000000));
	hold_capture_free(&result);
}

TEST("more output than memory can hold is not asked for in vain: no sum of its ends wraps around") {
	static const size_t ends[][2] = { { 1, SIZE_MAX },
					  { 0, SIZE_MAX },
					  { SIZE_MAX, 0 },
					  { SIZE_MAX, SIZE_MAX },
					  { SIZE_MAX / 2 + 1, SIZE_MAX / 2 } };
	const struct hold_options options = { .size = sizeof options, .argv = SHELL("echo; echo; echo") };
	struct hold_capture_result result = { .size = sizeof result };
	struct hold_error error = { .size = sizeof error };

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		const struct hold_capture_options run = {
			.size = sizeof run, .options = &options, .keep_head = ends[i][0], .keep_tail = ends[i][1]
		};

		CHECK_EQ(hold_capture(&result, &run, &error), -ENOMEM);
		CHECK_EQ(error.step, HOLD_AT_MEMORY);
	}
}

static int refuse_output(void *context, int stream, const void *bytes, size_t length) {
	(void)context;
	(void)stream;
	(void)bytes;
	(void)length;
	return -ECANCELED;
}

TEST("an error of the call itself says what was wrong") {
	const struct hold_options options = { .size = sizeof options,
					      .argv = SHELL("cat"),
					      .in.kind = HOLD_STDIO_NULL };
	struct hold_capture_options run = { .size = sizeof run, .options = &options, .input = "x", .input_length = 1 };
	struct hold_capture_result result = { .size = sizeof result };
	struct hold_error error = { .size = sizeof error };

	CHECK_EQ(hold_capture(&result, &run, &error), -EINVAL); /* the input would go nowhere */
	CHECK_EQ(error.code, -EINVAL);
	CHECK_EQ(error.step, HOLD_AT_OPTION);
	CHECK_STRING(error.object, "input");
	run.options = NULL;
	CHECK_EQ(hold_capture(&result, &run, &error), -EINVAL);
	CHECK_STRING(error.object, "options");
	run.options = &(struct hold_options){ .size = sizeof options,
					      .argv = SHELL("echo a; exec sleep 60"),
					      .on_release = HOLD_ON_RELEASE_KILL };
	run.input_length = 0;
	run.sink = refuse_output;
	CHECK_EQ(hold_capture(&result, &run, &error), -ECANCELED);
	CHECK_EQ(error.code, -ECANCELED);
	CHECK_STRING(error.object, "sink");
}

/* The moment is 200 ms, which a busy machine may need for a shell: so it is tried until it was in time. */
TEST("without a keeper too what is printed in the moment after the end is there") {
	bool is_whole = false;

	for (int i = 0; i < 30 && !is_whole; i++) {
		struct hold_capture_result result = run_with("(sleep 0.02; echo late) & echo first",
							     (struct hold_options){ .contain = HOLD_CONTAIN_NONE },
							     (struct hold_capture_options){ .size = 0 });

		is_whole = !strcmp(result.out.bytes, "first\nlate\n");
		hold_capture_free(&result);
	}
	CHECK(is_whole);
}

static int64_t processor_ms(void) {
	struct rusage usage;

	CHECK_EQ(getrusage(RUSAGE_SELF, &usage), 0);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000) +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static int64_t processor_ms_of_ladder(int64_t deadline_ms, int *ret_answer) {
	static const struct hold_rung slow[] = { { .signal = SIGTERM, .wait_ms = 3000 }, { .signal = SIGKILL } };
	const struct hold_options options = {
		.size = sizeof options,
		.argv = SHELL("trap '' TERM; (setsid sh -c 'echo $$; exec sleep 60' &);"
			      "(sleep 0.3; kill -9 $PPID) & sleep 60 & wait; wait"),
		.contain = HOLD_CONTAIN_KEEPER,
		.on_release = HOLD_ON_RELEASE_KILL,
		.ladder = slow,
		.ladder_count = 2,
	};
	const struct hold_capture_options run = { .size = sizeof run,
						  .options = &options,
						  .deadline = hold_after_ms(deadline_ms) };
	struct hold_capture_result result = { .size = sizeof result };
	struct hold_error error = { .size = sizeof error };
	const int64_t before = processor_ms();

	*ret_answer = hold_capture(&result, &run, &error);
	if (*ret_answer < 0 && error.step == HOLD_AT_CONTAINMENT)
		SKIP("there can be no keeper here");
	if (*ret_answer == HOLD_SURVIVORS) {
		CHECK(atoi(result.out.bytes) > 1);
		CHECK_EQ(kill(atoi(result.out.bytes), SIGKILL), 0);
	}
	hold_capture_free(&result);
	return processor_ms() - before;
}

/*
 * A look every 20 ms takes some 30 ms of the processor in all, and a loop that spins 3 s. A busy machine may need long
 * until TERM is ignored.
 */
TEST("a keeper that is killed while the ladder is climbed makes no loop spin") {
	int answer = 0;
	int64_t used = 0;

	for (int64_t ms = 100; ms < 20000 && answer != HOLD_SURVIVORS; ms *= 5)
		used = processor_ms_of_ladder(ms, &answer);
	CHECK_EQ(answer, HOLD_SURVIVORS);
	CHECK(used < 1000);
}

struct heard {
	char bytes[2][64];
	size_t length[2];
	int answer; /* of the sink */
	int calls;
};

static int hear(void *context, int stream, const void *bytes, size_t length) {
	struct heard *heard = context;
	const int i = stream - HOLD_STDOUT;

	CHECK(stream == HOLD_STDOUT || stream == HOLD_STDERR);
	CHECK(heard->length[i] + length < sizeof heard->bytes[i]);
	memcpy(heard->bytes[i] + heard->length[i], bytes, length);
	heard->length[i] += length;
	heard->calls++;
	return heard->answer;
}

TEST("a sink gets each output as it comes, and nothing is kept then") {
	struct heard heard = { .answer = 0 };
	struct hold_capture_result result =
		run_with("echo one; echo two >&2; sleep 0.2; echo three; exit 5", (struct hold_options){ .size = 0 },
			 (struct hold_capture_options){ .sink = hear, .sink_context = &heard });

	check_exited(&result, 5);
	CHECK_STRING(heard.bytes[0], "one\nthree\n");
	CHECK_STRING(heard.bytes[1], "two\n");
	CHECK(heard.calls >= 3);
	CHECK_EQ(result.out.total, 10);
	CHECK_EQ(result.out.length, 0);
	CHECK_STRING(result.out.bytes, "");
	CHECK_EQ(result.err.total, 4);
	hold_capture_free(&result);
}

TEST("a sink that fails ends the run, and its error is the result") {
	struct heard heard = { .answer = -ENOSPC };
	const struct hold_options options = { .size = sizeof options, .argv = SHELL("echo one; sleep 60") };
	const struct hold_capture_options run = {
		.size = sizeof run, .options = &options, .sink = hear, .sink_context = &heard
	};
	struct hold_capture_result result = { .size = sizeof result };
	const int64_t before = hold_now();

	CHECK_EQ(hold_capture(&result, &run, NULL), -ENOSPC);
	CHECK_EQ(heard.calls, 1);
	CHECK(hold_now() - before < 30 * INT64_C(1000000000));
}

CHECK_MAIN

TEST("a terminal that standard error alone is on is read too") {
	const struct hold_terminal terminal = { .size = sizeof terminal };
	struct hold_capture_result result =
		run_with("head -c 100000 /dev/zero | tr '\\0' x >&2; echo out",
			 (struct hold_options){ .terminal = &terminal, .out = { .kind = HOLD_STDIO_PIPE } },
			 (struct hold_capture_options){ .deadline = hold_after_ms(30000) });

	check_exited(&result, 0);
	CHECK_STRING(result.out.bytes, "out\n");
	CHECK_EQ(result.err.total, 100000);
	hold_capture_free(&result);
}

TEST("a terminal that no stream is on has an output of its own, however much there is of each") {
	const struct hold_terminal terminal = { .size = sizeof terminal };
	struct hold_capture_result result = run_with(
		"echo out; echo err >&2; sleep 0.2; head -c 100000 /dev/zero | tr '\\0' t >/dev/tty; echo more",
		(struct hold_options){ .terminal = &terminal,
				       .in = { .kind = HOLD_STDIO_NULL },
				       .out = { .kind = HOLD_STDIO_PIPE },
				       .err = { .kind = HOLD_STDIO_PIPE } },
		(struct hold_capture_options){ .deadline = hold_after_ms(30000) });

	check_exited(&result, 0);
	CHECK_STRING(result.out.bytes, "out\nmore\n");
	CHECK_STRING(result.err.bytes, "err\n");
	CHECK_EQ(result.terminal.total, 100000);
	hold_capture_free(&result);
}

TEST("who reads a terminal on which nobody types gets the end of file, each time") {
	const struct hold_terminal terminal = { .size = sizeof terminal };
	struct hold_capture_result result =
		run_with("cat; echo one; read a </dev/tty; echo two", (struct hold_options){ .terminal = &terminal },
			 (struct hold_capture_options){ .deadline = hold_after_ms(30000) });

	check_exited(&result, 0);
	CHECK_STRING(result.out.bytes, "one\r\ntwo\r\n");
	CHECK_EQ(result.timed_out, 0);
	hold_capture_free(&result);
}

/* Whether the deadline was reached before the command had ended. */
static bool is_timed_out(const char *script, int32_t contain, int ms) {
	struct hold_capture_result result =
		run_with(script, (struct hold_options){ .contain = contain, .flags = HOLD_NEW_GROUP },
			 (struct hold_capture_options){ .deadline = hold_after_ms(ms) });
	const bool timed_out = result.timed_out;

	hold_capture_free(&result);
	return timed_out;
}

TEST("who prints without a pause is ended at the deadline, and so is the reading of who is left") {
	int ms = 300;

	CHECK(is_timed_out("yes & yes & yes & exec yes", HOLD_CONTAIN_AUTO, ms));
	/* On a busy machine the command may need more time than that for its end. */
	while (is_timed_out("yes & yes & yes & sleep 0.1", HOLD_CONTAIN_NONE, ms))
		ms *= 2;
}
