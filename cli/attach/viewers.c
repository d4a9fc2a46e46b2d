/* SPDX-License-Identifier: ISC */
#include "viewers.h"
#include "packet.h"
#include "place.h"
#include "scrollback.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	HELLO_MS = 5000,  /* for the first packet */
	STALL_MS = 30000, /* for the next piece of output to be taken */
	LAST_MS = 200,    /* for the last one */
	AGAIN_MS = 100,   /* after a lack of descriptors */
	BEHIND = 8192     /* how much is shown to one who did not keep up */
};

struct viewer {
	int fd;
	bool is_greeted, reads_only;
	bool has_hung_up; /* and what it has typed before is not yet taken */
	bool is_to_start; /* with a packet that says where */
	bool is_full;     /* it has refused something: poll tells when it takes more */
	bool is_behind;   /* output was skipped: the screen is to be drawn anew when it has the rest */
	struct hold_winsize size;
	uint64_t at;      /* the next byte that it gets */
	uint64_t skipped; /* bytes before that */
	int64_t moved_at; /* when it has last taken something, or had all */
	size_t typed;
	char keys[PACKET_KEYS_MOST];
};

struct viewers {
	struct place place;
	int listener;
	int64_t accept_at; /* not before */
	struct viewer *list[VIEWERS_MOST];
	bool is_resized, is_to_redraw;
	struct scrollback back;
};

/* ---- the socket ---- */

struct viewers *viewers_new(const char *run, int run_directory) {
	struct viewers *viewers = calloc(1, sizeof *viewers);

	if (!viewers)
		return NULL;
	viewers->accept_at = HOLD_NOW;
	viewers->listener = place_listen(&viewers->place, run, run_directory);
	if (viewers->listener >= 0)
		return viewers;
	free(viewers);
	return NULL;
}

const char *viewers_name(const struct viewers *viewers) {
	return viewers->place.name ? viewers->place.name : "";
}

bool viewers_mend(struct viewers *viewers, const char *run, int run_directory) {
	if (viewers->listener >= 0 && place_is_there(&viewers->place))
		return false;
	if (viewers->listener >= 0)
		close(viewers->listener);
	place_remove(&viewers->place);
	viewers->listener = place_listen(&viewers->place, run, run_directory);
	return true;
}

/* ---- one viewer ---- */

static void drop(struct viewers *viewers, size_t index) {
	struct viewer *viewer = viewers->list[index];

	viewers->is_resized |= viewer->is_greeted && !viewer->reads_only;
	viewers->list[index] = NULL;
	close(viewer->fd);
	free(viewer);
}

/* 0: it takes nothing now. Negative: it is gone. */
static int tell(const struct viewer *viewer, const struct packet *packet) {
	static char bytes[PACKET_SIZE_MOST];
	const size_t size = packet_encode(packet, bytes);
	ssize_t n;

	while ((n = send(viewer->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL)) < 0 && errno == EINTR)
		;
	return n >= 0 ? 1 : errno == EAGAIN ? 0 : -1;
}

static void refuse(const struct viewer *viewer, enum packet_reason reason) {
	tell(viewer, &(struct packet){ .kind = PACKET_REFUSED, .reason = reason });
}

static bool is_waiting(const struct viewers *viewers, const struct viewer *viewer) {
	return viewer->is_greeted && (viewer->is_to_start || viewer->at < viewers->back.total);
}

static int tell_start(struct viewers *viewers, struct viewer *viewer) {
	const struct scrollback *back = &viewers->back;
	char text[SCREEN_TEXT];
	struct packet packet = { .kind = PACKET_START, .bytes = text };
	const uint64_t at = scrollback_start(back, viewer->is_behind ? BEHIND : SCROLLBACK_SIZE, text, &packet.length);
	int told;

	packet.skipped = viewer->skipped + (viewer->is_behind ? at - viewer->at : 0);
	packet.replayed = viewer->is_behind ? 0 : (uint32_t)(back->total - at);
	told = tell(viewer, &packet);
	if (told <= 0)
		return told;
	viewer->at = at;
	viewer->is_to_start = false;
	return told;
}

static int tell_output(const struct scrollback *back, struct viewer *viewer) {
	static char bytes[PACKET_OUTPUT_MOST];
	const struct packet packet = { .kind = PACKET_OUTPUT,
				       .bytes = bytes,
				       .length = scrollback_copy(back, viewer->at, bytes, sizeof bytes) };
	const int told = tell(viewer, &packet);

	viewer->at += told > 0 ? packet.length : 0;
	return told;
}

static void catch_up(struct viewers *viewers, struct viewer *viewer) {
	if (viewer->is_greeted && !viewer->is_to_start && viewer->at < scrollback_first(&viewers->back))
		viewer->is_to_start = viewer->is_behind = true;
}

