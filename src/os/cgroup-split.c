/* SPDX-License-Identifier: ISC */
/*
 * The kernel lets a group limit the groups below it only if no process is in it. A caller that is alone in a delegated
 * group, such as a scope of systemd with Delegate=yes, therefore moves itself into a leaf, and is put back later.
 */
#include "calls.h"
#include "cgroup-leaf.h"
#include "cgroup-place.h"
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Without the leaf if the caller cannot enter it. */
static int enter_leaf(int own) {
	char name[64], file[96];
	int error;

	snprintf(name, sizeof name, CGROUP_LEAF "%d", call_getpid());
	snprintf(file, sizeof file, "%s/cgroup.procs", name);
	error = (int)OS_CALL(SYS_mkdirat, own, name, 0700, 0, 0);
	if (error < 0 && error != -EEXIST)
		return error;
	error = call_write_file(own, file, "0", 1);
	if (error < 0)
		OS_CALL(SYS_unlinkat, own, name, AT_REMOVEDIR, 0, 0);
	return error;
}

/* The root, which has no such file, may limit groups whatever processes are in it. */
static bool needs_leaf(int own, const char *name) {
	return !cgroup_is_leaf(name) && OS_CALL(SYS_faccessat, own, "cgroup.type", F_OK, 0, 0) == 0;
}

int os_cgroup_split(void) {
	const char *name, *need;
	char path[PATH_MAX];
	const int own = cgroup_open_own(&name, path, &need);
	int error = 0;

	if (own < 0)
		return own;
	if (needs_leaf(own, name))
		error = cgroup_is_alone(own) ? enter_leaf(own) : -EBUSY;
	call_close(own);
	return error;
}

int os_cgroup_unsplit(void) {
	const char *name, *need;
	char path[PATH_MAX];
	const int own = cgroup_open_own(&name, path, &need);
	int above, error;

	if (own < 0)
		return own;
	above = cgroup_is_leaf(name) ? (int)OS_CALL(SYS_openat, own, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0)
				     : -1;
	call_close(own);
	if (above < 0)
		return cgroup_is_leaf(name) ? above : 0;
	error = cgroup_leave_leaf(above);
	call_close(above);
	return error;
}
