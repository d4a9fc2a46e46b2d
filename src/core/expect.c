/* SPDX-License-Identifier: ISC */
/*
 * hold_expect: waits for patterns in the output of a process. The patterns go over each byte once, as it comes. The
 * window is for what they find: a match that is longer is found as well.
 */
#include "expect.h"
#include "structure.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	USUAL_WINDOW = 65536,
	WINDOW_MOST = 1 << 30,
	LATE_READS = 16, /* of what is there when the deadline has passed */
	AGAIN_MS = 10    /* until a call is tried again that has not told yet */
};

int expect_check(const struct hold_expect *expect) {
	if (!expect)
		return -EINVAL;
	return expect->owner == os_owner() ? 0 : -ECHILD;
}

/* ---- making ---- */

static int choose_stream(struct hold_expect *expect, int asked) {
	const int fd = hold_stream(expect->hold, asked ? asked : HOLD_TERMINAL);

	expect->stream = asked ? asked : HOLD_TERMINAL;
	if (fd != -EBADF || asked)
		return fd;
	expect->stream = HOLD_STDOUT;
	return hold_stream(expect->hold, HOLD_STDOUT);
}

static int begin_expect(struct hold_expect *expect, const struct hold_expect_options *options) {
	const int fd = expect->hold ? choose_stream(expect, options->stream) : 0;

	if (fd < 0)
		return fd;
	expect->owner = os_owner();
	expect->window = options->window ? options->window : USUAL_WINDOW;
	expect->room = 2 * expect->window + 2 * EXPECT_CHUNK;
	expect->sink = options->sink;
	expect->sink_context = options->sink_context;
	expect->begins_line = true;
	expect->bytes = malloc(expect->room);
	return expect->bytes ? 0 : -ENOMEM;
}

int hold_expect_new(struct hold_expect **ret, struct hold *h, const struct hold_expect_options *given) {
	struct hold_expect_options options = { .size = sizeof options };
	int saved_errno = errno, error = given ? structure_take(&options, sizeof options, given) : 0;
	struct hold_expect *expect;

	if (error < 0)
		return error;
	if (!ret || options.window > WINDOW_MOST || options.stream < 0 || options.stream > HOLD_TERMINAL)
		return -EINVAL;
	error = h ? held_check(h) : 0;
	if (error < 0)
		return error;
	expect = calloc(1, sizeof *expect);
	if (expect) {
		expect->hold = h;
		error = begin_expect(expect, &options);
	} else {
		error = -ENOMEM;
	}
	if (error < 0)
		free(expect);
	else
		*ret = expect;
	errno = saved_errno;
	return error;
}

struct hold_expect *hold_expect_free(struct hold_expect *expect) {
	if (expect) {
		pattern_run_end(&expect->run);
		pattern_free(&expect->program);
		free(expect->bytes);
		free(expect);
	}
	return NULL;
}

/* ---- the window ---- */

static size_t part_of(const struct hold_expect *expect, uint64_t position) {
	return position > expect->position ? expect->begin + (size_t)(position - expect->position) : expect->begin;
}

/* The patterns go over the window from its beginning. */
static void rescan(struct hold_expect *expect) {
	expect->looked = expect->begin;
	expect->is_found = false;
	pattern_run_again(&expect->run, expect->begins_line);
}

/* The first bytes leave the window, up to `to`. */
static void leave(struct hold_expect *expect, size_t to) {
	if (to == expect->begin)
		return;
	expect->position += to - expect->begin;
	expect->begin = to;
	expect->begins_line = expect->bytes[to - 1] == '\n';
	if (expect->looked < to || (expect->is_found && expect->run.to <= expect->position))
		rescan(expect);
}

void expect_leave_match(struct hold_expect *expect) {
	if (!expect->is_told)
		return;
	leave(expect, part_of(expect, expect->run.to));
	expect->skipped = 0;
	expect->is_told = false;
	rescan(expect);
}

