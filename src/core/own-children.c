/* SPDX-License-Identifier: ISC */
#include "own-children.h"

#include <stdatomic.h>

static struct os_owner_lock owner_lock;
static uint64_t counted_by; /* os_owner() of the process whose starts and holds are counted here */
static int starts;          /* that are under way */
static struct hold *first_own;

/* In a forked child the parent's starts and holds are forgotten: they do not go on here. */
static void lock_list(void) {
	os_owner_lock_take(&owner_lock); /* never false: all callers have called os_owner() */
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
	if (h->owner != os_owner_now())
		return;
	lock_list(); /* a neighbour that is removed changes the link too */
	if (h->link) {
		*h->link = h->next;
		if (h->next)
			h->next->link = h->link;
		h->link = NULL;
	}
	unlock_list();
}

/* If the keeper was killed, the command may be our child too: then hold_wait must reap it, for its status. */
static bool is_of(const struct hold *h, int pid) {
	if (h->keeper.pid == pid)
		return true;
	return h->pid == pid && atomic_load(&h->state) != HELD_ENDED && !os_is_reaped(h->pidfd);
}

/* A keeper leaves the holds' list only after it has become a late one: so late keepers are looked at last. */
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

/* Under the lock, so that no start makes a child meanwhile. */
bool own_children_reap_other(int pid, int pidfd) {
	bool is_reaped;

	lock_list();
	is_reaped = !have(pid) && os_reap_child(pid, pidfd);
	unlock_list();
	return is_reaped;
}
