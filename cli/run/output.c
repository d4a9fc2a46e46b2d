/* SPDX-License-Identifier: ISC */
#include "output.h"
#include "../common/message.h"
#include "events.h"
#include "../common/open-file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A sink: gets all that comes out of the pipes. */
static int see_piped(void *context, int stream, const void *bytes, size_t length) {
	struct run *run = context;

	recording_see(run->recording, stream, bytes, length);
	return 0;
}

bool output_prepare(struct run *run) {
	const struct run_command_line *line = run->line;

	if (line->tty)
		run->relay = calloc(1, sizeof *run->relay);
	else if (line->bounds_output && !run->detached)
		run->piped = piped_new(line, see_piped, run);
	else
		return true;
	if (!output_is_carried(run))
		say("%s: %s", line->tty ? "the relay" : "--max-output", strerror(errno));
	return output_is_carried(run);
}

bool output_is_carried(const struct run *run) {
	return run->relay || run->piped;
}

void output_ask(struct run *run, struct pollfd *fds, bool reads_input) {
	for (int i = 0; i < OUTPUT_FDS; i++)
		fds[i] = (struct pollfd){ .fd = -1 };
	if (run->relay)
		relay_prepare(run->relay, fds, reads_input);
	else if (run->piped)
		piped_prepare(run->piped, fds);
}

/* The name of a stream of which something is left out already; NULL: nothing is, or there is no such stream. */
static const char *cut_stream(const struct run *run, int number) {
	if (run->piped)
		return piped_cut_stream(run->piped, number);
	if (number > 0)
		return NULL;
	if (run->detached)
		return run->detached->log.left_out ? "log" : NULL;
	return run->relay && run->relay->is_bounded && bounded_is_cut(&run->relay->bounded) ? "terminal" : NULL;
}

static void tell_cut(struct run *run) {
	for (int i = 0; run->events && i < OUTPUTS_MOST; i++) {
		const char *stream = run->cut_is_told[i] ? NULL : cut_stream(run, i);
		struct json *line = stream ? events_start_line(run->events, "output-truncated") : NULL;

		if (!line)
			continue;
		json_string(line, "stream", stream);
		events_write_line(run->events);
		run->cut_is_told[i] = true;
	}
}

void output_move(struct run *run, const struct pollfd *fds) {
	if (run->relay)
		relay_move(run->relay, fds);
	else if (run->piped)
		piped_move(run->piped, fds);
	tell_cut(run);
}

void output_collect_rest(struct run *run) {
	if (run->relay)
		relay_collect_rest(run->relay);
	else if (run->piped)
		piped_collect_rest(run->piped);
}

bool output_has_rest(const struct run *run) {
	return run->relay ? relay_has_rest(run->relay) : run->piped && piped_has_rest(run->piped);
}

void output_begin_tail(struct run *run) {
	if (run->relay)
		relay_begin_tail(run->relay);
	else if (run->piped)
		piped_begin_tails(run->piped);
}

/* ---- the end ---- */

/* EPIPE is not told, as SIGPIPE would not be. */
static void complain(struct run *run, const struct output_state *output) {
	if (!output->lost || output->error == EPIPE)
		return;
	run->output_is_cut = true;
	say("standard %s: %s: %" PRIu64 " bytes of the output are lost",
	    strcmp(output->stream, "stderr") == 0 ? "error" : "output", open_file_reason(output->error), output->lost);
}

static void end_relay(struct run *run) {
	char complaint[256];

	relay_end(run->relay, &run->outputs[0]);
	run->output_count = 1;
	if (relay_complaint(run->relay, complaint, sizeof complaint)) {
		run->output_is_cut = true;
		say("%s", complaint);
	} else {
		complain(run, &run->outputs[0]);
	}
	free(run->relay);
	run->relay = NULL;
}

void output_end(struct run *run) {
	if (run->relay)
		end_relay(run);
	if (!run->piped)
		return;
	run->output_count = piped_end(run->piped, run->outputs);
	for (size_t i = 0; i < run->output_count; i++)
		complain(run, &run->outputs[i]);
	piped_free(run->piped);
	run->piped = NULL;
}
