/* SPDX-License-Identifier: ISC */
/*
 * hold_capture: one loop around poll in the calling thread. The command's end, the end of its output and the end of its
 * tree are three moments: a process that keeps a pipe open holds up none of the others. When the command has ended, or
 * its time is up, the rest is ended by the ladder while its output is read on.
 */
#include "audit.h"
#include "bounded-buffer.h"
#include "failure.h"
#include "hold.h"
#include "stop-process.h"
#include "stop-tree.h"
#include "structure.h"
#include "tree.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>

enum {
	USUAL_KEPT = 1 << 20, /* bytes, of an output's beginning and of its end */
	MOMENT_MS = 200,      /* in which most orphans of the command end by themselves */
	OUTPUTS = 3,          /* that of stream n is number n - 1 */
	READ_LOOK_MS = 100,   /* between two looks whether a program waits for input that nobody types */
	RUN_LOOK_MS = 10,     /* between two looks, where no descriptor tells that nobody is left */
	REST_READS = 256      /* of the bytes that are in a pipe: 4 MiB, four times what a user may have in one */
};

struct run_state {
	struct hold *hold;
	const char *input;
	size_t input_left;
	int fds[4]; /* by HOLD_STDIN, ..., HOLD_TERMINAL; -1: at its end, not ours, or another one's too */
	struct bounded_buffer outputs[OUTPUTS];
	int terminal;    /* the master of one that standard input is on, where nobody types; -1: none */
	hold_sink *sink; /* gets each output, which is not kept then; NULL: none */
	void *sink_context;
	int sink_error;
	struct hold_member *orphans;
	size_t orphan_count, orphan_room;
	bool timed_out;
};

/* ---- the streams ---- */

static void close_input(struct run_state *run) {
	if (run->fds[0] >= 0)
		os_close(hold_stream_take(run->hold, 0));
	run->fds[0] = -1;
	run->input_left = 0;
}

static void write_input(struct run_state *run) {
	const long written = os_stream_write(run->fds[0], run->input, run->input_left);

	if (written > 0) {
		run->input += written;
		run->input_left -= (size_t)written;
	}
	/* nobody reads it any more: no error of ours */
	if (run->input_left == 0 || (written < 0 && written != -EAGAIN))
		close_input(run);
}

/* Nobody types on the terminal: who reads it gets the end of file, each time. */
static void end_input_of_terminal(const struct run_state *run) {
	if (run->terminal >= 0 && hold_terminal_is_read(run->hold) == 1)
		os_terminal_type_end(run->terminal);
}

/* After its first error the sink gets no more; the output is read on, so that the command is not held up. */
static void give_to_sink(struct run_state *run, int stream, const char *bytes, size_t size) {
	run->outputs[stream - 1].total += size;
	if (run->sink_error == 0)
		run->sink_error = run->sink(run->sink_context, stream, bytes, size);
}

static void read_output(struct run_state *run, int stream) {
	char bytes[16384];
	const long size = os_stream_read(run->fds[stream], bytes, sizeof bytes);

	if (size > 0 && run->sink)
		give_to_sink(run, stream, bytes, (size_t)size);
	else if (size > 0)
		buffer_add(&run->outputs[stream - 1], bytes, (size_t)size);
	else if (size != -EAGAIN)
		run->fds[stream] = -1;
}

/* Moves what can be moved until `awaited` is readable or the deadline has passed: 0, HOLD_PENDING, or an error. */
static int pump(struct run_state *run, int awaited, int64_t deadline) {
	int result;

	for (;;) {
		struct os_stream streams[OS_STREAMS] = { { .fd = awaited } };

		for (int i = 0; i <= OUTPUTS; i++)
			streams[1 + i] = (struct os_stream){ .fd = run->fds[i], .is_written = i == 0 };
		result = os_streams_wait(streams, OS_STREAMS, deadline);
		if (result != 0)
			return result == 1 ? HOLD_PENDING : result;
		if (streams[1].is_ready)
			write_input(run);
		for (int i = 1; i <= OUTPUTS; i++) {
			if (streams[1 + i].is_ready)
				read_output(run, i);
		}
		if (run->sink_error < 0)
			return run->sink_error;
		if (streams[0].is_ready)
			return 0;
		if (clock_now() >= deadline) /* also where there is always something to read */
			return HOLD_PENDING;
	}
}

