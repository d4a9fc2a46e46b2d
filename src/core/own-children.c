/* SPDX-License-Identifier: ISC */
#include "own-children.h"

#include <stdatomic.h>

static struct os_owner_lock owner_lock;
static uint64_t counted_by; /* os_owner() of the process whose starts and holds the rest is about */
static int starts;          /* that are under way */
static bool is_reaping;
static struct hold *first;

/* What a process was doing when this one was forked from it is not being done here. */
static void lock(void) {
	os_owner_lock_take(&owner_lock); /* who has or makes a hold, or reaps, has a number */
	if (counted_by == os_owner_now())
		return;
	counted_by = os_owner_now();
	starts = 0;
	is_reaping = false;
	first = NULL;
}

static void unlock(void) {
	os_owner_lock_leave(&owner_lock);
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
