/* SPDX-License-Identifier: ISC */
#include "identity.h"
#include "message.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

static bool parse_id(const char *text, uint32_t *ret) {
	char *end;
	unsigned long long number;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	number = strtoull(text, &end, 10);
	*ret = (uint32_t)number;
	return !*end && errno == 0 && number < UINT32_MAX; /* the last one means "unchanged" to the kernel */
}

static bool take_groups(struct identity *identity, const struct passwd *user) {
	gid_t groups[IDENTITY_GROUPS];
	int count = IDENTITY_GROUPS;

	if (getgrouplist(user->pw_name, user->pw_gid, groups, &count) < 0) {
		say("run: user '%s' is a member of too many groups", user->pw_name);
		return false;
	}
	for (int i = 0; i < count; i++)
		identity->groups[i] = groups[i];
	identity->ids.group_count = (size_t)count;
	identity->ids.group = user->pw_gid;
	identity->ids.set |= HOLD_SET_GROUP;
	return true;
}

static bool take_user(struct identity *identity, const char *name, bool has_group) {
	const struct passwd *user = getpwnam(name);

	if (user)
		identity->ids.user = user->pw_uid;
	else if (parse_id(name, &identity->ids.user))
		user = getpwuid(identity->ids.user);
	else {
		say("run: --user '%s': no such user", name);
		return false;
	}
	identity->ids.set |= HOLD_SET_USER | HOLD_SET_GROUPS;
	if (user)
		return take_groups(identity, user);
	if (has_group)
		return true;
	say("run: --user '%s': no user has this number, so it has no group", name);
	hint("name one with --group");
	return false;
}

static bool take_group(struct identity *identity, const char *name) {
	const struct group *group = getgrnam(name);

	if (group)
		identity->ids.group = group->gr_gid;
	else if (!parse_id(name, &identity->ids.group)) {
		say("run: --group '%s': no such group", name);
		return false;
	}
	identity->ids.set |= HOLD_SET_GROUP;
	return true;
}

bool identity_find(struct identity *ret, const char *user, const char *group) {
	memset(ret, 0, sizeof *ret);
	ret->ids.size = sizeof ret->ids;
	ret->ids.groups = ret->groups;
	return (!user || take_user(ret, user, group != NULL)) && (!group || take_group(ret, group));
}