/* What lies in the pipes already; a process that may still write there is not waited for. */
static void read_rest(struct run_state *run) {
	struct os_stream streams[OUTPUTS];

	for (int reads = 0; reads < REST_READS; reads++) {
		for (int i = 0; i < OUTPUTS; i++)
			streams[i] = (struct os_stream){ .fd = run->fds[1 + i] };
		if (os_streams_wait(streams, OUTPUTS, HOLD_NOW) != 0)
			return;
		for (int i = 0; i < OUTPUTS; i++) {
			if (streams[i].is_ready)
				read_output(run, 1 + i);
		}
	}
}

/* ---- the end ---- */

static bool command_has_ended(struct run_state *run) {
	return hold_wait(run->hold, HOLD_NOW, NULL) == 0;
}

/* Without memory for it the member is ended all the same. */
static int note_orphan(void *context, const struct hold_member *member) {
	struct run_state *run = context;

	if (member->pid == hold_pid(run->hold)) /* the command itself, at the deadline */
		return 0;
	if (run->orphan_count == run->orphan_room) {
		const size_t room = run->orphan_room ? run->orphan_room * 2 : 8;
		struct hold_member *grown = realloc(run->orphans, room * sizeof *grown);

		if (!grown)
			return 1;
		run->orphans = grown;
		run->orphan_room = room;
	}
	run->orphans[run->orphan_count++] = *member;
	return 0;
}

/* With a keeper it is the kernel that says so; else none is seen any more. A look that failed has not seen that. */
static bool has_tree(const struct run_state *run) {
	if (hold_tree_fd(run->hold) >= 0)
		return hold_tree_wait(run->hold, HOLD_NOW) != 0;
	return tree_has_members(run->hold);
}

/* Until nobody is left, or the deadline has passed. */
static bool empties(struct run_state *run, int64_t deadline) {
	const int tree = hold_tree_fd(run->hold);

	while (has_tree(run) || (tree < 0 && !command_has_ended(run))) {
		const int64_t look = tree < 0 ? clock_after_ms(RUN_LOOK_MS) : deadline;

		if (clock_now() >= deadline || hold_tree_wait(run->hold, HOLD_NOW) == -EOWNERDEAD)
			return false;
		if (pump(run, tree, clock_earliest(look, deadline)) < 0)
			return false;
	}
	return true;
}

/* Without a keeper orphans are out of sight, and the end of the output is all that tells of them. */
static void outlast(struct run_state *run, int64_t deadline) {
	while ((run->fds[1] >= 0 || run->fds[2] >= 0) && clock_now() < deadline) {
		if (pump(run, -1, clock_earliest(deadline, clock_after_ms(RUN_LOOK_MS))) < 0)
			return;
	}
}

/* Where no tree can be looked at the command is ended, and the rest is out of sight. */
static void end_command_by_ladder(struct run_state *run) {
	struct hold *h = run->hold;
	struct process_stop stop;

	process_stop_begin(&stop, h->ladder, h->ladder_count);
	while (process_stop_step(h, &stop) == HOLD_PENDING) {
		const int64_t due = clock_earliest(process_stop_due(&stop), clock_after_ms(RUN_LOOK_MS));

		if (pump(run, hold_fd(h), due) < 0)
			os_sleep(due);
	}
}

/* By the ladder, while the output is read on: what hold_tree_stop returns. A failing wait must not end the ladder. */
static int end_by_ladder(struct run_state *run, struct hold_tree_report *ret) {
	struct hold *h = run->hold;
	int result = audit(AUDIT_STOP_TREE, h->pid, 0);
	struct tree_stop stop;

	if (result < 0)
		return result;
	tree_stop_begin(&stop, h->ladder, h->ladder_count);
	while ((result = tree_stop_step(h, &stop)) == HOLD_PENDING) {
		const int64_t due = tree_stop_due(&stop);

		if (pump(run, tree_stop_fd(h, &stop), due) < 0)
			os_sleep(clock_earliest(due, clock_after_ms(RUN_LOOK_MS)));
	}
	tree_stop_end(&stop, ret, NULL, NULL);
	if (result == -ENOSYS)
		end_command_by_ladder(run);
	return result;
}

