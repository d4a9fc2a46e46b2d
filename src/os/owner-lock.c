/* SPDX-License-Identifier: ISC */
/*
 * A lock for a few loads and stores, within which no thread ends. It stores the number of the process whose thread has
 * it. If it was taken when this process was forked, that thread does not exist here, and the lock counts as free.
 */
#include "os.h"
#include "base/clock.h"

#include <stdatomic.h>

enum {
	YIELDS = 100, /* then it sleeps: a yield of a real-time thread never runs a thread of lower priority */
	PAUSE_MS = 1
};

bool os_owner_lock_try(struct os_owner_lock *lock) {
	const uint64_t us = os_owner();
	uint64_t before = atomic_load(&lock->holder);

	return us && before != us && atomic_compare_exchange_strong(&lock->holder, &before, us);
}

bool os_owner_lock_take(struct os_owner_lock *lock) {
	for (int tries = 0; !os_owner_lock_try(lock); tries++) {
		if (!os_owner_now())
			return false;
		os_yield();
		if (tries >= YIELDS)
			os_sleep(clock_after_ms(PAUSE_MS));
	}
	return true;
}

void os_owner_lock_leave(struct os_owner_lock *lock) {
	atomic_store(&lock->holder, 0);
}
