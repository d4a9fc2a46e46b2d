/* SPDX-License-Identifier: ISC */
/*
 * Everything that the command starts. The command's hold keeps it together; and should its keeper be killed, or be none
 * here, hold itself does: as a subreaper it becomes the parent of whoever loses his own.
 */
#ifndef CLI_DESCENDANTS_H
#define CLI_DESCENDANTS_H

#include "members.h"

#include <pidhold.h>

#include <stdbool.h>
#include <stddef.h>

struct descendants {
	struct hold *self;    /* a hold of hold; NULL: it is no subreaper */
	struct hold *command; /* that of the command, where it has a keeper, or NULL */
	struct members left;  /* by the command when it had ended, and had a moment to end themselves */
	struct members survivors;
	struct hold_tree_report report; /* of the end of those that were left */
	size_t stopped, killed;         /* how many lived when the ladder began, and when it came to KILL */
};

/* Makes hold itself a subreaper. 0, or a negative errno: this system cannot; -EBUSY it has children already. */
int descendants_begin(struct descendants *all);

/* Once the command has been started. */
void descendants_take(struct descendants *all, struct hold *command);

/* Whether anybody but the command is kept. */
bool descendants_are_kept(const struct descendants *all);

/* How many live, the command with them. Here and in the next three they must be kept. */
size_t descendants_count(struct descendants *all);

/* To each: as hold_tree_signal. Those that live are counted before, for a rung of the ladder. */
int descendants_signal(struct descendants *all, int signal);

/* Lists those that live as left. */
void descendants_note_left(struct descendants *all);

/* Reaps orphans that came to hold and have ended; the command is left to its hold. */
void descendants_reap(const struct descendants *all, struct hold *command);

/* Ends them by a ladder, and lists survivors. */
void descendants_end(struct descendants *all, const struct hold_rung *ladder, size_t count);

/* A line about one on standard error. */
void say_member(const char *what, const struct hold_member *member);

void descendants_free(struct descendants *all);

#endif