static int run_to_end(struct run_state *run, int64_t deadline, struct hold_capture_result *result) {
	int error = HOLD_PENDING, end = 0;

	while (error >= 0 && !command_has_ended(run) && !run->timed_out) {
		/* Readable already, and no end yet: a tracer sees to it first, or the keeper is about to tell. */
		const int fd = error == 0 ? -1 : hold_fd(run->hold);
		const int64_t look = fd < 0               ? clock_after_ms(RUN_LOOK_MS)
				     : run->terminal >= 0 ? clock_after_ms(READ_LOOK_MS)
							  : deadline;

		error = pump(run, fd, clock_earliest(look, deadline));
		if (error == HOLD_PENDING)
			end_input_of_terminal(run);
		run->timed_out = clock_now() >= deadline && !command_has_ended(run);
	}
	close_input(run);
	if (error >= 0 && !run->timed_out) {
		const int64_t moment = clock_after_ms(MOMENT_MS);

		if (empties(run, moment) && hold_tree_fd(run->hold) < 0)
			outlast(run, moment);
	}
	if (run->timed_out || error < 0 || has_tree(run)) {
		hold_tree_list(run->hold, note_orphan, run);
		end = end_by_ladder(run, &result->left);
	}
	read_rest(run);
	if (error < 0)
		return error;
	if (end < 0 && result->left.survivors == 0) /* the keeper was killed: what it kept may live on unseen */
		result->left.survivors = 1;
	return end < 0 || end == HOLD_SURVIVORS || !command_has_ended(run) ? HOLD_SURVIVORS : 0;
}

/* ---- from options to result ---- */

static void give_output(struct bounded_buffer *buffer, struct hold_output *ret) {
	ret->total = buffer->total;
	ret->length = buffer_finish(buffer);
	ret->gap_at = ret->total > ret->length ? buffer->head : ret->length;
	ret->bytes = buffer->bytes;
}

/* The streams that were left to us: pipes, and the terminal if there is one. */
static struct hold_options options_of(const struct hold_capture_options *run, const struct hold_options *given) {
	struct hold_options options = *given;

	if (options.in.kind == HOLD_STDIO_DEFAULT && run->input_length)
		options.in.kind = HOLD_STDIO_PIPE;
	else if (options.in.kind == HOLD_STDIO_DEFAULT && !options.terminal)
		options.in.kind = HOLD_STDIO_NULL;
	if (options.terminal)
		return options;
	if (options.out.kind == HOLD_STDIO_DEFAULT)
		options.out.kind = HOLD_STDIO_PIPE;
	if (options.err.kind == HOLD_STDIO_DEFAULT)
		options.err.kind = HOLD_STDIO_PIPE;
	return options;
}

static void find_streams(struct run_state *run) {
	for (int i = 0; i <= OUTPUTS; i++) {
		run->fds[i] = hold_stream(run->hold, i);
		if (run->fds[i] < 0)
			run->fds[i] = -1;
	}
	run->terminal = run->fds[0] == run->fds[HOLD_TERMINAL] ? run->fds[0] : -1;
	if (run->terminal >= 0)
		run->fds[0] = -1;
	for (int i = HOLD_TERMINAL; i > HOLD_STDOUT; i--) { /* a terminal is read once */
		for (int before = HOLD_STDOUT; before < i; before++)
			run->fds[i] = run->fds[i] == run->fds[before] ? -1 : run->fds[i];
	}
	if (run->input_left == 0)
		close_input(run);
}

static int begin_outputs(struct run_state *run, const struct hold_capture_options *asked, bool has_terminal) {
	size_t head = asked->keep_head, tail = asked->keep_tail;

	if (asked->sink)
		head = tail = 0;
	else if (!head && !tail)
		head = tail = USUAL_KEPT;
	for (int i = 0; i < OUTPUTS; i++) {
		if (i == HOLD_TERMINAL - 1 && !has_terminal)
			head = tail = 0;
		if (!buffer_begin(&run->outputs[i], head, tail))
			return -ENOMEM;
	}
	return 0;
}

