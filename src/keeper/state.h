/* SPDX-License-Identifier: ISC */
/* The keeper's state, and the functions that its files share. See keeper.c for what a keeper is. */
#ifndef KEEPER_STATE_H
#define KEEPER_STATE_H

#include "os/start/keeper-plan.h"
#include "os/start/keeper.h"

#include <stdbool.h>
#include <stdint.h>

struct keeper {
	struct keeper_task task;
	int socket, owner;    /* owner: a pidfd of the owner */
	int cgroup, terminal; /* -1: none */
	int children;         /* readable when a child has changed; -1: this system has no such descriptor */
	int command;          /* its pid in the keeper's PID namespace; 0: it was not made */
	int command_fd;
	bool is_leader; /* of the session of the command's terminal */
	bool command_has_ended;
	bool is_to_leave, is_to_kill, is_to_climb; /* as the owner has ordered */
	bool is_unsaid;                            /* `ended` has not been sent yet */
	struct keeper_message ended;
	int64_t signalled, dumped; /* reaped descendants that a signal had ended; those of them that dumped core */
	int64_t look_at_cpu_time;  /* when; 0: at once */
	int failed_looks;          /* one after the other */
	bool cpu_time_is_up;
	int cpu_time_error; /* a negative errno: the looks fail, and so the tree is ended */
	int restore;        /* OS_RESTORE_... */
	struct keeper_screen screen;
	bool cannot_wait; /* a filter refuses every way to wait: the ends of children cannot be known */
};

extern struct keeper keeper;

enum { RETRY_MS = 20 }; /* after this time a call that failed, perhaps for lack of memory, is tried again */

__attribute__((noreturn)) void keeper_exit(int status);
void keeper_sleep(void); /* RETRY_MS */

/* ---- talk.c ---- */

/* Sends to the owner. 0; 1: not now; a negative errno: the owner's end is closed. descriptor: sent along; -1: none. */
int say(const struct keeper_message *message, int descriptor);
void say_change(enum keeper_word word, int signal); /* left out where the owner does not read and room is scarce */
void say_ended(void);                               /* sends `ended`, if that was not sent yet */

enum reception { RECEIVED, RECEIVED_NOTHING, RECEIVED_END };
enum reception receive_word(struct keeper_message *ret);

struct received {
	int *descriptors, count; /* in the order of os/start/keeper.h */
	struct keeper_plan *plan;
};

/* Waits for the task and the plan. -EPIPE: the owner has closed its end. */
int receive_task(struct received *ret);

/* ---- owner.c ---- */

/* Waits until something happens. Returns whether the owner has ended. */
bool wait_for_news(bool *ret_has_word);

/* Stores the owner's message. false: the owner's end is closed: it dies, or executes another program. */
bool listen_to_owner(void);

/* Stores all messages that are still unread, before what the owner asked for is looked at for the last time. */
void note_last_words(void);

/* Waits for a message of the owner. false: the owner has ended. */
bool wait_for_owner(void);

bool owner_has_died(void); /* also as a zombie */

/* ---- plan.c ---- */

/* -EPROTO: the bytes are no plan. From now on the plan uses their memory. */
int plan_read(const struct received *all, struct os_plan *ret);

/* ---- command.c ---- */

/* Clones the command, which waits for the owner's byte. 0, or an error with *ret_failed, OS_FAILED_... */
int command_make(const struct received *all, int *ret_failed);

/* ---- cpu-time.c ---- */

/* Looks, if it is time for that, whether the tree has reached its limit of processor time, or this cannot be known. */
bool cpu_time_is_up(void);

/* The ms until the next such look; -1: there is no limit. */
int cpu_time_pause(void);

/* ---- tree-use.c ---- */

/* What the tree has used, with what the keeper itself has counted. */
struct os_tree_use tree_use(void);

/*
 * Where the owner has moved itself into a leaf and was killed, the keeper is the last process there: it puts back what
 * its owner would have.
 */
int open_above_group(void); /* before the group is removed; a negative errno if that does not have to be done */
void leave_leaf(int above);

/* ---- ending.c ---- */

/*
 * Empties keeper.children before a look at the children, so that it becomes readable for one that ends afterwards. A
 * hang-up is passed on.
 */
void take_signals(void);

/* Takes note of each child that has changed. false: there is no child any more, and so the tree is empty. */
bool reap_children(void);

/* Removes the control group, says that the tree is empty, and ends the keeper. */
__attribute__((noreturn)) void finish(void);

/* Ends all processes that are left, however long that takes, and then the keeper. */
__attribute__((noreturn)) void end_tree(bool by_ladder);

void put_terminal_back(void); /* with the text for it, if there is one; done once */

#endif
