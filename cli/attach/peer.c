/* SPDX-License-Identifier: ISC */
#include "peer.h"

#include <pidhold.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum {
	HELLO_MS = 5000,  /* for the first packet */
	STALL_MS = 30000, /* for the next piece of output to be taken */
	BEHIND = 8192     /* how much is shown to one who did not keep up */
};

/* ---- to the peer ---- */

/* 0: it takes nothing now. Negative: it is gone. */
static int tell(const struct peer *peer, const struct packet *packet) {
	static char bytes[PACKET_SIZE_MOST];
	const size_t size = packet_encode(packet, bytes);
	ssize_t n;

	while ((n = send(peer->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL)) < 0 && errno == EINTR)
		;
	return n >= 0 ? 1 : errno == EAGAIN ? 0 : -1;
}

void peer_refuse(const struct peer *peer, enum packet_reason reason) {
	tell(peer, &(struct packet){ .kind = PACKET_REFUSED, .reason = reason });
}

void peer_tell_end(const struct peer *peer) {
	tell(peer, &(struct packet){ .kind = PACKET_END });
}

bool peer_is_waiting(const struct peer *peer, const struct scrollback *back) {
	return peer->is_greeted && (peer->is_to_start || peer->at < back->total);
}

static int tell_start(struct peer *peer, const struct scrollback *back) {
	char text[SCREEN_TEXT];
	struct packet packet = { .kind = PACKET_START, .bytes = text };
	const uint64_t at = scrollback_start(back, peer->is_behind ? BEHIND : SCROLLBACK_SIZE, text, &packet.length);
	int told;

	packet.skipped = peer->is_behind ? at - peer->at : 0;
	packet.replayed = peer->is_behind ? 0 : (uint32_t)(back->total - at);
	told = tell(peer, &packet);
	if (told <= 0)
		return told;
	peer->at = at;
	peer->is_to_start = false;
	return told;
}

static int tell_output(struct peer *peer, const struct scrollback *back) {
	static char bytes[PACKET_OUTPUT_MOST];
	const struct packet packet = { .kind = PACKET_OUTPUT,
				       .bytes = bytes,
				       .length = scrollback_copy(back, peer->at, bytes, sizeof bytes) };
	const int told = tell(peer, &packet);

	peer->at += told > 0 ? packet.length : 0;
	return told;
}

/* One whose next byte is no longer kept goes on with the last ones. */
static void skip(struct peer *peer, const struct scrollback *back) {
	if (peer->is_greeted && !peer->is_to_start && peer->at < scrollback_first(back))
		peer->is_to_start = peer->is_behind = true;
}

bool peer_move_output(struct peer *peer, const struct scrollback *back) {
	int told = 1;

	skip(peer, back);
	while (told > 0 && peer_is_waiting(peer, back)) {
		told = peer->is_to_start ? tell_start(peer, back) : tell_output(peer, back);
		if (told > 0)
			peer->moved_at = hold_now();
	}
	peer->is_full = told == 0;
	if (told <= 0)
		return told == 0;
	peer->is_to_redraw |= peer->is_behind;
	peer->is_behind = false;
	return true;
}

int64_t peer_limit(const struct peer *peer, const struct scrollback *back) {
	if (peer->is_greeted && !peer_is_waiting(peer, back))
		return HOLD_FOREVER;
	return peer->moved_at + (peer->is_greeted ? STALL_MS : HELLO_MS) * INT64_C(1000000);
}

/* ---- from the peer ---- */

static bool greet(struct peer *peer, const struct packet *packet) {
	if (packet->kind == PACKET_OTHER_VERSION)
		peer_refuse(peer, PACKET_NO_VERSION);
	if (packet->kind != PACKET_HELLO)
		return false;
	peer->is_greeted = peer->is_to_start = peer->is_to_redraw = true;
	peer->reads_only = packet->reads_only;
	peer->size = packet->size;
	peer->moved_at = hold_now();
	peer->is_resized = !peer->reads_only;
	return true;
}

/* false: it says what is not of the protocol. */
static bool obey(struct peer *peer, const struct packet *packet) {
	if (!peer->is_greeted)
		return greet(peer, packet);
	if (packet->kind == PACKET_SIZE) {
		peer->size = packet->size;
		peer->is_resized = !peer->reads_only;
		return true;
	}
	if (packet->kind != PACKET_KEYS || peer->reads_only)
		return false;
	memcpy(peer->keys, packet->bytes, packet->length);
	peer->typed = packet->length;
	return true;
}

/* Nothing more is read before the keys are taken: so the room for one packet is enough. */
bool peer_hear(struct peer *peer) {
	static char bytes[PACKET_HEADER + PACKET_KEYS_MOST];
	struct packet packet;
	ssize_t n;

	if (peer->typed)
		return peer->has_hung_up = true;
	n = recv(peer->fd, bytes, sizeof bytes, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	packet = packet_decode(bytes, (size_t)n); /* of no bytes, which are its end, there is none */
	return obey(peer, &packet);
}
