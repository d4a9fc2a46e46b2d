/* SPDX-License-Identifier: ISC */
/*
 * What the library and its keeper (src/keeper) say to each other, over a pair of SOCK_SEQPACKET sockets. Both are built
 * together. The version of these messages is in the name of the keeper's file, so that the library finds its own.
 *
 *	caller                              keeper                         command
 *	task, plan, descriptors ----------> clones the command ----------> OS_BEGUN, by the status socket
 *	<-------------- READY with the command's descriptor
 *	a byte by the status socket --------------------------------------> does the plan, executes the program
 *	<----------------------------------------------------- OS_EXECUTING, a failure, or the socket's end
 */
#ifndef OS_KEEPER_H
#define OS_KEEPER_H

#include "os/os.h"

#include <stdint.h>

#define KEEPER_FILE "hold-keeper-7"
#define KEEPER_NAME "hold-keeper"

enum {
	KEEPER_MODES = 64,
	KEEPER_GROUP_NAME = 64,
	KEEPER_CHUNK = 16384,     /* bytes of the plan in a message, at most */
	KEEPER_CHUNK_LEAST = 256, /* which every limit on messages allows */
	KEEPER_DESCRIPTORS = 200, /* in a message: fewer than the kernel's SCM_MAX_FD */
	KEEPER_MS = 5000          /* a keeper needs a millisecond: after this time it counts as stuck */
};

/* The descriptors that come with the task, in this order; then the plan's sources that are open, in theirs. */
enum {
	KEEPER_OWNER,    /* the caller, as a pidfd */
	KEEPER_STATUS,   /* the command's end of the status socket */
	KEEPER_CGROUP,   /* the group's directory, or the owner once more if there is none */
	KEEPER_TERMINAL, /* the terminal whose modes are put back, or the owner once more */
	KEEPER_FDS
};

/* The first message to it. The plan follows, in chunks: see keeper-plan.h. */
struct keeper_task {
	int32_t is_trial; /* it only says READY and ends */
	int32_t has_cgroup;
	int32_t is_init;    /* of a PID namespace: its end kills all in it */
	int32_t modes_size; /* of the terminal; 0: there is none */
	unsigned char modes[KEEPER_MODES];
	char cgroup_name[KEEPER_GROUP_NAME];
	int32_t rung_count; /* of the ladder */
	/* when the owner has died, the tree is ended by the ladder; 0: it is killed */
	int32_t has_death_climb;
	int32_t descriptors;
	int32_t has_limits;   /* the group has; 0: it has none */
	uint64_t cpu_time_us; /* of all processes in the group, after which the tree is ended; 0: no limit */
	uint64_t plan_size;   /* bytes */
	struct os_rung rungs[OS_RUNGS];
};

enum keeper_word {
	/* from the keeper */
	KEEPER_SAYS_ENDED = OS_KEEPER_ENDED, /* the command; with its status and usage */
	KEEPER_SAYS_STOPPED = OS_KEEPER_STOPPED,
	KEEPER_SAYS_CONTINUED = OS_KEEPER_CONTINUED,
	KEEPER_SAYS_EMPTY = OS_KEEPER_EMPTY, /* the tree is empty; with `use` */
	KEEPER_SAYS_READY,                   /* with the command's descriptor */
	KEEPER_SAYS_FAILED,                  /* `failed` and `error` say at what; the keeper ends */
	/* to the keeper */
	KEEPER_KILL,    /* kill the tree */
	KEEPER_CLIMB,   /* end the tree by the ladder */
	KEEPER_LEAVE,   /* stay until the command ends, then let its descendants live on */
	KEEPER_RESTORE, /* wait_status: enum os_restore */
	KEEPER_SCREEN   /* a struct keeper_screen */
};

/* What was found missing. */
enum keeper_need {
	KEEPER_NEEDS_NOTHING,
#define NEED(name, words) KEEPER_NEEDS_##name,
#include "keeper-needs.def"
#undef NEED
};

struct keeper_message {
	int32_t word;          /* enum keeper_word */
	int32_t wait_status;   /* of FAILED: enum keeper_need; of STOPPED: the signal */
	int32_t failed, error; /* OS_FAILED_..., a negative errno */
	int64_t user_us, system_us, max_rss_kib;
	struct os_tree_use use;
};

/* Written to the terminal whose modes are put back, before that. It replaces the text that came before. */
struct keeper_screen {
	int32_t word, size;
	char text[OS_SCREEN_TEXT];
};

#endif
