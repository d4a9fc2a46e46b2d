/* SPDX-License-Identifier: ISC */
/*
 * Copies bytes between a user's descriptors and the terminal of a held process. Neither direction waits for the other,
 * and no call waits but hold_relay, in its poll. So a reader that stalls delays nothing else.
 */
#include "relay-parts.h"
#include "structure.h"

#include "base/clock.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

enum {
	USER_LOOK_MS = 250,      /* no event tells that the caller came to the foreground */
	WITHOUT_FD_LOOK_MS = 10, /* where no descriptor tells that the process has ended */
	IN = 0,
	OUT = 1,
	PRINTED = 2,
	TYPED = 3
};

/* ---- begin ---- */

static int check_relay_options(const struct hold_relay_options *options) {
	const uint64_t flags = HOLD_RELAY_RAW | HOLD_RELAY_SIZE | HOLD_RELAY_DESCENDANTS | HOLD_RELAY_STRIP_CR;

	if (options->flags & ~flags || options->reserved)
		return -EINVAL;
	if (options->at_end != HOLD_INPUT_END_TYPED && options->at_end != HOLD_INPUT_END_IGNORED)
		return -EINVAL;
	return 0;
}

static void open_relay(struct hold_relay *relay) {
	const struct hold_relay_options *options = &relay->options;

	os_file_take(&relay->in, options->in, false);
	os_file_take(&relay->out, options->out == 0 ? HOLD_STDOUT : options->out, true);
	relay->other_side = os_terminal_open_other(relay->master);
	os_modes_get(relay->master, &relay->first);
	relay->to_terminal = (struct relay_bytes){ .bytes = relay->room, .room = RELAY_READ };
	relay->to_user = (struct relay_bytes){ .bytes = relay->room + RELAY_READ, .room = RELAY_OUTPUT };
	relay->look_at_read = HOLD_FOREVER;
	relay->look_at_user = HOLD_NOW;
	relay->end_is_typed = relay->in.fd < 0 || options->at_end == HOLD_INPUT_END_IGNORED;
	relay->state = (struct hold_relay_state){
		.size = sizeof relay->state,
		.in_has_ended = relay->in.fd < 0,
		.in_is_terminal = relay->in.kind == OS_FILE_TERMINAL,
		.out_is_terminal = relay->out.kind == OS_FILE_TERMINAL,
	};
}

int hold_relay_new(struct hold_relay **ret, struct hold *h, const struct hold_relay_options *given) {
	struct hold_relay_options options;
	int error = ret ? held_check(h) : -EINVAL, master;
	struct hold_relay *relay;

	if (error == 0)
		error = structure_take(&options, sizeof options, given);
	if (error == 0)
		error = check_relay_options(&options);
	if (error < 0)
		return error;
	master = atomic_load(&h->stream_fds[HOLD_TERMINAL]);
	if (master < 0)
		return -ENOTTY;
	if (h->has_relay)
		return -EBUSY;
	relay = calloc(1, sizeof *relay); /* large: never on the stack */
	if (!relay)
		return -ENOMEM;
	error = os_stream_set_blocking(master, false);
	if (error < 0) {
		free(relay);
		return error;
	}
	relay->hold = h;
	h->has_relay = true;
	relay->options = options;
	relay->master = master;
	open_relay(relay);
	*ret = relay;
	return 0;
}

struct hold_relay *hold_relay_free(struct hold_relay *relay) {
	if (!relay)
		return NULL;
	os_raw_end(relay->raw);
	os_close(relay->other_side);
	os_file_give_back(&relay->in);
	os_file_give_back(&relay->out);
	os_stream_set_blocking(relay->master, true);
	relay->hold->has_relay = false;
	free(relay);
	return NULL;
}

/* ---- the user's terminal ---- */

static void follow_size(struct hold_relay *relay, int terminal) {
	struct os_winsize now;
	struct hold_winsize *seen = &relay->seen;

	if (os_terminal_size(terminal, &now) < 0 || (now.rows == seen->rows && now.columns == seen->columns))
		return;
	*seen = (struct hold_winsize){ now.rows, now.columns, now.x_pixels, now.y_pixels };
	if (now.rows && now.columns)
		os_terminal_resize(relay->master, &now);
}

static void make_raw(struct hold_relay *relay) {
	if (relay->raw || relay->state.in_has_ended || !os_terminal_is_in_front(relay->in.fd))
		return;
	hold_relay_take_ahead(relay);
	os_raw_begin(&relay->raw, relay->in.fd, relay->state.out_is_terminal);
}

