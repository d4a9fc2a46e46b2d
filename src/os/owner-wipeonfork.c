/* SPDX-License-Identifier: ISC */
/*
 * Which process this is, for the price of one load: a page that the kernel empties in the child of every fork
 * (MADV_WIPEONFORK, Linux 4.14) holds a number that is drawn when the page is empty. Children on shared memory see the
 * parent's number. Without such a page the number is the pid, asked for at each call.
 */
#include "calls.h"
#include "os.h"
#include "base/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic(_Atomic uint64_t *) owner_page;
static _Atomic bool page_is_refused;

static _Atomic uint64_t *make_page(void) {
	const size_t size = (size_t)sysconf(_SC_PAGESIZE);
	_Atomic uint64_t *none = NULL, *made;

	made = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (made == MAP_FAILED)
		return NULL;
	if (madvise(made, size, MADV_WIPEONFORK) < 0) {
		atomic_store(&page_is_refused, true);
		munmap(made, size);
		return NULL;
	}
	if (!atomic_compare_exchange_strong(&owner_page, &none, made)) { /* another thread was first */
		munmap(made, size);
		return none;
	}
	return made;
}

uint64_t os_owner_now(void) {
	_Atomic uint64_t *here = atomic_load_explicit(&owner_page, memory_order_acquire);

	if (here)
		return atomic_load_explicit(here, memory_order_acquire);
	return atomic_load_explicit(&page_is_refused, memory_order_relaxed) ? (uint64_t)call_getpid() : 0;
}

uint64_t os_owner(void) {
	int saved_errno = errno;
	_Atomic uint64_t *here = atomic_load_explicit(&owner_page, memory_order_acquire);
	uint64_t none = 0, number;

	if (!here && !atomic_load_explicit(&page_is_refused, memory_order_relaxed))
		here = make_page();
	errno = saved_errno;
	if (!here)
		return os_owner_now();
	number = atomic_load_explicit(here, memory_order_acquire);
	if (number)
		return number;
	/* The time since the machine started: a process and its descendants never draw at the same instant. */
	number = (uint64_t)clock_now() | 1;
	return atomic_compare_exchange_strong(here, &none, number) ? number : none;
}