void expect_make_room(struct hold_expect *expect) {
	if (expect->end - expect->begin > expect->window) {
		const size_t before = expect->begin;

		leave(expect, expect->end - expect->window);
		expect->skipped += expect->begin - before;
	}
	if (expect->room - expect->end >= EXPECT_CHUNK)
		return;
	memmove(expect->bytes, expect->bytes + expect->begin, expect->end - expect->begin);
	expect->looked -= expect->begin;
	expect->end -= expect->begin;
	expect->begin = 0;
}

/* Looks at what was not looked at. Returns whether something was found. */
static bool look_at_output(struct hold_expect *expect) {
	struct pattern_run *run = &expect->run;

	if (!run->program || expect->is_found)
		return expect->is_found;
	expect->looked += pattern_run_over(run, expect->bytes + expect->looked, expect->end - expect->looked,
					   expect->position + (expect->looked - expect->begin));
	if (expect->is_at_end && run->found < 0)
		pattern_run_finish(run, expect->position + (expect->end - expect->begin));
	expect->is_found = run->found >= 0;
	return expect->is_found;
}

/* ---- patterns ---- */

static int compile(struct pattern_program *program, const struct hold_pattern *patterns, size_t count) {
	struct pattern_error why;

	for (size_t i = 0; i < count; i++) {
		int error = pattern_add(program, &patterns[i], (int)i, &why);

		if (error < 0)
			return error;
	}
	return 0;
}

/* All that is in the window is looked at again. After a failure the patterns are the old ones. */
static int take_patterns(struct hold_expect *expect, const struct hold_pattern *patterns, size_t count) {
	struct pattern_program program = { .code = NULL };
	struct pattern_run run;
	int error = patterns && count <= INT32_MAX ? compile(&program, patterns, count) : -EINVAL;

	if (error == 0 && !pattern_run_begin(&run, &program, expect->begins_line))
		error = -ENOMEM;
	if (error < 0) {
		pattern_free(&program);
		return error;
	}
	pattern_run_end(&expect->run);
	pattern_free(&expect->program);
	expect->program = program;
	expect->run = run;
	expect->run.program = &expect->program;
	rescan(expect);
	return 0;
}

const char *hold_pattern_refusal(const struct hold_pattern *pattern, size_t *ret_at) {
	struct pattern_program program = { .code = NULL };
	struct pattern_error why = { .why = NULL };
	int saved_errno = errno, error = pattern ? pattern_add(&program, pattern, 0, &why) : -EINVAL;

	pattern_free(&program);
	errno = saved_errno;
	if (error == 0)
		return NULL;
	if (ret_at)
		*ret_at = why.at;
	return why.why ? why.why : "there is no memory for it";
}

/* ---- waiting ---- */

static void tell(const struct hold_expect *expect, struct hold_match *match, bool is_found) {
	const struct pattern_run *run = &expect->run;
	const size_t from = is_found ? part_of(expect, run->from) : expect->end;
	const size_t to = is_found ? part_of(expect, run->to) : expect->end;

	match->pattern = is_found ? run->found : -1;
	match->before = expect->bytes + expect->begin;
	match->before_length = from - expect->begin;
	match->bytes = expect->bytes + from;
	match->length = to - from;
	match->skipped = expect->skipped;
	match->is_cut = is_found && run->from < expect->position;
}

int expect_read(struct hold_expect *expect, int fd) {
	char *const bytes = expect->bytes + expect->end;
	const long size = os_stream_read(fd, bytes, EXPECT_CHUNK);

	if (size == -EAGAIN)
		return 0;
	if (size < 0)
		return (int)size;
	expect->is_at_end = size == 0;
	expect->end += (size_t)size;
	return size > 0 && expect->sink ? expect->sink(expect->sink_context, expect->stream, bytes, (size_t)size) : 0;
}

/*
 * A terminal that no stream is on looks open until the end of the process is noted: see hold.h. Its descriptor is
 * polled until then.
 */
