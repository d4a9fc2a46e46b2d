/* SPDX-License-Identifier: ISC */
/* Many holds and one descriptor that tells when any of them has ended. */
#include "hold.h"

#include <errno.h>
#include <stdlib.h>

struct hold_set {
	uint64_t owner; /* as a hold's */
	int fd;
	struct hold *first; /* the holds in it, linked, so that none is left to point to a set that is freed */
};

static int check(const struct hold_set *set) {
	if (!set)
		return -EINVAL;
	return set->owner == os_owner_now() ? 0 : -ECHILD;
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
	if (set)
		set->owner = os_owner();
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
	if (h->set)
		return -EBUSY;
	if (h->pidfd < 0)
		return -ENOSYS;
	result = os_set_add(set->fd, h->pidfd, h);
	if (result < 0)
		return result;
	h->set = set;
	h->tag = tag;
	h->set_previous = NULL;
	h->set_next = set->first;
	if (set->first)
		set->first->set_previous = h;
	set->first = h;
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
	os_set_remove(set->fd, h->pidfd);
	if (h->set_next)
		h->set_next->set_previous = h->set_previous;
	if (h->set_previous)
		h->set_previous->set_next = h->set_next;
	else
		set->first = h->set_next;
	h->set = NULL;
	return 0;
}

int hold_set_next(struct hold_set *set, int64_t deadline, struct hold **ret, void **ret_tag) {
	int result = check(set);
	void *found;

	if (result == 0 && !ret)
		result = -EINVAL;
	if (result == 0 && !set->first)
		result = -ENOENT;
	if (result == 0)
		result = os_set_next(set->fd, deadline, &found);
	if (result != 0)
		return result;
	*ret = found;
	if (ret_tag)
		*ret_tag = (*ret)->tag;
	return hold_set_remove(set, *ret);
}

int hold_set_fd(const struct hold_set *set) {
	int error = check(set);

	return error < 0 ? error : set->fd;
}

struct hold_set *hold_set_free(struct hold_set *set) {
	if (!set)
		return NULL;
	while (check(set) == 0 && set->first)
		hold_set_remove(set, set->first);
	os_close(set->fd);
	free(set);
	return NULL;
}
