/* SPDX-License-Identifier: ISC */
/*
 * The terminal is raw. Output comes in packets, of which one is stored until the terminal has taken it: as long as that
 * takes nothing is read, and the other side sees that.
 */
#include "viewer.h"
#include "restorer.h"
#include "../attach/detach-key.h"
#include "../attach/key-queue.h"
#include "../attach/packet.h"
#include "../attach/queries.h"
#include "../common/message.h"
#include "../common/open-file.h"
#include "../common/screen.h"
#include "../common/terminal-size.h"
#include "../common/write-all.h"
#include "../run/caught.h"
#include "../run/user-terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { OUT_SIZE = PACKET_OUTPUT_MOST + 2 * SCREEN_TEXT, LAST_MS = 1000 };

struct viewer {
	const char *name;
	const struct viewer_options *options;
	int socket, in, out; /* in, out: the terminal, opened again, so that neither reading nor writing waits */
	char text[OUT_SIZE]; /* for the terminal */
	size_t length, written;
	struct key_queue keys;
	bool has_new_size;
	bool has_started;  /* something was shown */
	bool has_ended;    /* the record is written */
	bool is_over;      /* for the reason in `end` */
	int signal;        /* that has ended it; 0: none has */
	uint64_t replayed; /* so many bytes to come were printed earlier */
	enum viewer_end end;
	struct queries queries;
	struct pasted pasted;
	struct screen screen;
	struct restorer restorer;
};

static void finish(struct viewer *viewer, enum viewer_end end) {
	if (!viewer->is_over)
		viewer->end = end;
	viewer->is_over = true;
}

/* ---- to the terminal ---- */

/* The restorer knows of it before it is shown. */
static void add(struct viewer *viewer, const char *bytes, size_t size) {
	memcpy(viewer->text + viewer->length, bytes, size);
	viewer->length += size;
	screen_note(&viewer->screen, bytes, size);
	if (screen_take_change(&viewer->screen))
		restorer_tell(&viewer->restorer, &viewer->screen);
}

/* What may be the half of a sequence is given up. */
static void add_start(struct viewer *viewer, const struct packet *packet) {
	static const char cancel[] = { 030 };
	char off[SCREEN_TEXT];
	const size_t length = screen_off(&viewer->screen, off);

	if (viewer->has_started) {
		add(viewer, cancel, sizeof cancel);
		add(viewer, off, length);
	}
	viewer->has_started = true;
	viewer->replayed = packet->replayed;
	viewer->queries = (struct queries){ 0 };
	if (packet->length)
		add(viewer, packet->bytes, packet->length);
}

static void add_output(struct viewer *viewer, const struct packet *packet) {
	const size_t again = viewer->replayed < packet->length ? (size_t)viewer->replayed : packet->length;
	char text[PACKET_OUTPUT_MOST + QUERY_MOST];

	if (again) {
		add(viewer, text, queries_remove(&viewer->queries, packet->bytes, again, text));
		viewer->replayed -= again;
		if (!viewer->replayed)
			add(viewer, text, queries_end(&viewer->queries, text));
	}
	add(viewer, packet->bytes + again, packet->length - again);
}

static void write_some(struct viewer *viewer) {
	const ssize_t n = write_at_once(viewer->out, viewer->text + viewer->written, viewer->length - viewer->written);

	if (n >= 0)
		viewer->written += (size_t)n;
	else if (errno != EAGAIN && errno != EINTR)
		viewer->signal = SIGHUP; /* the terminal has gone */
	if (viewer->written == viewer->length)
		viewer->written = viewer->length = 0;
}

/* ---- from the run ---- */

static void tell_refusal(struct viewer *viewer, enum packet_reason reason) {
	user_terminal_restore();
	say("attach: '%s': %s", viewer->name,
	    reason == PACKET_NO_ROOM ? "too many have attached to it" : "its hold is of another version");
	finish(viewer, VIEWER_REFUSED);
}

static void obey(struct viewer *viewer, const struct packet *packet) {
	switch (packet->kind) {
	case PACKET_START:
		add_start(viewer, packet);
		break;
	case PACKET_OUTPUT:
		add_output(viewer, packet);
		break;
	case PACKET_END:
		finish(viewer, VIEWER_ENDED);
		break;
	case PACKET_REFUSED:
		tell_refusal(viewer, packet->reason);
		break;
	default:
		finish(viewer, VIEWER_LOST);
	}
}