/* All that it takes now. false: it is gone. */
static bool move_output(struct viewers *viewers, struct viewer *viewer) {
	int told = 1;

	catch_up(viewers, viewer);
	while (told > 0 && is_waiting(viewers, viewer)) {
		told = viewer->is_to_start ? tell_start(viewers, viewer) : tell_output(&viewers->back, viewer);
		if (told > 0)
			viewer->moved_at = hold_now();
	}
	viewer->is_full = told == 0;
	if (viewer->is_full || told < 0)
		return told == 0;
	viewers->is_to_redraw |= viewer->is_behind;
	viewer->is_behind = false;
	return true;
}

/* ---- what they say ---- */

static bool greet(struct viewers *viewers, struct viewer *viewer, const struct packet *packet) {
	if (packet->kind == PACKET_OTHER_VERSION)
		refuse(viewer, PACKET_NO_VERSION);
	if (packet->kind != PACKET_HELLO)
		return false;
	viewer->is_greeted = viewer->is_to_start = true;
	viewer->reads_only = packet->reads_only;
	viewer->size = packet->size;
	viewer->moved_at = hold_now();
	viewers->is_resized |= !viewer->reads_only;
	viewers->is_to_redraw = true;
	return true;
}

/* false: it says what nobody may say who keeps to the protocol. */
static bool obey(struct viewers *viewers, struct viewer *viewer, const struct packet *packet) {
	if (!viewer->is_greeted)
		return greet(viewers, viewer, packet);
	if (packet->kind == PACKET_SIZE) {
		viewer->size = packet->size;
		viewers->is_resized |= !viewer->reads_only;
		return true;
	}
	if (packet->kind != PACKET_KEYS || viewer->reads_only)
		return false;
	memcpy(viewer->keys, packet->bytes, packet->length);
	viewer->typed = packet->length;
	return true;
}

