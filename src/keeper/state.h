/* SPDX-License-Identifier: ISC */
/* The keeper's state, and what its files have for each other. See keeper.c for what a keeper is. */
#ifndef KEEPER_STATE_H
#define KEEPER_STATE_H

#include "os/start/keeper-plan.h"
#include "os/start/keeper.h"

#include <stdbool.h>
#include <stdint.h>

struct keeper {
	struct keeper_task task;
	int socket, owner;    /* owner: a descriptor of the process that holds */
	int cgroup, terminal; /* -1: none */
	int children;         /* readable when one of them has changed; -1: that is not to be had here */
	int command;          /* its pid, as the keeper sees it; 0: it was not made */
	int command_fd;
	bool command_has_ended;
	bool is_to_leave, is_to_kill, is_to_climb; /* as the owner has ordered */
	bool is_unsaid;                            /* `ended` has not been said yet */
	struct keeper_message ended;
	int restore;      /* OS_RESTORE_... */
	bool cannot_wait; /* a filter refuses each way to wait: the ends of children cannot be known */
};

extern struct keeper keeper;

enum { RETRY_MS = 20 }; /* after which what the kernel refused, for lack of memory perhaps, is asked for again */

__attribute__((noreturn)) void keeper_exit(int status);
void keeper_sleep(void); /* RETRY_MS */

/* ---- talk.c ---- */

/* 0: said; 1: not now; a negative errno: nobody listens. descriptor: passed along, -1 none. */
int say(const struct keeper_message *message, int descriptor);
void say_change(enum keeper_word word); /* or not, where the owner does not listen and room is scarce */
void say_ended(void);                   /* `ended`, if that was not said yet */

enum reception { RECEIVED, RECEIVED_NOTHING, RECEIVED_END };
enum reception receive_word(struct keeper_message *ret);

struct received {
	int *descriptors, count; /* in the order of os/start/keeper.h */
	struct keeper_plan *plan;
};

/* The task and the plan: it waits for them. -EPIPE: the owner has gone. */
int receive_task(struct received *ret);

/* ---- owner.c ---- */

/* Until something has happened: whether the owner has ended. */
bool wait_for_news(void);

/* Notes what the owner says. false: it is dying, or executes another program. */
bool listen_to_owner(void);

/* All that it has said, before what it asked for is looked at for the last time. */
void note_last_words(void);

/* Waits for a word of the owner's, or its end: false. */
bool wait_for_owner(void);

bool owner_has_died(void); /* also as a zombie */

/* ---- plan.c ---- */

/* -EPROTO: the bytes are no plan. Their memory is the plan's from now on. */
int plan_read(const struct received *all, struct os_plan *ret);

/* ---- command.c ---- */

/* Makes the process, which waits for the owner's word. 0, or an error with *ret_failed, OS_FAILED_... */
int command_make(const struct received *all, int *ret_failed);

/* ---- ending.c ---- */

/* Before a look at the children, so that one that ends after it is told again. */
void forget_signals(void);

/* Takes note of each child that has changed. false: there is no child any more, and so nobody at all. */
bool reap_children(void);

/* Says that nobody is left, removes the control group, and ends. */
__attribute__((noreturn)) void finish(void);

/* Ends all that is left, however long that takes. */
__attribute__((noreturn)) void end_tree(bool by_ladder);

void put_terminal_back(void);

#endif