static int process_of(const struct hold_expect *expect) {
	const struct hold *h = expect->hold;
	const int fd = atomic_load(&h->other_side) >= 0 ? hold_fd(h) : -1;

	return fd < 0 ? -1 : fd;
}

/* Reads what comes until the deadline. 0: there may be something new; HOLD_PENDING. */
static int await_output(struct hold_expect *expect, int64_t deadline) {
	const int fd = hold_stream(expect->hold, expect->stream);
	struct os_stream streams[2] = { { .fd = fd }, { .fd = process_of(expect) } };
	/* Where the process has none, it is looked for at intervals. */
	const bool looks = streams[1].fd < 0 && atomic_load(&expect->hold->other_side) >= 0;
	const int64_t look = looks ? clock_earliest(deadline, clock_after_ms(AGAIN_MS)) : deadline;
	int result = fd < 0 ? fd : os_streams_wait(streams, 2, look);

	if (result == 1 && looks && (hold_wait(expect->hold, HOLD_NOW, NULL) == 0 || clock_now() < deadline))
		return 0;
	if (result != 0)
		return result == 1 ? HOLD_PENDING : result;
	/* A tracer may see to the end first. */
	if (streams[1].is_ready && hold_wait(expect->hold, HOLD_NOW, NULL) != 0)
		os_sleep(clock_earliest(deadline, clock_after_ms(AGAIN_MS)));
	expect_make_room(expect);
	result = streams[0].is_ready ? expect_read(expect, fd) : 0;
	return result < 0 ? result : 0;
}

static int find_until(struct hold_expect *expect, int64_t deadline) {
	int result, late = 0;

	for (;;) {
		if (look_at_output(expect))
			return 0;
		if (expect->is_at_end)
			return HOLD_OUTPUT_END;
		if (!expect->hold || late == LATE_READS)
			return HOLD_PENDING;
		late += clock_now() >= deadline; /* also where there is always something to read */
		result = await_output(expect, deadline);
		if (result != 0)
			return result;
	}
}

int hold_expect(struct hold_expect *expect, const struct hold_pattern *patterns, size_t count, int64_t deadline,
		struct hold_match *ret) {
	struct hold_match match = { .size = sizeof match };
	int saved_errno = errno, result = expect_check(expect);

	if (result == 0)
		result = structure_check(ret, sizeof *ret);
	if (result < 0)
		return result;
	expect_leave_match(expect);
	if (count > 0)
		result = take_patterns(expect, patterns, count);
	else if (expect->program.length == 0)
		result = -EINVAL;
	if (result == 0)
		result = find_until(expect, deadline);
	errno = saved_errno;
	if (result < 0)
		return result;
	tell(expect, &match, result == 0);
	structure_give(ret, &match, sizeof match);
	expect->is_told = result == 0;
	expect->is_found = false;
	return result;
}

/* ---- feeding ---- */

static size_t feed_chunk(struct hold_expect *expect, const char *bytes, size_t size) {
	size_t looked, rest;

	if (size > EXPECT_CHUNK)
		size = EXPECT_CHUNK;
	expect_make_room(expect);
	memcpy(expect->bytes + expect->end, bytes, size);
	expect->end += size;
	looked = look_at_output(expect) ? expect->looked : expect->end;
	rest = expect->end - looked;
	expect->end -= rest;
	return size - rest;
}

int64_t hold_expect_feed(struct hold_expect *expect, const void *bytes, size_t length) {
	int error = expect_check(expect);
	size_t taken = 0;

	if (error < 0)
		return error;
	if (expect->hold || expect->program.length == 0 || (length > 0 && !bytes))
		return -EINVAL;
	expect_leave_match(expect);
	expect->is_at_end |= length == 0;
	while (taken < length && !look_at_output(expect))
		taken += feed_chunk(expect, (const char *)bytes + taken, length - taken);
	return (int64_t)taken;
}
