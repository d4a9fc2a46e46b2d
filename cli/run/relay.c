/* SPDX-License-Identifier: ISC */
#include "relay.h"
#include "../common/open-file.h"
#include "../common/write-all.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

/* A line longer than this loses its end in the terminal's line discipline: at 4,096 bytes, in silence. */
enum { LINE_MAX_SAFE = 4000 };

enum { READ_FAILURES = 1000 };

/* Opens the same file again, non-blocking. A file that cannot be opened again is used as it is. */
static int own_or_shared(int fd, int access, bool *ret_is_own) {
	const int own = open_again(fd, access);

	*ret_is_own = own >= 0;
	return own >= 0 ? own : fd;
}

static bool is_pipe(int fd) {
	struct stat file;

	return fstat(fd, &file) == 0 && S_ISFIFO(file.st_mode);
}

void relay_begin(struct relay *relay, int master, int in, bool types_end) {
	struct termios modes;
	const char *name;

	memset(relay, 0, sizeof *relay);
	relay->master = master;
	fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK); /* ours alone: the command has the other side */
	name = ptsname(master);
	relay->subordinate = name ? open_file(name, O_RDWR) : -1;
	relay->first_lflag = tcgetattr(master, &modes) == 0 ? modes.c_lflag : 0;
	relay->in_is_terminal = in >= 0 && isatty(in);
	relay->in = in;
	relay->out = STDOUT_FILENO;
	/* An input pipe is not opened again: the new open file would not report that its writers have gone before. */
	if (relay->in_is_terminal)
		relay->in = own_or_shared(in, O_RDONLY, &relay->in_is_own);
	relay->out_is_terminal = isatty(STDOUT_FILENO);
	if (relay->out_is_terminal || is_pipe(STDOUT_FILENO))
		relay->out = own_or_shared(STDOUT_FILENO, O_WRONLY, &relay->out_is_own);
	relay->in_ended = in < 0;
	relay->in_end_sent = in < 0;
	relay->types_end = types_end;
	relay->repeats_end = types_end && in >= 0 && !relay->in_is_terminal;
}

bool relay_has_new_modes(const struct relay *relay) {
	struct termios modes;

	return tcgetattr(relay->master, &modes) == 0 &&
	       (modes.c_lflag & (ICANON | ECHO)) != (relay->first_lflag & (ICANON | ECHO));
}

static bool is_empty(const struct relay_buffer *buffer) {
	return buffer->start == buffer->end;
}

void relay_prepare(const struct relay *relay, struct pollfd *fds, bool read_input) {
	const bool wants_input = read_input && !relay->in_ended && is_empty(&relay->to_command);

	fds[0] = (struct pollfd){ .fd = wants_input ? relay->in : -1, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = is_empty(&relay->to_user) ? -1 : relay->out, .events = POLLOUT };
	fds[2] = (struct pollfd){ .fd = relay->master_ended || relay->is_at_rest ? -1 : relay->master };
	if (is_empty(&relay->to_user))
		fds[2].events |= POLLIN;
	if (!is_empty(&relay->to_command) || (relay->in_ended && !relay->in_end_sent))
		fds[2].events |= POLLOUT;
	if (!fds[2].events)
		fds[2].fd = -1;
}

static void note_interrupt(struct relay *relay, size_t size) {
	struct termios modes;

	if (relay->in_is_terminal && tcgetattr(relay->master, &modes) == 0 && modes.c_lflag & ISIG &&
	    modes.c_cc[VINTR] != _POSIX_VDISABLE && memchr(relay->to_command.bytes, modes.c_cc[VINTR], size))
		relay->interrupt_was_typed = true;
}

static void read_user(struct relay *relay) {
	ssize_t n = read(relay->in, relay->to_command.bytes, RELAY_READ);

	relay->to_command.start = 0;
	relay->to_command.end = n > 0 ? (size_t)n : 0;
	note_interrupt(relay, relay->to_command.end);
	/* The user's terminal gone (EIO), the pipe's writers gone (0), no standard input at all (EBADF). */
	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	relay->in_ended = true;
	if (n < 0 && errno != EBADF && !(errno == EIO && relay->in_is_terminal))
		relay->in_error = errno;
}