/* What no event tells of. A foreground that could not be made raw is looked at again. */
static void look_at_user(struct hold_relay *relay) {
	const uint64_t flags = relay->options.flags;

	if (!(flags & (HOLD_RELAY_RAW | HOLD_RELAY_SIZE))) {
		relay->look_at_user = HOLD_FOREVER;
		return;
	}
	if (clock_now() < relay->look_at_user)
		return;
	if (flags & HOLD_RELAY_RAW && relay->state.in_is_terminal)
		make_raw(relay);
	if (flags & HOLD_RELAY_SIZE && relay->state.in_is_terminal)
		follow_size(relay, relay->in.fd);
	else if (flags & HOLD_RELAY_SIZE && relay->state.out_is_terminal)
		follow_size(relay, relay->out.fd);
	relay->look_at_user = clock_after_ms(USER_LOOK_MS);
}

/* ---- one step ---- */

/* A user's terminal that could not be made raw, in the background, is not read. */
static bool wants_input(const struct hold_relay *relay) {
	if (relay->state.in_has_ended || !relay_is_empty(&relay->to_terminal))
		return false;
	return !(relay->options.flags & HOLD_RELAY_RAW) || !relay->state.in_is_terminal || relay->raw;
}

static void choose_streams(struct hold_relay *relay, bool reads_input) {
	const bool is_read = relay_is_empty(&relay->to_user) && !relay->has_ended && !relay->is_at_rest;

	relay->streams[IN] = (struct os_stream){ .fd = reads_input && wants_input(relay) ? relay->in.fd : -1 };
	relay->streams[OUT] =
		(struct os_stream){ .fd = relay_is_empty(&relay->to_user) ? -1 : relay->out.fd, .is_written = true };
	relay->streams[PRINTED] = (struct os_stream){ .fd = is_read ? relay->master : -1 };
	relay->streams[TYPED] =
		(struct os_stream){ .fd = relay->has_ended || !relay_has_to_type(relay) ? -1 : relay->master,
				    .is_written = true };
}

int hold_relay_fds(struct hold_relay *relay, struct pollfd *fds, int reads_input) {
	if (!relay || !fds)
		return -EINVAL;
	look_at_user(relay);
	relay_repeat_end(relay);
	choose_streams(relay, reads_input);
	os_streams_ask(relay->streams, RELAY_STREAMS, fds);
	return RELAY_STREAMS;
}

int64_t hold_relay_deadline(const struct hold_relay *relay) {
	return relay ? clock_earliest(relay->look_at_read, relay->look_at_user) : HOLD_FOREVER;
}

static int move_bytes(struct hold_relay *relay) {
	relay->has_modes = false;
	if (relay->streams[IN].is_ready)
		relay_read_user(relay);
	/* A key is typed at once. Where the terminal takes nothing now, the next wait tells when it does. */
	if (relay->streams[TYPED].is_ready || (relay->streams[IN].is_ready && !relay_is_empty(&relay->to_terminal)))
		relay_type(relay);
	if (relay->streams[PRINTED].is_ready)
		relay_read_terminal(relay);
	/* Most files take what comes: so they are asked for after the first refusal alone. */
	if (relay->streams[OUT].is_ready || (relay->streams[PRINTED].is_ready && !relay->out.waits &&
					     !relay->options.writer && !relay_is_empty(&relay->to_user)))
		relay_write_user(relay);
	if (relay->observed < 0)
		return relay->observed;
	return relay->has_ended && relay_is_empty(&relay->to_user) ? 0 : HOLD_PENDING;
}

int hold_relay_step(struct hold_relay *relay, const struct pollfd *fds) {
	if (!relay || !fds)
		return -EINVAL;
	os_streams_answer(relay->streams, RELAY_STREAMS, fds);
	return move_bytes(relay);
}

int hold_relay_finish(struct hold_relay *relay) {
	if (!relay)
		return -EINVAL;
	relay->state.in_has_ended = 1;
	relay->end_is_typed = true;
	relay->options.at_end = HOLD_INPUT_END_IGNORED;
	relay->to_terminal.start = relay->to_terminal.end;
	relay_read_rest(relay);
	relay->is_at_rest = true;
	return relay_is_empty(&relay->to_user) ? 0 : HOLD_PENDING;
}

