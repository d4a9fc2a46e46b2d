/* SPDX-License-Identifier: ISC */
/*
 * The library's relay between the user (standard input, standard output) and the terminal of the command, with what
 * hold itself has to know of it.
 */
#ifndef CLI_RELAY_H
#define CLI_RELAY_H

#include "../common/screen.h"
#include "bounded.h"
#include "output-state.h"

#include <pidhold.h>

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

enum { RELAY_FDS = HOLD_RELAY_FDS + 1 };

struct relay {
	struct hold_relay *relay;
	struct hold_relay_state state; /* after the last step */
	bool in_is_terminal, out_is_terminal;
	struct hold *hold;
	bool tells_screen;    /* the keeper is told what to switch off if hold is killed */
	struct screen screen; /* what the output has switched on at the user's terminal */
	hold_sink *observer;  /* gets what is printed, and what the terminal has taken; NULL: none */
	void *observer_context;
	bool in_ended;
	bool out_failed; /* the reader of the output has gone, or the terminal has hung up */
	bool reader_has_gone;
	bool strips_returns;
	bool is_bounded; /* by --max-output */
	struct bounded bounded;
	uint64_t lost; /* bytes of its tail */
};

/* Before relay_begin: only so many bytes of the beginning and of the end of the output are passed on. */
void relay_bound(struct relay *relay, uint64_t head, uint64_t tail);

/*
 * in: where input is read; negative: nowhere. The end of input is typed unless types_end is false. strips_returns: see
 * --strip-cr. Returns 0, or a negative errno.
 */
int relay_begin(struct relay *relay, struct hold *hold, int in, bool types_end, bool strips_returns);

/* Types bytes, behind what waits to be typed. Returns how many there was room for. */
size_t relay_add_input(struct relay *relay, const char *bytes, size_t length);

/*
 * Once the rest of the command's output is delivered: nothing more is read from the user or typed. The output of
 * descendants is read on.
 */
void relay_go_on_without_input(struct relay *relay);

/* Whether the command has changed how its terminal reads: the modes of lines and of echo. */
bool relay_has_new_modes(struct relay *relay);

/* Fills in what is to be polled for, RELAY_FDS of them; relay_move then does what is possible. */
void relay_prepare(struct relay *relay, struct pollfd *fds, bool read_input);
void relay_move(struct relay *relay, const struct pollfd *fds);

/*
 * After the command's end, or that of its last descendant: reads the rest of the output into the buffer, and nothing
 * after that. relay_has_rest: some is undelivered.
 */
void relay_collect_rest(struct relay *relay);
bool relay_has_rest(const struct relay *relay);

/* Adds a text of hold's own to the output. false: there is no room now. */
bool relay_add_text(struct relay *relay, const char *text, size_t size);

/* Once nothing more comes: what the bound has stored is to be delivered, which relay_move does. */
void relay_begin_tail(struct relay *relay);

/* Gives up what is still undelivered, and stores what became of the output. */
void relay_end(struct relay *relay, struct output_state *ret);

/* After relay_end: the message about input or the command's terminal. false: there is nothing to say. */
bool relay_complaint(const struct relay *relay, char *text, size_t size);

#endif