/* After a failure nothing more is written: output is read and thrown away, so that what was written has no gaps. */
static void lose_output(struct relay *relay, int error) {
	relay->lost_bytes += relay->to_user.end - relay->to_user.start;
	relay->to_user.start = relay->to_user.end;
	if (relay->out_error)
		return;
	relay->out_error = error;
	relay->out_failed = error == EPIPE || (error == EIO && relay->out_is_terminal);
}

static void write_user(struct relay *relay) {
	struct relay_buffer *buffer = &relay->to_user;
	/* An open file that is not our own is shared with other processes, and perhaps blocking. */
	const ssize_t n = write_at_once(relay->out, buffer->bytes + buffer->start, buffer->end - buffer->start);

	if (n > 0 && relay->out_is_terminal)
		screen_note(&relay->screen, buffer->bytes + buffer->start, (size_t)n);
	if (n >= 0)
		buffer->start += (size_t)n;
	else if (errno != EAGAIN && errno != EINTR)
		lose_output(relay, errno);
}

/*
 * While we have the subordinate side open ourselves EIO does not mean the terminal's end; no other error ever does. So
 * the rest of the output is missing then. A lack of memory may pass.
 */
static void note_read_error(struct relay *relay, int error) {
	if (error == EAGAIN || error == EINTR || (error == ENOMEM && ++relay->read_failures < READ_FAILURES))
		return;
	relay->master_ended = true;
	if (error != EIO || relay->subordinate >= 0)
		relay->read_error = error;
}

/* Unless it is raw, the user's terminal puts a carriage return before each newline itself. */
static bool adds_returns(const struct relay *relay) {
	struct termios modes;

	return relay->out_is_terminal && tcgetattr(relay->out, &modes) == 0 && modes.c_oflag & OPOST &&
	       modes.c_oflag & ONLCR;
}

/* Reads output of the command to the end of the buffer. Returns what read(2) does. */
static ssize_t read_output(struct relay *relay, size_t most) {
	char *const bytes = relay->to_user.bytes + relay->to_user.end;
	const ssize_t n = read(relay->master, bytes, most);
	const bool drops_returns = n > 0 && adds_returns(relay);
	size_t kept = 0;

	if (n > 0 && relay->observer)
		relay->observer(relay->observer_context, HOLD_TERMINAL, bytes, (size_t)n);
	for (ssize_t i = 0; i < n && drops_returns; i++) {
		if (bytes[i] != '\r' || i + 1 == n || bytes[i + 1] != '\n')
			bytes[kept++] = bytes[i];
	}
	if (n > 0)
		relay->to_user.end += drops_returns ? kept : (size_t)n;
	return n;
}

static void read_command(struct relay *relay) {
	ssize_t n;

	relay->to_user.start = relay->to_user.end = 0;
	n = read_output(relay, RELAY_READ);
	if (n == 0)
		relay->master_ended = true;
	else if (n < 0)
		note_read_error(relay, errno);
	if (relay->out_error)
		lose_output(relay, relay->out_error);
}

/* *ret_eof stays as it is where the modes are unknown. */
static bool is_canonical(const struct relay *relay, char *ret_eof) {
	struct termios modes;

	if (tcgetattr(relay->master, &modes) < 0)
		return false;
	*ret_eof = (char)modes.c_cc[VEOF];
	return modes.c_lflag & ICANON && modes.c_cc[VEOF] != _POSIX_VDISABLE;
}

bool relay_is_canonical(const struct relay *relay) {
	char eof;

	return is_canonical(relay, &eof);
}

/* ---- what was typed ahead ---- */

static bool has_input(const struct relay *relay) {
	struct pollfd readable = { .fd = relay->in, .events = POLLIN };

	return poll(&readable, 1, 0) == 1 && readable.revents & POLLIN;
}