int hold_relay_resume(struct hold_relay *relay) {
	if (!relay)
		return -EINVAL;
	relay->is_at_rest = false;
	return 0;
}

int hold_relay_state(const struct hold_relay *relay, struct hold_relay_state *ret) {
	struct os_modes modes;
	struct hold_relay_state state;
	int error = relay && ret ? structure_check(ret, sizeof *ret) : -EINVAL;

	if (error < 0)
		return error;
	state = relay->state;
	state.undelivered = (uint32_t)(relay->to_user.end - relay->to_user.start);
	if (ret->size > offsetof(struct hold_relay_state, is_canonical) && os_modes_get(relay->master, &modes) == 0) {
		state.is_canonical = modes.is_canonical;
		state.echoes = modes.echoes;
		state.modes_are_new =
			modes.is_canonical != relay->first.is_canonical || modes.echoes != relay->first.echoes;
	}
	structure_give(ret, &state, sizeof state);
	return 0;
}

/* ---- from start to end ---- */

/* The process has ended, or with HOLD_RELAY_DESCENDANTS its tree. */
static bool relay_is_over(const struct hold_relay *relay) {
	if (relay->options.flags & HOLD_RELAY_DESCENDANTS && hold_tree_fd(relay->hold) >= 0)
		return hold_tree_wait(relay->hold, HOLD_NOW) != HOLD_PENDING;
	return hold_wait(relay->hold, HOLD_NOW, NULL) == 0;
}

static int awaited_fd(const struct hold_relay *relay) {
	const int tree = relay->options.flags & HOLD_RELAY_DESCENDANTS ? hold_tree_fd(relay->hold) : -1;

	return tree >= 0 ? tree : hold_fd(relay->hold);
}

/* Waits for the first event and handles it. 0: the process has ended; HOLD_PENDING: it goes on; or an error. */
static int turn_relay(struct hold_relay *relay, int64_t deadline, bool is_finished) {
	struct os_stream streams[OS_STREAMS];
	int awaited = is_finished ? -1 : awaited_fd(relay), result;

	look_at_user(relay);
	relay_repeat_end(relay);
	choose_streams(relay, true);
	for (int i = 0; i < RELAY_STREAMS; i++)
		streams[i] = relay->streams[i];
	streams[RELAY_STREAMS] = (struct os_stream){ .fd = awaited };
	deadline = clock_earliest(deadline, hold_relay_deadline(relay));
	if (awaited < 0 && !is_finished)
		deadline = clock_earliest(deadline, clock_after_ms(WITHOUT_FD_LOOK_MS));
	result = os_streams_wait(streams, OS_STREAMS, deadline);
	if (result < 0)
		return result;
	for (int i = 0; i < RELAY_STREAMS; i++)
		relay->streams[i].is_ready = streams[i].is_ready;
	result = move_bytes(relay);
	if (result < 0 || is_finished)
		return result;
	return (streams[RELAY_STREAMS].is_ready || awaited < 0) && relay_is_over(relay) ? 0 : HOLD_PENDING;
}

int hold_relay_run(struct hold_relay *relay, int64_t deadline) {
	int result = relay ? HOLD_PENDING : -EINVAL;

	while (result == HOLD_PENDING) {
		result = turn_relay(relay, deadline, false);
		if (result == HOLD_PENDING && clock_now() >= deadline)
			return HOLD_PENDING;
	}
	if (result < 0)
		return result;
	result = hold_relay_finish(relay);
	while (result == HOLD_PENDING && !relay_is_empty(&relay->to_user)) {
		result = turn_relay(relay, deadline, true);
		if (result == HOLD_PENDING && clock_now() >= deadline)
			return HOLD_PENDING;
	}
	return relay->observed < 0 ? relay->observed : result < 0 ? result : 0;
}

int hold_relay(struct hold *h, const struct hold_relay_options *options, int64_t deadline,
	       struct hold_relay_state *ret) {
	struct hold_relay *relay;
	int result = structure_check(ret, sizeof *ret), stated;

	if (result == 0)
		result = hold_relay_new(&relay, h, options);
	if (result < 0)
		return result;
	result = hold_relay_run(relay, deadline);
	if (result >= 0 && ret) {
		relay_lose_output(relay, relay->state.out_error);
		stated = hold_relay_state(relay, ret);
		result = stated < 0 ? stated : result;
	}
	hold_relay_free(relay);
	return result;
}
