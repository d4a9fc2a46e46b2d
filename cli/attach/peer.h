/* SPDX-License-Identifier: ISC */
/* One who has attached to a detached run, or has connected and may attach. */
#ifndef CLI_ATTACH_PEER_H
#define CLI_ATTACH_PEER_H

#include "packet.h"
#include "scrollback.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peer {
	int fd;
	bool is_greeted, reads_only;
	bool has_hung_up;  /* and what it has typed before is not yet taken */
	bool is_to_start;  /* with a packet that says where */
	bool is_full;      /* it has refused something: poll tells when it takes more */
	bool is_behind;    /* output was skipped: the screen is to be drawn anew when it has the rest */
	bool is_resized;   /* for the caller to reset, as the next */
	bool is_to_redraw; /* it has to see the whole screen */
	struct hold_winsize size;
	uint64_t at;      /* the next byte that it gets */
	int64_t moved_at; /* when it has last taken something, or had all */
	size_t typed;     /* bytes of keys, which are to be taken */
	char keys[PACKET_KEYS_MOST];
};

/* Whether there is output for it. */
bool peer_is_waiting(const struct peer *peer, const struct scrollback *back);

/* All output that it takes now. false: it is gone. */
bool peer_move_output(struct peer *peer, const struct scrollback *back);

/* Reads one packet, unless keys are to be taken. false: it is to be dropped. */
bool peer_hear(struct peer *peer);

/* By when it has to have said or taken something; then it is to be dropped. */
int64_t peer_limit(const struct peer *peer, const struct scrollback *back);

/* Without waiting, and without knowing whether it is heard. */
void peer_refuse(const struct peer *peer, enum packet_reason reason);
void peer_tell_end(const struct peer *peer);

#endif
