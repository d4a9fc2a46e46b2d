/* SPDX-License-Identifier: ISC */
/* The hold itself, and what its files share. */
#ifndef CORE_HOLD_H
#define CORE_HOLD_H

#include <pidhold.h>

#include "os/os.h"

#include <stdatomic.h>

/*
 * HELD_ENDING is the moment in which one thread stores the status. It begins only once the process is known to have
 * ended, and a child is reaped in it alone: senders by number (see signal.c) are counted, and waited for there.
 */
enum held { HELD_ALIVE, HELD_ENDING, HELD_ENDED };

/* What every call looks at comes first, so that it lies in one line of the cache: among thousands none is warm. */
struct hold {
	uint64_t owner; /* os_owner() of the process that made it */
	int pid;
	int pidfd;         /* -1: none on this system */
	_Atomic int state; /* enum held */
	_Atomic unsigned senders;
	bool adopted;
	bool is_child;             /* the caller's own, which nobody reaps but hold_wait */
	_Atomic bool has_ended;    /* it is known that its descriptor is readable */
	enum os_table table;       /* HOLD_TABLE_..., 0 if adopted */
	struct hold_waitset *set;  /* NULL: in none */
	size_t place;              /* in it */
	void *tag;                 /* of that */
	_Atomic int stream_fds[4]; /* our end of each stream's pipe, and the terminal's master; -1: none, or taken */
	/*
	 * The other side of a terminal that none of the three streams is on, until the process has ended; else -1.
	 * Without it the terminal would look as if it were at its end until somebody opens /dev/tty.
	 */
	_Atomic int other_side;
	int64_t start_ns;
	int64_t parent_max_rss_kib;
	_Atomic int64_t end_seen_ns; /* 0: not yet */
	struct hold_status status;   /* whole once state is HELD_ENDED */
	struct os_keeper keeper;     /* pid 0: there is none. From here on to `change` see keeper.c */
	_Atomic int is_receiving;    /* a thread reads what it said; a bool cannot be exchanged on every machine */
	_Atomic int was_looked_at;   /* whether the tree is empty, without a wait */
	bool restores_terminal;      /* it puts a terminal's modes back, until the hold is released */
	_Atomic bool has_exit;       /* it said how the process ended: exit */
	_Atomic bool is_empty;       /* it said that nobody is left: use */
	_Atomic bool is_silent;      /* it has ended */
	bool has_relay;
	_Atomic int stop_signal; /* by which the process was last stopped; 0: it was not */
	_Atomic int change;      /* HOLD_JOB_STOPPED, HOLD_JOB_CONTINUED; 0: none since it was taken */
	struct os_exit exit;
	struct os_tree_use use;
	int containment;         /* HOLD_CONTAIN_... */
	struct os_cgroup cgroup; /* that of HOLD_CONTAIN_CGROUP */
	bool has_limits;         /* of the tree: its keeper stays with it to the end */
	_Atomic bool gave_up;    /* SIGKILL has had its time, and somebody is left */
	bool on_terminal[3];     /* the stream is the terminal: its end is ends[HOLD_TERMINAL] */
	int niceness, autogroup;
	int on_release;
	struct begun_stop *stopping; /* a stop that was begun and has not come to its end: see stop.c; NULL: none */
	struct hold *next, **link;   /* of those with a child: see own-children.c; link NULL: in no list */
	size_t ladder_count;
	struct hold_rung ladder[HOLD_LADDER_MAX];
};

/* 0 if the caller may use the hold. */
int held_check(const struct hold *h);

/* A hold with nothing in it, owned by the caller's process. NULL: out of memory. */
struct hold *held_new(void);

/* Closes its descriptors and frees it, whatever its process does. NULL is allowed. */
void held_free(struct hold *h);

/* Out of the set that it is in, if any. */
void set_leave(struct hold *h);

/* hold_signal without the audit hooks. */
int held_send(struct hold *h, int signal);

/* A process's reference, as hold_reference writes it. */
int reference_write(char *text, size_t length, int pid, const struct os_identity *identity);

#endif
