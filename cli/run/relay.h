/* SPDX-License-Identifier: ISC */
/*
 * Bytes between the user (standard input, standard output) and the terminal of the command. Neither direction ever
 * waits for the other, nor for anything but in the caller's poll: a user's terminal that is stopped by ^S, or a pipe
 * that nobody reads, holds up no signal and no time limit.
 */
#ifndef CLI_RELAY_H
#define CLI_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A read at most; and a buffer, with room for what is still to come when the command has ended. */
enum { RELAY_FDS = 3, RELAY_READ = 65536, RELAY_BUFFER = 2 * RELAY_READ };

struct relay_buffer {
	char bytes[RELAY_BUFFER];
	size_t start, end;
};

struct relay {
	int master;
	int subordinate; /* kept open, so that a command that closes its terminal is no end of file for us; or -1 */
	int in, out;     /* open files of our own where they can be had, else 0 and 1 */
	bool in_is_terminal, out_is_terminal, in_is_own, out_is_own;
	bool in_ended, in_end_sent, master_ended;
	bool out_failed;     /* the reader of the output has gone, or the terminal has hung up */
	int out_error;       /* an errno: the output was written no further; 0: all was written */
	uint64_t lost_bytes; /* of the output, from there on */
	int read_error;      /* an errno: the command's terminal could be read no further; 0: it was read to its end */
	int read_failures;   /* for lack of memory */
	bool interrupt_was_typed; /* the character of SIGINT, at the user's terminal */
	size_t line_length;       /* bytes since the last newline of what was sent to the terminal */
	struct relay_buffer to_command, to_user;
};

void relay_begin(struct relay *relay, int master, bool read_input);

/* Fills in what is to be polled for, RELAY_FDS of them; relay_move then does what is possible. */
void relay_prepare(const struct relay *relay, struct pollfd *fds, bool read_input);
void relay_move(struct relay *relay, const struct pollfd *fds);

/* After the command's end: all that it wrote is in the buffer or was delivered. Whether something is undelivered. */
void relay_collect_rest(struct relay *relay);
bool relay_has_rest(const struct relay *relay);

/* What is still undelivered is lost from now on. */
void relay_end(struct relay *relay);

/*
 * After relay_end: what is to be said of output that was lost, for which the command is not to be blamed. false: there
 * is nothing to be said. EPIPE is none, as SIGPIPE is not.
 */
bool relay_complaint(const struct relay *relay, char *text, size_t size);

#endif
