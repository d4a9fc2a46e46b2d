/* SPDX-License-Identifier: ISC */
#include "cgroup-place.h"
#include "calls.h"
#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_octal(char digit) {
	return digit >= '0' && digit <= '7';
}

/* Decodes a path of mountinfo, where a space, for example, is written \ooo. */
static void unescape(char *path) {
	char *to = path;

	for (const char *from = path; *from; to++) {
		if (from[0] == '\\' && is_octal(from[1]) && is_octal(from[2]) && is_octal(from[3])) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = 0;
}

/* Where groups of version 2 are mounted, and which group is the root of that mount. */
struct mount {
	char root[PATH_MAX / 2], point[PATH_MAX / 2];
};

/* A line of mountinfo: id, parent, device, root, mount point, ... - type, ... */
static int parse_mount(void *context, char *line) {
	struct mount *mount = context;
	char *end = strstr(line, " - "), *fields[5] = { NULL }, *rest = NULL;

	if (!end || strncmp(end, " - cgroup2 ", sizeof " - cgroup2 " - 1))
		return 0;
	*end = 0;
	for (int i = 0; i < 5; i++)
		fields[i] = strtok_r(i ? NULL : line, " ", &rest);
	if (!fields[4] || strlen(fields[3]) >= sizeof mount->root || strlen(fields[4]) >= sizeof mount->point)
		return 0;
	unescape(strcpy(mount->root, fields[3]));
	unescape(strcpy(mount->point, fields[4]));
	return 1;
}

/* The mount is looked for once in a process. */
static int find_mount(struct mount *ret) {
	enum { UNKNOWN, BEING_WRITTEN, KNOWN };
	static struct mount known_mount;
	static _Atomic int mount_state;
	int unknown = UNKNOWN, result;

	if (atomic_load(&mount_state) == KNOWN) {
		*ret = known_mount;
		return 0;
	}
	result = procfs_each_line("/proc/self/mountinfo", parse_mount, ret);
	if (result != 1)
		return result < 0 && result != -ENOENT ? result : -ENOSYS;
	if (atomic_compare_exchange_strong(&mount_state, &unknown, BEING_WRITTEN)) {
		known_mount = *ret;
		atomic_store(&mount_state, KNOWN);
	}
	return 0;
}

/* The caller's own group, as "/a/b". */
static int read_own_group(char *path, size_t size) {
	char text[PATH_MAX];
	const long length = procfs_read("/proc/self/cgroup", text, sizeof text);
	const char *line;
	int size_of_path;

	if (length < 0)
		return length == -ENOENT ? -ENOSYS : (int)length;
	for (line = text; line && strncmp(line, "0::", 3); line = line ? line + 1 : NULL)
		line = strchr(line, '\n');
	if (!line)
		return -ENOSYS;
	line += sizeof "0::" - 1;
	size_of_path = (int)strcspn(line, "\n");
	return snprintf(path, size, "%.*s", size_of_path, line) < (int)size ? 0 : -ENAMETOOLONG;
}

/* The directory of the caller's own group. */
static int find_own_directory(char *path, size_t size) {
	char group[PATH_MAX / 2];
	struct mount mount;
	size_t above;
	int error = read_own_group(group, sizeof group);

	if (error == 0)
		error = find_mount(&mount);
	if (error < 0)
		return error;
	above = strcmp(mount.root, "/") ? strlen(mount.root) : 0;
	if (strncmp(group, mount.root, above) || (group[above] && group[above] != '/'))
		return -ENOSYS; /* the caller's group is not visible in that mount */
	return snprintf(path, size, "%s%s", mount.point, group + above) < (int)size ? 0 : -ENAMETOOLONG;
}

int cgroup_open_own(const char **ret_name, char *path, const char **ret_need) {
	const int error = find_own_directory(path, PATH_MAX);

	*ret_need = "a mounted cgroup of version 2 that shows the caller's group";
	*ret_name = error < 0 ? "" : strrchr(path, '/') + 1;
	return error < 0 ? error : call_openat(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
}
