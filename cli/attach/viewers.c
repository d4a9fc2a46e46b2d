/* SPDX-License-Identifier: ISC */
#include "viewers.h"
#include "peer.h"
#include "place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LAST_MS = 200, /* for the last output to be taken */
	AGAIN_MS = 100 /* after a lack of descriptors */
};

struct viewers {
	struct place place;
	int listener;
	int64_t accept_at; /* not before */
	struct peer *list[VIEWERS_MOST];
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

/* ---- new ones ---- */

static void drop(struct viewers *viewers, size_t index) {
	struct peer *peer = viewers->list[index];

	viewers->is_resized |= peer->is_greeted && !peer->reads_only;
	viewers->list[index] = NULL;
	close(peer->fd);
	free(peer);
}

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
	struct peer *peer = room < VIEWERS_MOST ? calloc(1, sizeof *peer) : NULL;

	if (!peer) {
		peer_refuse(&(struct peer){ .fd = fd }, PACKET_NO_ROOM);
		close(fd);
		return;
	}
	peer->fd = fd;
	peer->moved_at = hold_now();
	viewers->list[room] = peer;
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
		const struct peer *peer = viewers->list[i];

		fds[1 + i] = (struct pollfd){ .fd = -1 };
		if (!peer || peer->has_hung_up)
			continue;
		fds[1 + i].fd = peer->fd;
		fds[1 + i].events =
			(short)((peer->typed ? 0 : POLLIN) | (peer_is_waiting(peer, &viewers->back) ? POLLOUT : 0));
	}
}

int64_t viewers_next(const struct viewers *viewers) {
	int64_t next = hold_now() < viewers->accept_at ? viewers->accept_at : HOLD_FOREVER, limit;

	for (size_t i = 0; i < VIEWERS_MOST; i++) {
		limit = viewers->list[i] ? peer_limit(viewers->list[i], &viewers->back) : HOLD_FOREVER;
		next = limit < next ? limit : next;
	}
	return next;
}

static void take_wishes(struct viewers *viewers, struct peer *peer) {
	viewers->is_resized |= peer->is_resized;
	viewers->is_to_redraw |= peer->is_to_redraw;
	peer->is_resized = peer->is_to_redraw = false;
}

static bool move_one(struct viewers *viewers, struct peer *peer, short events) {
	if (events & ~POLLOUT && !peer_hear(peer))
		return false;
	if ((!peer->is_full || events & POLLOUT) && !peer_move_output(peer, &viewers->back))
		return false;
	take_wishes(viewers, peer);
	return hold_now() < peer_limit(peer, &viewers->back);
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
		if (viewers->list[i] && viewers->list[i]->is_greeted &&
		    !peer_is_waiting(viewers->list[i], &viewers->back))
			viewers->list[i]->moved_at = hold_now();
	}
	scrollback_add(&viewers->back, bytes, size);
}

void viewers_type(struct viewers *viewers, viewers_taker *taker, void *context) {
	for (size_t i = 0; i < VIEWERS_MOST; i++) {
		struct peer *peer = viewers->list[i];
		size_t taken;

		if (!peer || !peer->typed)
			continue;
		taken = taker(context, peer->keys, peer->typed);
		memmove(peer->keys, peer->keys + taken, peer->typed - taken);
		peer->typed -= taken;
		if (!peer->typed)
			peer->has_hung_up = false; /* it is read on to its end */
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
		const struct peer *peer = viewers->list[i];

		if (peer && peer->is_greeted && !peer->reads_only && peer->size.rows && peer->size.columns)
			take_smaller(ret, &peer->size);
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
			if (viewers->list[i] && !peer_move_output(viewers->list[i], &viewers->back))
				drop(viewers, i);
			is_left |= viewers->list[i] && peer_is_waiting(viewers->list[i], &viewers->back);
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
			peer_tell_end(viewers->list[i]);
		if (viewers->list[i])
			drop(viewers, i);
	}
	if (viewers->listener >= 0)
		close(viewers->listener);
	place_remove(&viewers->place);
	free(viewers);
}
