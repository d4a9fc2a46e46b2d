/* SPDX-License-Identifier: ISC */
/* Many holds, and one descriptor that is readable when the process of any of them has ended. */
#include "set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_free(union place place) {
	return place.next_free & 1;
}

static int grow_set(struct hold_waitset *set) {
	const size_t room = set->room ? 2 * set->room : 16;
	union place *grown = calloc(room, sizeof *grown);

	if (!grown)
		return -ENOMEM;
	if (set->room)
		memcpy(grown, set->places, set->room * sizeof *grown);
	free(set->places);
	for (size_t i = set->room; i < room; i++)
		grown[i].next_free = 2 * (i + 1) + 1;
	set->places = grown;
	set->room = room;
	return 0;
}

/*
 * Other code has closed the descriptor of a hold that leaves the set, and a forked process has a copy. Then epoll
 * cannot remove it and would report it for ever. So a new set replaces the old one, under the same number.
 */
static void renew(struct hold_waitset *set) {
	int fd = os_set_new();

	for (size_t i = 0; i < set->room && fd >= 0; i++) {
		if (!is_free(set->places[i]))
			os_set_add(fd, set->places[i].hold->pidfd, set->places[i].hold);
	}
	os_replace(fd, set->fd);
}

void set_leave(struct hold *h) {
	struct hold_waitset *set = h->set;

	if (!set)
		return;
	h->set = NULL;
	set->places[h->place].next_free = 2 * set->first_free + 1;
	set->first_free = h->place;
	set->count--;
	if (os_set_remove(set->fd, h->pidfd) < 0)
		renew(set);
}

int hold_waitset_new(struct hold_waitset **ret) {
	int saved_errno = errno, fd;
	struct hold_waitset *set;

	if (!ret)
		return -EINVAL;
	fd = os_set_new();
	if (fd < 0)
		return fd;
	set = calloc(1, sizeof *set);
	if (set)
		set->owner = os_owner();
	if (!set || !set->owner || grow_set(set) < 0) {
		free(set);
		os_close(fd);
		errno = saved_errno;
		return -ENOMEM;
	}
	errno = saved_errno;
	set->fd = fd;
	*ret = set;
	return 0;
}

int hold_waitset_add(struct hold_waitset *set, struct hold *h, void *tag) {
	int saved_errno = errno, result = set_check(set);

	if (result == 0)
		result = held_check(h);
	if (result < 0)
		return result;
	if (h->set)
		return -EBUSY;
	if (h->pidfd < 0)
		return -ENOSYS;
	result = set->first_free == set->room ? grow_set(set) : 0;
	if (result == 0)
		result = os_set_add(set->fd, h->pidfd, h);
	errno = saved_errno;
	if (result < 0)
		return result;
	h->place = set->first_free;
	set->first_free = (size_t)(set->places[h->place].next_free / 2);
	set->places[h->place].hold = h;
	set->count++;
	h->set = set;
	h->tag = tag;
	return 0;
}

int hold_waitset_remove(struct hold_waitset *set, struct hold *h) {
	int result = set_check(set);

	if (result == 0)
		result = held_check(h);
	if (result < 0)
		return result;
	if (h->set != set)
		return -ENOENT;
	set_leave(h);
	return 0;
}

int hold_waitset_next(struct hold_waitset *set, int64_t deadline, struct hold **ret, void **ret_tag) {
	int result = set_check(set);
	struct hold *h;
	void *found;

	if (result == 0 && !ret)
		result = -EINVAL;
	if (result == 0 && set->count == 0)
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

struct hold_waitset *hold_waitset_free(struct hold_waitset *set) {
	if (!set)
		return NULL;
	/* In a forked child this is not needed: the copies of the holds are never used. */
	for (size_t i = 0; set_check(set) == 0 && i < set->room; i++) {
		if (!is_free(set->places[i]))
			set->places[i].hold->set = NULL;
	}
	os_close(set->fd);
	free(set->places);
	free(set);
	return NULL;
}