void relay_take_ahead(struct relay *relay) {
	struct relay_buffer *buffer = &relay->to_command;
	struct termios modes;
	char eof = 'D' & 31;
	ssize_t n;

	if (!is_empty(buffer) || tcgetattr(relay->in, &modes) < 0 || !(modes.c_lflag & ICANON))
		return;
	is_canonical(relay, &eof);
	buffer->start = buffer->end = 0;
	while (buffer->end < RELAY_READ && has_input(relay)) {
		n = read(relay->in, buffer->bytes + buffer->end, RELAY_READ - buffer->end);
		if (n < 0)
			break;
		buffer->end += (size_t)n;
		/* A read that does not end with a line ends with an end of file. */
		if (n == 0 || buffer->bytes[buffer->end - 1] != '\n')
			buffer->bytes[buffer->end++] = eof;
	}
}

void relay_go_on_without_input(struct relay *relay) {
	relay->in_is_terminal = relay->repeats_end = relay->is_at_rest = false;
	relay->to_command.start = relay->to_command.end;
}

/* ---- to the command ---- */

size_t relay_type(struct relay *relay, const char *bytes, size_t length) {
	struct relay_buffer *buffer = &relay->to_command;

	if (is_empty(buffer))
		buffer->start = buffer->end = 0;
	if (length > sizeof buffer->bytes - buffer->end)
		length = sizeof buffer->bytes - buffer->end;
	memcpy(buffer->bytes + buffer->end, bytes, length);
	buffer->end += length;
	return length;
}

/*
 * A file or pipe may have lines of any length. The end-of-file character within a line gives its first part to the
 * reader, without a newline, and makes room.
 */
static bool push_long_line(struct relay *relay) {
	char eof;

	if (relay->line_length < LINE_MAX_SAFE)
		return true;
	if (is_canonical(relay, &eof) && write(relay->master, &eof, 1) != 1)
		return false;
	relay->line_length = 0;
	return true;
}

/* Whether the terminal ends a line at this byte. An end of file at the beginning of a line ends the input. */
static bool ends_line(const struct termios *modes, char byte) {
	if (byte == '\n')
		return !(modes->c_iflag & INLCR);
	if (byte == '\r')
		return modes->c_iflag & ICRNL && !(modes->c_iflag & IGNCR);
	return byte != _POSIX_VDISABLE &&
	       ((cc_t)byte == modes->c_cc[VEOL] || (modes->c_lflag & IEXTEN && (cc_t)byte == modes->c_cc[VEOL2]));
}

/* How many of the bytes belong to the line that they begin with. */
static size_t length_of_line(const struct termios *modes, const char *bytes, size_t size) {
	size_t length = 0;

	while (length < size && !ends_line(modes, bytes[length]))
		length++;
	return length < size ? length + 1 : size;
}

static void write_command(struct relay *relay) {
	struct relay_buffer *buffer = &relay->to_command;
	const char *bytes = buffer->bytes + buffer->start;
	size_t size = buffer->end - buffer->start;
	struct termios modes;
	ssize_t n;

	if (tcgetattr(relay->master, &modes) < 0)
		modes = (struct termios){ .c_iflag = ICRNL };
	if (!relay->in_is_terminal) {
		if (!push_long_line(relay))
			return;
		size = length_of_line(&modes, bytes, size);
		if (size > LINE_MAX_SAFE - relay->line_length)
			size = LINE_MAX_SAFE - relay->line_length;
	}
	n = write(relay->master, bytes, size);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			buffer->start = buffer->end;
		return;
	}
	buffer->start += (size_t)n;
	relay->line_length = n > 0 && ends_line(&modes, bytes[n - 1]) ? 0 : relay->line_length + (size_t)n;
}