static void hear(struct viewer *viewer) {
	static char bytes[PACKET_SIZE_MOST];
	struct packet packet;
	const ssize_t n = recv(viewer->socket, bytes, sizeof bytes, MSG_DONTWAIT);

	/* ECONNRESET: it was closed before it had read all; what it has said comes after that */
	if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNRESET))
		return;
	packet = packet_decode(bytes, n > 0 ? (size_t)n : 0);
	obey(viewer, &packet);
}

/* ---- to the run ---- */

/* false: there is no room now. */
static bool tell(struct viewer *viewer, const struct packet *packet) {
	static char bytes[PACKET_SIZE_MOST];
	const size_t size = packet_encode(packet, bytes);

	return send(viewer->socket, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ||
	       (errno != EAGAIN && errno != EINTR); /* it is gone, which reading tells */
}

static struct packet with_size(enum packet_kind kind, const struct viewer *viewer) {
	struct packet packet = { .kind = kind };

	packet.reads_only = kind == PACKET_HELLO && viewer->options->reads_only;
	terminal_size(viewer->in, &packet.size);
	return packet;
}

static void send_some(struct viewer *viewer) {
	const size_t count = key_queue_count(&viewer->keys), most = PACKET_KEYS_MOST;
	const struct packet size = with_size(PACKET_SIZE, viewer),
			    keys = { .kind = PACKET_KEYS,
				     .bytes = viewer->keys.bytes + viewer->keys.first,
				     .length = count < most ? count : most };

	if (viewer->has_new_size)
		viewer->has_new_size = !tell(viewer, &size);
	else if (count && tell(viewer, &keys))
		key_queue_take(&viewer->keys, keys.length);
}

/* Also while the run takes none, so that the key to detach is seen. */
static void read_keys(struct viewer *viewer) {
	char typed[PACKET_KEYS_MOST];
	const ssize_t n = read(viewer->in, typed, sizeof typed);
	size_t end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		viewer->signal = SIGHUP;
		return;
	}
	end = detach_key_find(viewer->options->detach_key, &viewer->pasted, typed, (size_t)n);
	if (!viewer->options->reads_only)
		key_queue_add(&viewer->keys, typed, end);
	if (key_queue_count(&viewer->keys))
		send_some(viewer);
	if (end < (size_t)n)
		finish(viewer, VIEWER_DETACHED);
}

/* ---- the terminal ---- */

static bool hear_signals(void) {
	static const int heard[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGCONT, SIGWINCH };
	sigset_t signals;

	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof heard / sizeof *heard; i++)
		sigaddset(&signals, heard[i]);
	return caught_listen(&signals);
}

/* For as long as the terminal takes it, but not for ever. */
static void put_screen_back(struct viewer *viewer) {
	char off[SCREEN_TEXT];
	const size_t length = screen_off(&viewer->screen, off);
	const int64_t deadline = hold_after_ms(LAST_MS);

	if (viewer->written < viewer->length)
		write_until(viewer->out, viewer->text + viewer->written, viewer->length - viewer->written, deadline);
	viewer->written = viewer->length = 0;
	if (length)
		write_until(viewer->out, off, length, deadline);
	if (viewer->end != VIEWER_ENDED)
		write_until(viewer->out, "\r\n", 2, deadline);
}

/* As long as it is stopped the terminal is the shell's. */
static void stop(struct viewer *viewer) {
	char on[SCREEN_TEXT];
	const size_t length = screen_on(&viewer->screen, on);

	put_screen_back(viewer);
	user_terminal_restore();
	caught_stop(SIGTSTP);
	user_terminal_make_raw(STDIN_FILENO);
	if (length)
		write_until(viewer->out, on, length, hold_after_ms(LAST_MS));
	viewer->has_new_size = true; /* which has the screen drawn anew */
}

static void come_to_front(void) {
	user_terminal_make_raw_again();
	user_terminal_make_raw(STDIN_FILENO);
}

