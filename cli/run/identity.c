/* SPDX-License-Identifier: ISC */
#include "identity.h"
#include "../common/message.h"
#include "../common/parse-number.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>

static bool parse_id(const char *text, uint32_t *ret) {
	int64_t number;

	/* The largest number means "unchanged" to the kernel. */
	if (*text < '0' || *text > '9' || !parse_number(text, 0, UINT32_MAX - 1, &number))
		return false;
	*ret = (uint32_t)number;
	return true;
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
	identity->ids.set |= HOLD_IDS_GROUP;
	return true;
}

/* The functions return NULL also if a data base could not be read. Which errno means "no such name" differs. */
static bool is_readable(const char *option, const char *name) {
	if (errno == 0 || errno == ENOENT || errno == ESRCH || errno == EBADF || errno == EPERM)
		return true;
	say("run: %s '%s': %s", option, name, strerror(errno));
	return false;
}

static bool take_user(struct identity *identity, const char *name, bool has_group) {
	const struct passwd *user;

	errno = 0;
	user = getpwnam(name);
	if (!user && !is_readable("--user", name))
		return false;
	if (user)
		identity->ids.user = user->pw_uid;
	else if (parse_id(name, &identity->ids.user))
		user = getpwuid(identity->ids.user);
	else {
		say("run: --user '%s': no such user", name);
		return false;
	}
	identity->ids.set |= HOLD_IDS_USER | HOLD_IDS_GROUPS;
	if (user)
		return take_groups(identity, user);
	if (has_group)
		return true;
	say("run: --user '%s': no user has this number, so it has no group", name);
	hint("name one with --group");
	return false;
}

static bool take_group(struct identity *identity, const char *name) {
	const struct group *group;

	errno = 0;
	group = getgrnam(name);
	if (!group && !is_readable("--group", name))
		return false;
	if (group)
		identity->ids.group = group->gr_gid;
	else if (!parse_id(name, &identity->ids.group)) {
		say("run: --group '%s': no such group", name);
		return false;
	}
	identity->ids.set |= HOLD_IDS_GROUP;
	return true;
}

bool identity_find(struct identity *ret, const char *user, const char *group) {
	memset(ret, 0, sizeof *ret);
	ret->ids.size = sizeof ret->ids;
	ret->ids.groups = ret->groups;
	return (!user || take_user(ret, user, group != NULL)) && (!group || take_group(ret, group));
}
