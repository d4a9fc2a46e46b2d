/* SPDX-License-Identifier: ISC */
/*
 * What is said over the socket of a detached run, by those who attach to it and by the process that holds it. The
 * socket keeps packets whole. Each begins with "HA", the version, its kind, the length of what follows in two bytes,
 * the lower first, and two zero bytes. A viewer says HELLO first, and is answered with START or REFUSED.
 */
#ifndef CLI_ATTACH_PACKET_H
#define CLI_ATTACH_PACKET_H

#include "../common/screen.h"

#include <pidhold.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum packet_kind {
	PACKET_BAD,           /* it is none */
	PACKET_OTHER_VERSION, /* of which nothing more is known */

	/* of a viewer */
	PACKET_HELLO, /* size, reads_only */
	PACKET_KEYS,  /* bytes: what was typed */
	PACKET_SIZE,  /* size */

	/* of the process that holds the run */
	PACKET_START,  /* output begins anew: skipped, replayed, bytes, which switch the modes of the screen on */
	PACKET_OUTPUT, /* bytes */
	PACKET_END,    /* the run has ended, and its record is the last one */
	PACKET_REFUSED /* reason */
};

enum packet_reason { PACKET_NO_VERSION = 1, PACKET_NO_ROOM };

enum { PACKET_VERSION = 1, PACKET_HEADER = 8, PACKET_KEYS_MOST = 4096, PACKET_OUTPUT_MOST = 16384 };
enum { PACKET_SIZE_MOST = PACKET_HEADER + PACKET_OUTPUT_MOST };

/* What a kind does not have is 0. */
struct packet {
	enum packet_kind kind;
	struct hold_winsize size; /* of the viewer's terminal; rows 0: it has none */
	bool reads_only;
	uint64_t skipped;  /* bytes of the output that the viewer does not get, before this */
	uint32_t replayed; /* so many bytes of what follows were printed earlier */
	enum packet_reason reason;
	const char *bytes; /* in the packet that was decoded */
	size_t length;
};

/* Whatever the bytes are. They have to outlive the answer. */
struct packet packet_decode(const char *bytes, size_t size);

/* Returns the length; 0: there is no such packet. */
size_t packet_encode(const struct packet *packet, char bytes[PACKET_SIZE_MOST]);

#endif