/* Sends the end of input once. Within a line the first such character only delivers that line, so it takes two. */
static void send_end(struct relay *relay) {
	char eof[2] = { 'D' & 31, 'D' & 31 };
	size_t count = 1;

	if (!relay->types_end) {
		relay->in_end_sent = true;
		return;
	}
	if (is_canonical(relay, &eof[0]) && relay->line_length > 0)
		count = 2;
	eof[1] = eof[0];
	if (write(relay->master, eof, count) > 0 || errno != EAGAIN)
		relay->in_end_sent = true;
}

void relay_move(struct relay *relay, const struct pollfd *fds) {
	if (fds[0].revents)
		read_user(relay);
	if (fds[1].revents)
		write_user(relay);
	if (fds[2].revents & POLLOUT) {
		if (!is_empty(&relay->to_command))
			write_command(relay);
		else if (relay->in_ended && !relay->in_end_sent)
			send_end(relay);
	}
	if (fds[2].revents & ~POLLOUT && is_empty(&relay->to_user))
		read_command(relay);
}

/* If poll fails, the read, which does not block, shows it. */
static bool may_have_input(int fd) {
	struct pollfd readable = { .fd = fd, .events = POLLIN };

	return poll(&readable, 1, 0) != 0;
}

/*
 * Reads the terminal until it has nothing more; the kernel is exact about that, so all that the ended command wrote is
 * here then. But not for ever: the terminal held some 12 KB at most, so if the buffer gets full another process writes.
 */
void relay_collect_rest(struct relay *relay) {
	struct relay_buffer *buffer = &relay->to_user;
	ssize_t n;

	memmove(buffer->bytes, buffer->bytes + buffer->start, buffer->end - buffer->start);
	buffer->end -= buffer->start;
	buffer->start = 0;
	relay->in_ended = relay->in_end_sent = true;
	fcntl(relay->master, F_SETFL, O_RDWR | O_NONBLOCK);
	while (!relay->master_ended && buffer->end < sizeof buffer->bytes && may_have_input(relay->master)) {
		n = read_output(relay, sizeof buffer->bytes - buffer->end);
		if (n == 0 || (n < 0 && errno == EAGAIN))
			break;
		if (n < 0)
			note_read_error(relay, errno);
	}
	relay->is_at_rest = true;
	if (relay->out_error)
		lose_output(relay, relay->out_error);
}

bool relay_has_rest(const struct relay *relay) {
	return !is_empty(&relay->to_user);
}

bool relay_add_text(struct relay *relay, const char *text, size_t size) {
	struct relay_buffer *buffer = &relay->to_user;

	if (is_empty(buffer))
		buffer->start = buffer->end = 0;
	if (relay->out_error || size > sizeof buffer->bytes - buffer->end)
		return false;
	memcpy(buffer->bytes + buffer->end, text, size);
	buffer->end += size;
	return true;
}

void relay_end(struct relay *relay) {
	if (relay_has_rest(relay))
		lose_output(relay, ETIMEDOUT);
	if (relay->subordinate >= 0)
		close(relay->subordinate);
	if (relay->in_is_own)
		close(relay->in);
	if (relay->out_is_own)
		close(relay->out);
	/* If the loop goes on, for descendants, it must find nothing to poll, and no terminal that hangs up. */
	relay->subordinate = relay->in = relay->out = relay->master = -1;
	relay->in_is_own = relay->out_is_own = relay->in_is_terminal = false;
}

bool relay_complaint(const struct relay *relay, char *text, size_t size) {
	if (relay->read_error) {
		snprintf(text, size, "the command's terminal: %s: the rest of the output is lost",
			 strerror(relay->read_error));
		return true;
	}
	if (relay->in_error) {
		snprintf(text, size, "standard input: %s: it was read no further", strerror(relay->in_error));
		return true;
	}
	if (!relay->lost_bytes || relay->out_error == EPIPE)
		return false;
	snprintf(text, size, "standard output: %s: %" PRIu64 " bytes of the output are lost",
		 relay->out_error == ETIMEDOUT ? "nobody reads it" : strerror(relay->out_error), relay->lost_bytes);
	return true;
}
