/* SPDX-License-Identifier: ISC */
#include "own-children.h"

#include <stdatomic.h>

static _Atomic uint64_t lock_owner; /* os_owner() of the process one of whose threads has the lock; 0: it is free */
static uint64_t counted_by;         /* os_owner() of the process whose starts and holds the rest is about */
static int starts;                  /* that are under way */
static bool is_reaping;
static struct hold *first;

/* What a process was doing when this one was forked from it is not being done here. */
static void lock(void) {
	const uint64_t us = os_owner_now();
	uint64_t before = atomic_load(&lock_owner);

	while (before == us || !atomic_compare_exchange_weak(&lock_owner, &before, us)) {
		os_yield();
		before = atomic_load(&lock_owner);
	}
	if (counted_by == us)
		return;
	counted_by = us;
	starts = 0;
	is_reaping = false;
	first = NULL;
}

static void unlock(void) {
	atomic_store(&lock_owner, 0);
}

void own_children_begin_start(void) {
	lock();
	while (is_reaping) {
		unlock();
		os_yield();
		lock();
	}
	starts++;
	unlock();
}

void own_children_end_start(struct hold *h) {
	lock();
	starts--;
	if (h) {
		h->next = first;
		h->link = &first;
		if (first)
			first->link = &h->next;
		first = h;
	}
	unlock();
}

void own_children_remove(struct hold *h) {
	if (!h->link || h->owner != os_owner_now())
		return;
	lock();
	*h->link = h->next;
	if (h->next)
		h->next->link = h->link;
	h->link = NULL;
	unlock();
}

bool own_children_begin_reap(void) {
	bool begun;

	lock();
	begun = starts == 0 && !is_reaping;
	is_reaping |= begun;
	unlock();
	return begun;
}

bool own_children_has(int pid) {
	bool found = false;

	lock();
	for (const struct hold *h = first; h && !found; h = h->next)
		found = h->keeper.pid == pid ||
			(h->is_child && h->pid == pid && atomic_load(&h->state) != HELD_ENDED);
	unlock();
	return found;
}

void own_children_end_reap(void) {
	lock();
	is_reaping = false;
	unlock();
}
