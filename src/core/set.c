/* SPDX-License-Identifier: ISC */
/* Many holds and one descriptor that tells when any of them has ended. */
#include "hold.h"

#include <errno.h>
#include <stdlib.h>

/* The holds in it know it, and it does not know them: a list would touch two others, cold, at each end. */
struct hold_set {
	uint64_t owner;            /* as a hold's */
	int fd;                    /* -1: it was freed, and what is left is here for the holds that were in it */
	_Atomic size_t references; /* by each hold in it, and by whoever has not freed it yet */
};

static int check(const struct hold_set *set) {
	if (!set)
		return -EINVAL;
	return set->owner == os_owner_now() ? 0 : -ECHILD;
}

static void drop(struct hold_set *set) {
	if (atomic_fetch_sub(&set->references, 1) == 1)
		free(set);
}

void set_leave(struct hold *h) {
	struct hold_set *set = h->set;

	if (!set)
		return;
	h->set = NULL;
	if (set->fd >= 0)
		os_set_remove(set->fd, h->pidfd);
	drop(set);
}

int hold_set_new(struct hold_set **ret) {
	int kept = errno, fd;
	struct hold_set *set;

	if (!ret)
		return -EINVAL;
	fd = os_set_new();
	if (fd < 0)
		return fd;
	set = calloc(1, sizeof *set);
	if (set) {
		set->owner = os_owner();
		set->references = 1;
	}
	errno = kept;
	if (!set || !set->owner) {
		free(set);
		os_close(fd);
		return -ENOMEM;
	}
	set->fd = fd;
	*ret = set;
	return 0;
}

int hold_set_add(struct hold_set *set, struct hold *h, void *tag) {
	int result = check(set);

	if (result == 0)
		result = hold_check(h);
	if (result < 0)
		return result;
	if (h->set && h->set->fd >= 0)
		return -EBUSY;
	if (h->pidfd < 0)
		return -ENOSYS;
	set_leave(h);
	result = os_set_add(set->fd, h->pidfd, h);
	if (result < 0)
		return result;
	atomic_fetch_add(&set->references, 1);
	h->set = set;
	h->tag = tag;
	return 0;
}

int hold_set_remove(struct hold_set *set, struct hold *h) {
	int result = check(set);

	if (result == 0)
		result = hold_check(h);
	if (result < 0)
		return result;
	if (h->set != set)
		return -ENOENT;
	set_leave(h);
	return 0;
}

int hold_set_next(struct hold_set *set, int64_t deadline, struct hold **ret, void **ret_tag) {
	int result = check(set);
	struct hold *h;
	void *found;

	if (result == 0 && !ret)
		result = -EINVAL;
	if (result == 0 && atomic_load(&set->references) == 1)
		result = -ENOENT;
	if (result == 0)
		result = os_set_next(set->fd, deadline, &found);
	if (result != 0)
		return result;
	h = *ret = found;
	if (ret_tag)
		*ret_tag = h->tag;
	h->has_ended = true;
	set_leave(h);
	return 0;
}

int hold_set_fd(const struct hold_set *set) {
	int error = check(set);

	return error < 0 ? error : set->fd;
}

struct hold_set *hold_set_free(struct hold_set *set) {
	if (!set)
		return NULL;
	os_close(set->fd);
	set->fd = -1;
	if (check(set) == 0)
		drop(set);
	else /* in a forked child, whose copies of the holds are never asked about it */
		free(set);
	return NULL;
}
