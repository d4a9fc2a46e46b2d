/* SPDX-License-Identifier: ISC */
/* Users and groups by name or number, for --user and --group. */
#ifndef CLI_IDENTITY_H
#define CLI_IDENTITY_H

#include <pidhold.h>

#include <stdbool.h>
#include <sys/types.h>

enum { IDENTITY_GROUPS = 1024 };

struct identity {
	struct hold_ids ids;
	uint32_t groups[IDENTITY_GROUPS];
};

/*
 * user NULL: the caller's; else the user with its own group and all groups that it is a member of. group NULL: the
 * user's own; a user number that no user has needs a group. false: said on standard error.
 */
bool identity_find(struct identity *ret, const char *user, const char *group);

#endif
