/* SPDX-License-Identifier: ISC */
/*
 * What the library and its keeper (src/keeper) say to each other, over a pair of SOCK_SEQPACKET sockets. Both are built
 * together and meet by this version, which is in the name of the keeper's file.
 */
#ifndef OS_KEEPER_H
#define OS_KEEPER_H

#include <stdint.h>

#define KEEPER_FILE "hold-keeper-1"

/* The keeper's descriptors, all that it has. */
enum {
	KEEPER_SOCKET = 3,
	KEEPER_MASTER,   /* the process that holds: its descriptor */
	KEEPER_CGROUP,   /* the folder, if has_cgroup */
	KEEPER_TERMINAL, /* whose modes are to be put back, if modes_size */
	KEEPER_FDS
};

enum { KEEPER_RUNGS = 16, KEEPER_MODES = 64, KEEPER_NAME = 64 };

/* The first message to it. */
struct keeper_task {
	int32_t command; /* its pid, as the keeper sees it */
	int32_t has_cgroup;
	int32_t is_init;    /* of a PID namespace: its end ends all */
	int32_t modes_size; /* of the terminal; 0: there is none */
	unsigned char modes[KEEPER_MODES];
	char cgroup_name[KEEPER_NAME];
	int32_t rung_count; /* by which the tree is ended when the master has died; 0: at once */
	struct keeper_rung {
		int32_t signal, reserved;
		int64_t wait_ms;
	} rungs[KEEPER_RUNGS];
};

enum keeper_word {
	/* from the keeper */
	KEEPER_SAYS_ENDED = 1, /* the command; the rest of the message counts */
	KEEPER_SAYS_STOPPED,
	KEEPER_SAYS_CONTINUED,
	KEEPER_SAYS_EMPTY, /* nobody is left, and the keeper ends */
	/* to the keeper */
	KEEPER_END,  /* kill the tree */
	KEEPER_LEAVE /* keep the command to its end, and then let go of what it left */
};

struct keeper_message {
	int32_t word; /* enum keeper_word */
	int32_t wait_status;
	int64_t user_us, system_us, max_rss_kib;
};

#endif
