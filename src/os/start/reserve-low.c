/* SPDX-License-Identifier: ISC */
/*
 * Low numbers for descriptors of our own. The cost of a start grows with the highest descriptor that the child needs.
 * In a program with 20,000 descriptors, what is opened for a child would lie above all of them. So a placeholder keeps
 * a few low numbers occupied, and what we open takes its place for a while.
 *
 * Only what we opened is moved: closing a duplicate of a caller's descriptor would drop the record locks that the
 * program holds on that file. Numbers are claimed by an atomic exchange on one word. They are not trusted: after a
 * fork, or after other code has closed "all descriptors", a number without our placeholder is given up.
 */
#include "os/calls.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	SLOTS = 16,
	NO_LONGER_FEW = 32, /* from here on low numbers are about to become rare */
	MANY = 1024         /* if the program may have fewer descriptors, we take none of its low numbers */
};

/* Bit i of free_slots: low_numbers[i] holds the placeholder. */
static int low_numbers[SLOTS], placeholder = -1;
static dev_t device; /* an inode number is unique only together with this */
static ino_t inode;
static _Atomic unsigned free_slots;
static _Atomic uint64_t reserved_by; /* os_owner() of the process that reserved; 0: none, or not yet */
static struct os_owner_lock reserving;

static bool holds_placeholder(int fd) {
	struct stat file;
	int saved_errno = errno;
	bool holds = fstat(fd, &file) == 0 && file.st_dev == device && file.st_ino == inode;

	errno = saved_errno;
	return holds;
}

static int open_placeholder(void) {
	struct stat file;
	int saved_errno = errno, fd = os_above_stdio((int)OS_CALL(SYS_memfd_create, "pidhold", MFD_CLOEXEC, 0, 0, 0));

	if (fd >= 0 && fstat(fd, &file) < 0) {
		os_close(fd);
		fd = -EMFILE; /* a placeholder that cannot be recognized is of no use */
	} else if (fd >= 0) {
		device = file.st_dev;
		inode = file.st_ino;
	}
	errno = saved_errno;
	return fd;
}

/* In a forked child the placeholders are still there, except those that another thread had replaced at the fork. */
static unsigned look_again(void) {
	unsigned found = 0;

	if (placeholder < 0 || !holds_placeholder(placeholder))
		return 0;
	for (int i = 0; i < SLOTS; i++) {
		if (low_numbers[i] && holds_placeholder(low_numbers[i]))
			found |= 1u << i;
	}
	return found;
}

static int take_numbers(unsigned *ret_slots) {
	unsigned taken = 0;
	int fd = -EMFILE;

	placeholder = open_placeholder();
	if (placeholder < 0)
		return placeholder;
	for (int i = 0; i < SLOTS; i++) {
		fd = call_fcntl(placeholder, F_DUPFD_CLOEXEC, 3);
		if (fd < 0 || fd >= OS_LOW) {
			os_close(fd);
			break;
		}
		low_numbers[i] = fd;
		taken |= 1u << i;
	}
	*ret_slots = taken;
	if (taken)
		return 0;
	os_close(placeholder);
	placeholder = -1;
	return fd < 0 ? fd : -EMFILE;
}

/* Else this is a forked child, or other code has closed "all descriptors", ours too. */
static bool is_reserved(uint64_t us) {
	return atomic_load(&reserved_by) == us && holds_placeholder(placeholder);
}

static int reserve(uint64_t us) {
	unsigned slots;
	int error = 0;

	atomic_store(&reserved_by, 0);
	slots = look_again();
	if (!slots)
		error = take_numbers(&slots);
	atomic_store(&free_slots, slots);
	atomic_store(&reserved_by, slots ? us : 0);
	return error;
}

int os_reserve(void) {
	const uint64_t us = os_owner();
	int error = 0;

	if (!us)
		return -ENOMEM;
	if (is_reserved(us) || !os_owner_lock_try(&reserving)) /* or another thread does it now */
		return 0;
	if (!is_reserved(us))
		error = reserve(us);
	os_owner_lock_leave(&reserving);
	return error;
}

static int claim(void) {
	unsigned slots = atomic_load(&free_slots);
	int slot;

	while (slots) {
		slot = __builtin_ctz(slots);
		if (!atomic_compare_exchange_weak(&free_slots, &slots, slots & ~(1u << slot)))
			continue;
		if (holds_placeholder(low_numbers[slot]))
			return low_numbers[slot];
		slots = atomic_load(&free_slots); /* other code closed it: it is not ours any more */
	}
	return -1;
}

static bool may_have_many(void) {
	struct rlimit limit;
	int saved_errno = errno;
	bool many = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= MANY;

	errno = saved_errno;
	return many;
}

int os_lower(int fd) {
	int low;

	if (fd < NO_LONGER_FEW)
		return fd;
	if (atomic_load(&reserved_by) != os_owner_now() && (!may_have_many() || os_reserve() < 0))
		return fd;
	if (fd < OS_LOW)
		return fd;
	low = claim();
	if (low < 0)
		return fd;
	if (call_dup3(fd, low, O_CLOEXEC) < 0)
		return fd; /* the limit was lowered below this number: it stays unused */
	call_close(fd);
	return low;
}

/* The slot whose number this is while it is in use, or -1. */
static int slot_in_use(int fd) {
	const unsigned slots = atomic_load(&free_slots);

	for (int i = 0; i < SLOTS; i++) {
		if (low_numbers[i] == fd && !(slots & 1u << i))
			return i;
	}
	return -1;
}

void os_close_lowered(int fd) {
	int slot = fd >= 0 && atomic_load(&reserved_by) == os_owner_now() ? slot_in_use(fd) : -1;

	if (slot >= 0 && holds_placeholder(placeholder) && call_dup3(placeholder, fd, O_CLOEXEC) >= 0)
		atomic_fetch_or(&free_slots, 1u << slot);
	else
		os_close(fd);
}
