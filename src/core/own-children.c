/* SPDX-License-Identifier: ISC */
#include "own-children.h"

#include <stdatomic.h>

static struct os_owner_lock owner_lock;
static uint64_t counted_by; /* os_owner() of the process whose starts and holds the rest is about */
static int starts;          /* that are under way */
static struct hold *first_own;

/* What a process was doing when this one was forked from it is not being done here. */
static void lock_list(void) {
	os_owner_lock_take(&owner_lock); /* who has or makes a hold, or reaps, has a number */
	if (counted_by == os_owner_now())
		return;
	counted_by = os_owner_now();
	starts = 0;
	first_own = NULL;
}

static void unlock_list(void) {
	os_owner_lock_leave(&owner_lock);
}

void own_children_begin_start(void) {
	lock_list();
	starts++;
	unlock_list();
}

void own_children_end_start(struct hold *h) {
	lock_list();
	starts--;
	if (h) {
		h->next = first_own;
		h->link = &first_own;
		if (first_own)
			first_own->link = &h->next;
		first_own = h;
	}
	unlock_list();
}

void own_children_remove(struct hold *h) {
	if (!h->link || h->owner != os_owner_now())
		return;
	lock_list();
	*h->link = h->next;
	if (h->next)
		h->next->link = h->link;
	h->link = NULL;
	unlock_list();
}

/* Where the keeper was killed the process held may be our child too: it is its hold's to reap, for the status. */
static bool is_of(const struct hold *h, int pid) {
	if (h->keeper.pid == pid)
		return true;
	return h->pid == pid && atomic_load(&h->state) != HELD_ENDED && !os_is_reaped(h->pidfd);
}

/* A keeper is among the holds' until it is among the late ones: so these are asked last. */
static bool have(int pid) {
	if (starts > 0)
		return true;
	for (const struct hold *h = first_own; h; h = h->next) {
		if (is_of(h, pid))
			return true;
	}
	return os_keeper_is_late(pid);
}

bool own_children_have(int pid) {
	bool found;

	lock_list();
	found = have(pid);
	unlock_list();
	return found;
}

/* No start makes a child meanwhile. */
bool own_children_reap_other(int pid, int pidfd) {
	bool is_reaped;

	lock_list();
	is_reaped = !have(pid) && os_reap_child(pid, pidfd);
	unlock_list();
	return is_reaped;
}
