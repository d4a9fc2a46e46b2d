/* SPDX-License-Identifier: ISC */
/*
 * A leaf is the group into which a caller moves itself (cgroup-split.c), so that the group above it has no process and
 * may limit other groups. For the library and for the keeper.
 */
#ifndef OS_CGROUP_LEAF_H
#define OS_CGROUP_LEAF_H

#include <stdbool.h>

#define CGROUP_LEAF "pidhold.caller-"

/* Whether a group, by the name of its directory, is a leaf. */
bool cgroup_is_leaf(const char *name);

/* Whether the calling process is in the group, and no other one is. */
bool cgroup_is_alone(int dirfd);

/*
 * Moves the calling process from its leaf into the group `above`, whose controllers are disabled for that, and removes
 * the leaf. -EBUSY: another process is in the leaf, or another group beside it; then nothing is changed.
 */
int cgroup_leave_leaf(int above);

#endif