/* Nothing more is read before the keys are taken: so the room for one packet is enough. false: it is to be dropped. */
static bool hear(struct viewers *viewers, struct viewer *viewer) {
	static char bytes[PACKET_HEADER + PACKET_KEYS_MOST];
	struct packet packet;
	ssize_t n;

	if (viewer->typed)
		return viewer->has_hung_up = true;
	n = recv(viewer->fd, bytes, sizeof bytes, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	packet = packet_decode(bytes, (size_t)n); /* of no bytes, which are its end, there is none */
	return obey(viewers, viewer, &packet);
}

/* ---- new ones ---- */

/* A place in the list; of one who has hung up or has said nothing so far, if there is no other. */
static size_t find_room(struct viewers *viewers) {
	size_t room = VIEWERS_MOST;

	for (size_t i = 0; i < VIEWERS_MOST; i++) {
		if (!viewers->list[i])
			return i;
		if (viewers->list[i]->has_hung_up || !viewers->list[i]->is_greeted)
			room = i;
	}
	if (room < VIEWERS_MOST)
		drop(viewers, room);
	return room;
}

static void add(struct viewers *viewers, int fd) {
	const size_t room = find_room(viewers);
	struct viewer *viewer = room < VIEWERS_MOST ? calloc(1, sizeof *viewer) : NULL;

	if (!viewer) {
		refuse(&(struct viewer){ .fd = fd }, PACKET_NO_ROOM);
		close(fd);
		return;
	}
	viewer->fd = fd;
	viewer->moved_at = hold_now();
	viewers->list[room] = viewer;
}

static void accept_one(struct viewers *viewers) {
	const int fd = accept4(viewers->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		viewers->accept_at = hold_after_ms(AGAIN_MS);
	if (fd >= 0 && place_has_own_peer(fd))
		add(viewers, fd);
	else if (fd >= 0)
		close(fd);
}

/* ---- in the loop ---- */

void viewers_prepare(const struct viewers *viewers, struct pollfd *fds) {
	const bool accepts = hold_now() >= viewers->accept_at;

	fds[0] = (struct pollfd){ .fd = accepts ? viewers->listener : -1, .events = POLLIN };
	for (size_t i = 0; i < VIEWERS_MOST; i++) {
		const struct viewer *viewer = viewers->list[i];

		fds[1 + i] = (struct pollfd){ .fd = -1 };
		if (!viewer || viewer->has_hung_up)
			continue;
		fds[1 + i].fd = viewer->fd;
		fds[1 + i].events = (short)((viewer->typed ? 0 : POLLIN) | (is_waiting(viewers, viewer) ? POLLOUT : 0));
	}
}

static int64_t limit_of(const struct viewers *viewers, const struct viewer *viewer) {
	if (viewer->is_greeted && !is_waiting(viewers, viewer))
		return HOLD_FOREVER;
	return viewer->moved_at + (viewer->is_greeted ? STALL_MS : HELLO_MS) * INT64_C(1000000);
}

int64_t viewers_next(const struct viewers *viewers) {
	int64_t next = hold_now() < viewers->accept_at ? viewers->accept_at : HOLD_FOREVER, limit;

	for (size_t i = 0; i < VIEWERS_MOST; i++) {
		limit = viewers->list[i] ? limit_of(viewers, viewers->list[i]) : HOLD_FOREVER;
		next = limit < next ? limit : next;
	}
	return next;
}

static bool move_one(struct viewers *viewers, struct viewer *viewer, short events) {
	if (events & ~POLLOUT && !hear(viewers, viewer))
		return false;
	if ((!viewer->is_full || events & POLLOUT) && !move_output(viewers, viewer))
		return false;
	return hold_now() < limit_of(viewers, viewer);
}

void viewers_move(struct viewers *viewers, const struct pollfd *fds) {
	for (size_t i = 0; i < VIEWERS_MOST; i++) {
		if (viewers->list[i] && !move_one(viewers, viewers->list[i], fds[1 + i].revents))
			drop(viewers, i);
	}
	if (fds[0].revents)
		accept_one(viewers);
}

void viewers_show(struct viewers *viewers, const char *bytes, size_t size) {
	for (size_t i = 0; i < VIEWERS_MOST; i++) {
		if (viewers->list[i] && viewers->list[i]->is_greeted && !is_waiting(viewers, viewers->list[i]))
			viewers->list[i]->moved_at = hold_now();
	}
	scrollback_add(&viewers->back, bytes, size);
}

void viewers_type(struct viewers *viewers, viewers_taker *taker, void *context) {
	for (size_t i = 0; i < VIEWERS_MOST; i++) {
		struct viewer *viewer = viewers->list[i];
		size_t taken;

		if (!viewer || !viewer->typed)
			continue;
		taken = taker(context, viewer->keys, viewer->typed);
		memmove(viewer->keys, viewer->keys + taken, viewer->typed - taken);
		viewer->typed -= taken;
		if (!viewer->typed)
			viewer->has_hung_up = false; /* it is read on to its end */
	}
}

static void take_smaller(struct hold_winsize *smallest, const struct hold_winsize *size) {
	if (!smallest->rows || size->rows < smallest->rows) {
		smallest->rows = size->rows;
		smallest->y_pixels = size->y_pixels;
	}
	if (!smallest->columns || size->columns < smallest->columns) {
		smallest->columns = size->columns;
		smallest->x_pixels = size->x_pixels;
	}
}

bool viewers_take_size(struct viewers *viewers, struct hold_winsize *ret) {
	const bool is_resized = viewers->is_resized;

	viewers->is_resized = false;
	*ret = (struct hold_winsize){ 0 };
	for (size_t i = 0; i < VIEWERS_MOST; i++) {
		const struct viewer *viewer = viewers->list[i];

		if (viewer && viewer->is_greeted && !viewer->reads_only && viewer->size.rows && viewer->size.columns)
			take_smaller(ret, &viewer->size);
	}
	return is_resized && ret->rows;
}

bool viewers_take_redraw(struct viewers *viewers) {
	const bool is_to_redraw = viewers->is_to_redraw;

	viewers->is_to_redraw = false;
	return is_to_redraw;
}

/* ---- the end ---- */

/* The rest of the output, for those who take it soon. */
static void deliver(struct viewers *viewers) {
	const int64_t deadline = hold_after_ms(LAST_MS);
	struct pollfd fds[VIEWERS_FDS];
	bool is_left;

	do {
		is_left = false;
		for (size_t i = 0; i < VIEWERS_MOST; i++) {
			if (viewers->list[i] && !move_output(viewers, viewers->list[i]))
				drop(viewers, i);
			is_left |= viewers->list[i] && is_waiting(viewers, viewers->list[i]);
		}
		viewers_prepare(viewers, fds);
		for (size_t i = 0; i < VIEWERS_FDS; i++)
			fds[i].fd = fds[i].events & POLLOUT ? fds[i].fd : -1;
	} while (is_left && poll(fds + 1, VIEWERS_MOST, hold_ms_until(deadline)) > 0 && hold_now() < deadline);
}

void viewers_end(struct viewers *viewers) {
	if (!viewers)
		return;
	deliver(viewers);
	for (size_t i = 0; i < VIEWERS_MOST; i++) {
		if (viewers->list[i] && viewers->list[i]->is_greeted)
			tell(viewers->list[i], &(struct packet){ .kind = PACKET_END });
		if (viewers->list[i])
			drop(viewers, i);
	}
	if (viewers->listener >= 0)
		close(viewers->listener);
	place_remove(&viewers->place);
	free(viewers);
}