static void handle_signals(struct viewer *viewer) {
	bool from_kernel;
	int signal;

	while ((signal = caught_take(&from_kernel))) {
		if (signal == SIGTSTP)
			stop(viewer);
		else if (signal == SIGCONT)
			come_to_front();
		if (signal == SIGWINCH || signal == SIGCONT)
			viewer->has_new_size = true;
		else if (signal != SIGTSTP)
			viewer->signal = signal;
	}
}

/* ---- the loop ---- */

/* false: nothing can be waited for; errno says why. */
static bool turn(struct viewer *viewer) {
	const bool has_text = viewer->written < viewer->length,
		   has_to_send = viewer->has_new_size || key_queue_count(&viewer->keys);
	struct pollfd fds[4] = {
		{ .fd = viewer->socket, .events = (short)((has_text ? 0 : POLLIN) | (has_to_send ? POLLOUT : 0)) },
		{ .fd = viewer->in, .events = POLLIN },
		{ .fd = has_text ? viewer->out : -1, .events = POLLOUT },
	};

	if (!fds[0].events) /* a connection that has ended would be told again and again */
		fds[0].fd = -1;
	if (!caught_wait(fds, 3, HOLD_FOREVER))
		return false;
	handle_signals(viewer);
	if (fds[2].revents)
		write_some(viewer);
	if (fds[0].revents & POLLOUT)
		send_some(viewer);
	if (fds[0].revents & ~POLLOUT && viewer->written == viewer->length)
		hear(viewer);
	if (fds[1].revents)
		read_keys(viewer);
	return true;
}

static void stay(struct viewer *viewer) {
	const struct packet hello = with_size(PACKET_HELLO, viewer);

	if (!tell(viewer, &hello))
		finish(viewer, VIEWER_LOST);
	while (!viewer->is_over && !viewer->signal) {
		if (turn(viewer))
			continue;
		user_terminal_restore();
		say("attach: '%s': %s", viewer->name, strerror(errno));
		finish(viewer, VIEWER_FAILED);
	}
}

static void open_terminal(struct viewer *viewer) {
	viewer->in = open_again(STDIN_FILENO, O_RDONLY);
	viewer->out = open_again(STDOUT_FILENO, O_WRONLY);
	if (viewer->in < 0)
		viewer->in = STDIN_FILENO;
	if (viewer->out < 0)
		viewer->out = STDOUT_FILENO;
}

static void close_all(struct viewer *viewer) {
	if (viewer->in != STDIN_FILENO)
		close(viewer->in);
	if (viewer->out != STDOUT_FILENO)
		close(viewer->out);
	close(viewer->socket);
}

/* If the run has ended, nobody misses them. */
static void tell_lost_keys(const struct viewer *viewer) {
	const size_t lost = viewer->keys.lost + key_queue_count(&viewer->keys);

	if (lost && viewer->end != VIEWER_ENDED)
		say("attach: '%s': it did not take all that was typed: %zu bytes are lost", viewer->name, lost);
}

static void watch(struct viewer *viewer) {
	open_terminal(viewer);
	if (!hear_signals()) {
		say("attach: signals: %s", strerror(errno));
		finish(viewer, VIEWER_FAILED);
		close_all(viewer);
		return;
	}
	user_terminal_make_raw(STDIN_FILENO);
	if (!restorer_begin(&viewer->restorer, STDOUT_FILENO, viewer->socket))
		say("attach: if hold is killed, this terminal stays as it is then: %s", strerror(errno));
	stay(viewer);
	put_screen_back(viewer);
	user_terminal_restore();
	restorer_end(&viewer->restorer);
	close_all(viewer);
	tell_lost_keys(viewer);
	if (viewer->signal)
		caught_die_of(viewer->signal);
}

/* Its buffers are not the program's, which would need the memory for each command that it holds. */
enum viewer_end viewer_stay(const char *name, int socket, const struct viewer_options *options) {
	struct viewer *viewer = calloc(1, sizeof *viewer);
	enum viewer_end end = VIEWER_FAILED;

	if (!viewer) {
		say("attach: %s", strerror(errno));
		close(socket);
		return end;
	}
	viewer->name = name;
	viewer->options = options;
	viewer->socket = socket;
	watch(viewer);
	end = viewer->end;
	free(viewer);
	return end;
}
