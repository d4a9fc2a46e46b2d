/* SPDX-License-Identifier: ISC */
/*
 * The end of a hold that nobody waits for: by its keeper, which climbs the ladder and outlives this program; without a
 * keeper by a thread of our own. A collector or an interpreter that ends must not stand still for a ladder.
 *
 * A thread ends with the program. What it has not ended by then is killed at the exit, since nobody else would.
 */
#include "held.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOMENT_MS = 20, STACK_SIZE = 256 << 10 };

/* A hold that a thread ends. */
struct late_end {
	struct pidhold_held *held;
	struct late_end *next, **link;
};

static pthread_mutex_t late_lock = PTHREAD_MUTEX_INITIALIZER;
static struct late_end *first_late;
static pid_t late_owner; /* a forked child has none of these threads, and perhaps a lock that nobody opens */

static void add(struct late_end *end) {
	pthread_mutex_lock(&late_lock);
	if (late_owner != getpid())
		first_late = NULL;
	late_owner = getpid();
	end->next = first_late;
	end->link = &first_late;
	if (first_late)
		first_late->link = &end->next;
	first_late = end;
	pthread_mutex_unlock(&late_lock);
}

static void take_out(struct late_end *end) {
	pthread_mutex_lock(&late_lock);
	*end->link = end->next;
	if (end->next)
		end->next->link = end->link;
	pthread_mutex_unlock(&late_lock);
}

__attribute__((destructor)) static void kill_late(void) {
	if (late_owner != getpid())
		return;
	pthread_mutex_lock(&late_lock);
	for (struct late_end *end = first_late; end; end = end->next)
		hold_tree_signal(end->held->hold, SIGKILL);
	pthread_mutex_unlock(&late_lock);
}

static void stop(struct pidhold_held *held) {
	static const struct hold_rung kill = { .signal = SIGKILL };
	const int is_kill = held->on_release == HOLD_ON_RELEASE_KILL;

	hold_tree_stop(held->hold, is_kill ? &kill : NULL, is_kill ? 1 : 0, NULL, NULL, NULL);
}

struct pidhold_held *pidhold_held_new(struct hold *h, int on_release) {
	struct pidhold_held *held = calloc(1, sizeof *held);

	if (!held)
		return NULL;
	held->hold = h;
	held->on_release = on_release;
	atomic_init(&held->uses, 1);
	pthread_mutex_init(&held->stopping, NULL);
	return held;
}

static void forget(struct pidhold_held *held) {
	pthread_mutex_destroy(&held->stopping);
	free(held);
}

void pidhold_held_release(struct pidhold_held *held) {
	hold_release(held->hold);
	forget(held);
}

int pidhold_is_contained(const struct hold *hold) {
	return hold_containment(hold) >= HOLD_CONTAIN_KEEPER;
}

static void *run(void *argument) {
	struct late_end *end = argument;

	stop(end->held);
	take_out(end);
	pidhold_held_release(end->held);
	free(end);
	return NULL;
}

/* With all signals blocked: handlers of the program do not run in it. 0, or an error number. */
static int start_thread(struct late_end *end) {
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;
	int error = pthread_attr_init(&attributes);

	if (error)
		return error;
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	error = pthread_create(&thread, &attributes, run, end);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return error;
}

/* Where no thread can be made the process is killed: that takes no ladder. */
static void end_in_thread(struct pidhold_held *held) {
	struct late_end *end = malloc(sizeof *end);

	if (end) {
		end->held = held;
		add(end);
		if (start_thread(end) == 0)
			return;
		take_out(end);
		free(end);
	}
	hold_tree_signal(held->hold, SIGKILL);
	pidhold_held_release(held);
}

/* After the end of the process its keeper takes a moment to tell that no process of its tree lives. */
static int has_tree(struct hold *hold) {
	return hold_wait(hold, HOLD_NOW, NULL) == HOLD_PENDING ||
	       (pidhold_is_contained(hold) && hold_tree_wait(hold, hold_after_ms(MOMENT_MS)) == HOLD_PENDING);
}

void pidhold_end_in_background(struct pidhold_held *held) {
	if (held->on_release == HOLD_ON_RELEASE_LEAVE || !has_tree(held->hold))
		pidhold_held_release(held);
	else if (pidhold_is_contained(held->hold) && hold_release_to_keeper(held->hold) == 0)
		forget(held);
	else
		end_in_thread(held);
}