/* The outputs are owned by the result afterwards. */
static int start_and_run(struct run_state *run, const struct hold_capture_options *asked,
			 const struct hold_options *options, struct hold_capture_result *result,
			 struct hold_error *ret_failed) {
	const int64_t deadline = asked->deadline ? asked->deadline : HOLD_FOREVER;
	int error = begin_outputs(run, asked, options->terminal != NULL);

	if (error < 0)
		return failure(ret_failed, error, HOLD_AT_MEMORY, "keep_head, keep_tail");
	error = hold_spawn(&run->hold, options, ret_failed);
	if (error < 0)
		return error;
	find_streams(run);
	error = run_to_end(run, deadline, result);
	hold_wait(run->hold, HOLD_NOW, &result->status); /* where it lives on it stays unknown */
	result->timed_out = run->timed_out;
	hold_release(run->hold);
	if (error < 0)
		return failure(ret_failed, error, HOLD_AT_OPTION, run->sink_error ? "sink" : "");
	give_output(&run->outputs[0], &result->out);
	give_output(&run->outputs[1], &result->err);
	give_output(&run->outputs[2], &result->terminal);
	result->orphans = run->orphans;
	result->orphan_count = run->orphan_count;
	return error;
}

/* Why the options of the call itself are refused: what hold_spawn refuses it says. */
static int take_options(struct hold_capture_options *asked, struct hold_options *options,
			const struct hold_capture_options *given, struct hold_error *ret) {
	int error = structure_take(asked, sizeof *asked, given);

	if (error < 0)
		return failure(ret, error, HOLD_AT_OPTION, "hold_capture_options");
	error = structure_take(options, sizeof *options, asked->options);
	if (error < 0)
		return failure(ret, error, HOLD_AT_OPTION, "options");
	if (asked->input_length && (!asked->input || options->terminal))
		return failure(ret, -EINVAL, HOLD_AT_OPTION, "input");
	if (asked->input_length && options->in.kind != HOLD_STDIO_DEFAULT && options->in.kind != HOLD_STDIO_PIPE)
		return failure(ret, -EINVAL, HOLD_AT_OPTION, "input");
	return 0;
}

int hold_capture(struct hold_capture_result *ret, const struct hold_capture_options *given, struct hold_error *reterr) {
	struct hold_capture_result result = { .size = sizeof result,
					      .status = { .size = sizeof result.status,
							  .how = HOLD_HOW_UNKNOWN,
							  .code = -1,
							  .core_dumped = -1,
							  .wall_ns = -1,
							  .user_us = -1,
							  .system_us = -1,
							  .max_rss_kib = -1 },
					      .left = { .size = sizeof result.left } };
	struct hold_capture_options asked;
	struct hold_options options;
	struct run_state running = { .fds = { -1, -1, -1, -1 }, .terminal = -1 };
	struct hold_error failed = { .size = sizeof failed };
	int saved_errno = errno, error = ret ? structure_check(ret, sizeof *ret) : -EINVAL;

	if (error == 0)
		error = structure_check(reterr, sizeof *reterr);
	if (error < 0)
		return error;
	error = take_options(&asked, &options, given, &failed);
	if (error == 0) {
		options.size = sizeof options;
		options = options_of(&asked, &options);
		running.input = asked.input;
		running.input_left = asked.input_length;
		running.sink = asked.sink;
		running.sink_context = asked.sink_context;
		error = start_and_run(&running, &asked, &options, &result, &failed);
	}
	if (error >= 0) {
		structure_give(ret, &result, sizeof result);
	} else {
		structure_give(reterr, &failed, sizeof failed);
		for (int i = 0; i < OUTPUTS; i++)
			free(running.outputs[i].bytes);
		free(running.orphans);
	}
	errno = saved_errno;
	return error;
}

void hold_capture_free(struct hold_capture_result *result) {
	if (!result)
		return;
	free(result->out.bytes);
	free(result->err.bytes);
	free(result->terminal.bytes);
	free(result->orphans);
	result->out = result->err = result->terminal = (struct hold_output){ .bytes = NULL };
	result->orphans = NULL;
	result->orphan_count = 0;
}
