/* SPDX-License-Identifier: ISC */
/*
 * Copies bytes between the user (standard input, standard output) and the terminal of the command. Neither direction
 * waits for the other; the only wait is the caller's poll. So a user's terminal that is stopped by ^S, or a pipe that
 * is not read, delays no signal and no time limit.
 */
#ifndef CLI_RELAY_H
#define CLI_RELAY_H

#include "screen.h"

#include <pidhold.h>

#include <poll.h>
#include <termios.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RELAY_READ is the most that is read at once; a buffer also has room for what comes after the command's end. */
enum { RELAY_FDS = 3, RELAY_READ = 65536, RELAY_BUFFER = 2 * RELAY_READ };

struct relay_buffer {
	char bytes[RELAY_BUFFER];
	size_t start, end;
};

struct relay {
	int master;
	int subordinate; /* kept open, so that we see no end of file when the command closes its terminal; or -1 */
	int in, out;     /* open files of our own where that is possible, else 0 and 1 */
	bool in_is_terminal, out_is_terminal, in_is_own, out_is_own;
	bool in_ended, in_end_sent, master_ended;
	bool is_at_rest;      /* the command's terminal is not read: see relay_collect_rest */
	bool types_end;       /* the end of input is typed into the command's terminal */
	bool repeats_end;     /* and again, whenever a program waits for input there */
	tcflag_t first_lflag; /* the local modes with which the terminal began */
	bool out_failed;      /* the reader of the output has gone, or the terminal has hung up */
	int in_error;         /* an errno: the input was read no further, though not at its end; 0: it was not so */
	int out_error;        /* an errno: the output was written no further; 0: all was written */
	uint64_t lost_bytes;  /* of the output, from there on */
	int read_error;       /* an errno: the command's terminal could be read no further; 0: it was read to its end */
	int read_failures;    /* for lack of memory */
	bool interrupt_was_typed; /* the character of SIGINT, at the user's terminal */
	struct screen screen;     /* what the output has switched on at the user's terminal */
	hold_sink *observer;      /* gets all that the command prints; NULL: none */
	void *observer_context;
	size_t line_length; /* bytes since the last newline of what was sent to the terminal */
	struct relay_buffer to_command, to_user;
};

/* in: where input is read; negative: nowhere. The end of input is typed unless types_end is false. */
void relay_begin(struct relay *relay, int master, int in, bool types_end);

/*
 * Before the user's terminal is made raw: takes what was typed ahead, while the terminal still tells its lines and ends
 * of file. Each end of file becomes the character that means it at the command's terminal.
 */
void relay_take_ahead(struct relay *relay);

/* Types bytes, behind what waits to be typed. Returns how many there was room for. */
size_t relay_type(struct relay *relay, const char *bytes, size_t length);

/*
 * Once the rest of the command's output is delivered: nothing more is read from the user or typed. The output of
 * descendants is read on.
 */
void relay_go_on_without_input(struct relay *relay);

/* Whether the command has changed how its terminal reads: the modes of lines and of echo. */
bool relay_has_new_modes(const struct relay *relay);

/* Whether the command's terminal gives whole lines, so that it knows an end of input. */
bool relay_is_canonical(const struct relay *relay);

/* Fills in what is to be polled for, RELAY_FDS of them; relay_move then does what is possible. */
void relay_prepare(const struct relay *relay, struct pollfd *fds, bool read_input);
void relay_move(struct relay *relay, const struct pollfd *fds);

/*
 * After the command's end, or that of its last descendant: reads the rest of the output into the buffer, and nothing
 * after that. relay_has_rest: some is undelivered.
 */
void relay_collect_rest(struct relay *relay);
bool relay_has_rest(const struct relay *relay);

/* Adds a text of hold's own to the output. false: there is no room now. */
bool relay_add_text(struct relay *relay, const char *text, size_t size);

/* Gives up what is still undelivered. */
void relay_end(struct relay *relay);

/*
 * After relay_end: the message about output that was lost, which is not the command's fault. false: there is nothing to
 * say. EPIPE is not reported, as SIGPIPE would not be.
 */
bool relay_complaint(const struct relay *relay, char *text, size_t size);

#endif
