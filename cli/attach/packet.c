/* SPDX-License-Identifier: ISC */
#include "packet.h"

#include <string.h>

enum { SIZE_LENGTH = 8, START_LENGTH = 12 };

/* What follows the header: a part of fixed length, then bytes, so many at least and at most. */
static const struct form {
	size_t fixed, least, most;
} forms[] = {
	[PACKET_HELLO] = { SIZE_LENGTH + 1, 0, 0 },
	[PACKET_KEYS] = { 0, 1, PACKET_KEYS_MOST },
	[PACKET_SIZE] = { SIZE_LENGTH, 0, 0 },
	[PACKET_START] = { START_LENGTH, 0, SCREEN_TEXT },
	[PACKET_OUTPUT] = { 0, 1, PACKET_OUTPUT_MOST },
	[PACKET_END] = { 0, 0, 0 },
	[PACKET_REFUSED] = { 1, 0, 0 },
};

static const char magic[] = { 'H', 'A' };

static uint64_t get(const char *bytes, size_t size) {
	uint64_t number = 0;

	while (size-- > 0)
		number = number << 8 | (unsigned char)bytes[size];
	return number;
}

static void put(char *bytes, size_t size, uint64_t number) {
	for (size_t i = 0; i < size; i++, number >>= 8)
		bytes[i] = (char)(number & 0xff);
}

static struct hold_winsize get_size(const char *bytes) {
	return (struct hold_winsize){ (uint16_t)get(bytes, 2), (uint16_t)get(bytes + 2, 2), (uint16_t)get(bytes + 4, 2),
				      (uint16_t)get(bytes + 6, 2) };
}

static void put_size(char *bytes, const struct hold_winsize *size) {
	put(bytes, 2, size->rows);
	put(bytes + 2, 2, size->columns);
	put(bytes + 4, 2, size->x_pixels);
	put(bytes + 6, 2, size->y_pixels);
}

static bool has_form(unsigned kind, size_t length) {
	return kind >= PACKET_HELLO && kind <= PACKET_REFUSED && length >= forms[kind].fixed + forms[kind].least &&
	       length <= forms[kind].fixed + forms[kind].most;
}

/* The fixed part. false: it has a value that is not known. */
static bool get_fixed(struct packet *packet, const char *bytes) {
	switch (packet->kind) {
	case PACKET_HELLO:
		packet->reads_only = bytes[SIZE_LENGTH] == 1;
		packet->size = get_size(bytes);
		return bytes[SIZE_LENGTH] == 0 || bytes[SIZE_LENGTH] == 1;
	case PACKET_SIZE:
		packet->size = get_size(bytes);
		return true;
	case PACKET_START:
		packet->skipped = get(bytes, 8);
		packet->replayed = (uint32_t)get(bytes + 8, 4);
		return true;
	case PACKET_REFUSED:
		packet->reason = (enum packet_reason)bytes[0];
		return bytes[0] == PACKET_NO_VERSION || bytes[0] == PACKET_NO_ROOM;
	default:
		return true;
	}
}

struct packet packet_decode(const char *bytes, size_t size) {
	static const struct packet bad = { .kind = PACKET_BAD };
	struct packet packet = { .kind = PACKET_OTHER_VERSION };
	unsigned kind;

	if (size < PACKET_HEADER || memcmp(bytes, magic, sizeof magic) != 0)
		return bad;
	if (bytes[2] != PACKET_VERSION)
		return packet;
	kind = (unsigned char)bytes[3];
	if (get(bytes + 4, 2) != size - PACKET_HEADER || get(bytes + 6, 2) || !has_form(kind, size - PACKET_HEADER))
		return bad;
	packet.kind = (enum packet_kind)kind;
	packet.length = size - PACKET_HEADER - forms[kind].fixed;
	packet.bytes = packet.length ? bytes + PACKET_HEADER + forms[kind].fixed : NULL;
	return get_fixed(&packet, bytes + PACKET_HEADER) ? packet : bad;
}

static void put_fixed(const struct packet *packet, char *bytes) {
	switch (packet->kind) {
	case PACKET_HELLO:
		put_size(bytes, &packet->size);
		bytes[SIZE_LENGTH] = packet->reads_only;
		break;
	case PACKET_SIZE:
		put_size(bytes, &packet->size);
		break;
	case PACKET_START:
		put(bytes, 8, packet->skipped);
		put(bytes + 8, 4, packet->replayed);
		break;
	case PACKET_REFUSED:
		bytes[0] = (char)packet->reason;
		break;
	default:
		break;
	}
}

size_t packet_encode(const struct packet *packet, char bytes[PACKET_SIZE_MOST]) {
	const unsigned kind = packet->kind;
	size_t length;

	if (kind > PACKET_REFUSED)
		return 0;
	length = forms[kind].fixed + packet->length;
	if (!has_form(kind, length))
		return 0;
	memset(bytes, 0, PACKET_HEADER);
	memcpy(bytes, magic, sizeof magic);
	bytes[2] = PACKET_VERSION;
	bytes[3] = (char)kind;
	put(bytes + 4, 2, length);
	put_fixed(packet, bytes + PACKET_HEADER);
	if (packet->length)
		memcpy(bytes + PACKET_HEADER + forms[kind].fixed, packet->bytes, packet->length);
	return PACKET_HEADER + length;
}
