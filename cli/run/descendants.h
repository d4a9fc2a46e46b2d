/* SPDX-License-Identifier: ISC */
/*
 * The command and its descendants. The keeper of the command keeps them together. If it is killed, or there is none,
 * hold itself does: as a subreaper it becomes the parent of every orphan.
 */
#ifndef CLI_DESCENDANTS_H
#define CLI_DESCENDANTS_H

#include "../common/members.h"

#include <pidhold.h>

#include <stdbool.h>
#include <stddef.h>

struct descendants {
	struct hold *self;    /* hold's hold of itself; NULL: it is no subreaper */
	struct hold *command; /* the hold of the command, if it has a keeper; else NULL */
	bool has_lost_keeper; /* the keeper was killed */
	struct members left;  /* orphans that lived on a moment after the command's end */
	bool left_is_unknown; /* a look failed */
	struct members survivors;
	size_t unnamed;                 /* survivors that are counted and could not be named */
	bool is_uncounted;              /* there may be survivors beyond these */
	struct hold_tree_report report; /* of how the orphans were ended */
	const struct hold_rung *ladder; /* by which they are being ended */
	size_t ladder_count;
	size_t stopped, killed; /* how many lived when the ladder began, and when it came to KILL */
};

/*
 * Makes hold itself a subreaper. 0, or a negative errno: this system cannot; -EBUSY it has children already. Whether
 * processes can be listed is looked at now only if is_thorough; else once the command has no keeper.
 */
int descendants_begin(struct descendants *all, bool is_thorough);

/* Once the command has been started. */
void descendants_take(struct descendants *all, struct hold *command);

/* Whether descendants are kept together, by a keeper or by hold itself. */
bool descendants_have_keeper(const struct descendants *all);

/*
 * Whether a process lives, the command included. With a keeper only its messages count. false: none lives; or, where
 * hold is the subreaper, none was seen. For this and the next seven functions descendants_have_keeper must be true.
 */
bool descendants_live(struct descendants *all);

/* Visits each process, as hold_tree_list does. */
int descendants_visit(struct descendants *all, hold_tree_visitor *visit, void *context);

/* Signals each process, as hold_tree_signal does. */
int descendants_signal(struct descendants *all, int signal);

/* Counts the live processes, before a rung of the ladder is sent. */
void descendants_count_rung(struct descendants *all, int signal);

/* Whether no live process may be signalled. Killed processes that have not ended yet do not count as such. */
bool descendants_all_refuse(struct descendants *all);

/* Stores the live processes as left. */
void descendants_note_left(struct descendants *all);

/* Stores the live processes as survivors, and the command if it has not ended. */
void descendants_note_survivors(struct descendants *all, struct hold *command);
bool descendants_has_survivor(const struct descendants *all, int64_t pid);

/* Ends all by a ladder and stores survivors, as hold_tree_stop does. */
int descendants_end(struct descendants *all, const struct hold_rung *ladder, size_t count);

/* The same in steps: hold_tree_stop_begin, hold_stop_step, and hold_stop_fd with the deadline of the next step. */
int descendants_begin_end(struct descendants *all, const struct hold_rung *ladder, size_t count);
int descendants_step_end(struct descendants *all);
int descendants_end_fd(struct descendants *all, int64_t *ret_deadline);

/* Stores the command as a survivor. */
void descendants_add_command(struct descendants *all, const struct hold *command);

/* Whether there are survivors, named or not. */
bool descendants_have_survived(const struct descendants *all);

/*
 * Reaps ended orphans that became children of hold, as a subreaper or as the first process of a PID namespace. The
 * command and its keeper are left to their hold.
 */
void descendants_reap(const struct descendants *all, struct hold *command, bool is_init);

/* Prints a line about a member on standard error. */
void say_member(const char *what, const struct hold_member *member);

void descendants_free(struct descendants *all);

#endif
