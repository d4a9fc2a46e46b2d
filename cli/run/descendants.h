/* SPDX-License-Identifier: ISC */
/*
 * The command and everything that it starts. The command's hold keeps it together; and should its keeper be killed, or
 * be none here, hold itself does: as a subreaper it becomes the parent of every orphan.
 */
#ifndef CLI_DESCENDANTS_H
#define CLI_DESCENDANTS_H

#include "../common/members.h"

#include <pidhold.h>

#include <stdbool.h>
#include <stddef.h>

struct descendants {
	struct hold *self;    /* a hold of hold; NULL: it is no subreaper */
	struct hold *command; /* that of the command, where it has a keeper, or NULL */
	bool has_lost_keeper; /* it was killed */
	struct members left;  /* by the command when it had ended, and had a moment to end themselves */
	bool left_is_unknown; /* a look failed */
	struct members survivors;
	size_t unnamed;                 /* survivors that are counted and could not be named */
	bool is_uncounted;              /* there may be survivors beyond these */
	struct hold_tree_report report; /* of the end of those that were left */
	size_t stopped, killed;         /* how many lived when the ladder began, and when it came to KILL */
};

/* Makes hold itself a subreaper. 0, or a negative errno: this system cannot; -EBUSY it has children already. */
int descendants_begin(struct descendants *all);

/* Once the command has been started. */
void descendants_take(struct descendants *all, struct hold *command);

/* Whether anybody but the command is kept. */
bool descendants_have_keeper(const struct descendants *all);

/*
 * Whether somebody lives, the command too. With a keeper its word alone counts. false: nobody, or where hold is the
 * subreaper, none is seen. Here and in the next six they must be kept.
 */
bool descendants_live(struct descendants *all);

/* To each: as hold_tree_signal. */
int descendants_signal(struct descendants *all, int signal);

/* Counts those that live, for a rung of the ladder that is about to be sent. */
void descendants_count_rung(struct descendants *all, int signal);

/* Whether none of those that live may be signalled: a process that was killed may take its time to end. */
bool descendants_all_refuse(struct descendants *all);

/* Lists those that live as left. */
void descendants_note_left(struct descendants *all);

/* Lists those that live as survivors, and the command if it has not ended. */
void descendants_note_survivors(struct descendants *all, struct hold *command);
bool descendants_has_survivor(const struct descendants *all, int64_t pid);

/* Ends them by a ladder, and lists survivors: as hold_tree_stop. */
int descendants_end(struct descendants *all, const struct hold_rung *ladder, size_t count);

/* The command alone is a survivor. */
void descendants_add_command(struct descendants *all, const struct hold *command);

/* Whether there are survivors, named or not. */
bool descendants_have_survived(const struct descendants *all);

/*
 * Reaps orphans that came to hold and have ended: as a subreaper, and as the first process of a PID namespace. The
 * command is left to its hold, as its keeper is.
 */
void descendants_reap(const struct descendants *all, struct hold *command);

/* A line about one on standard error. */
void say_member(const char *what, const struct hold_member *member);

void descendants_free(struct descendants *all);

#endif
