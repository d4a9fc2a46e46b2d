/* SPDX-License-Identifier: ISC */
/* What a descriptor says about its process, without a pid that another process may get meanwhile: PIDFD_GET_INFO. */
#include "info-pidfd.h"
#include "calls.h"
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* The kernel's struct pidfd_info of Linux 6.13, the smallest, whose size is part of the request's number. */
struct pidfd_info {
	uint64_t mask, cgroup_id;
	uint32_t pid, tgid, ppid, ids[8];
	int32_t exit_code;
};

enum { PIDFS_MAGIC = 0x50494446 };

enum { INFO_EXIT = 8 }; /* PIDFD_INFO_EXIT, Linux 6.15 */

#define GET_INFO 0xC040FF0Bul /* PIDFD_GET_INFO: _IOWR(0xFF, 11, 64 bytes) */

_Static_assert(sizeof(struct pidfd_info) == 64, "the kernel's size");

int os_exit_of_reaped(int pidfd, struct os_exit *ret) {
	struct pidfd_info info = { .mask = INFO_EXIT };
	int result;

	if (pidfd < 0)
		return -ENODATA;
	/* -ESRCH: while it is being reaped there is no process any more, and no status yet. Others are refusals. */
	result = call_ioctl(pidfd, GET_INFO, &info);
	if (result < 0)
		return result == -ESRCH ? -EAGAIN : -ENODATA;
	if (!(info.mask & INFO_EXIT))
		return -EAGAIN;
	ret->wait_status = info.exit_code;
	ret->has_usage = false;
	return 0;
}

int info_parent(int pidfd) {
	struct pidfd_info info = { .mask = 0 };
	const int result = call_ioctl(pidfd, GET_INFO, &info);

	return result < 0 ? result : (int)info.ppid;
}

int info_pid(int pidfd) {
	struct pidfd_info info = { .mask = 0 };
	int result;

	if (info_inode(pidfd) == 0) /* no other file gets this ioctl: it may be a device */
		return -ENOSYS;
	result = call_ioctl(pidfd, GET_INFO, &info);
	if (result < 0)
		return result == -ESRCH ? -ESRCH : -ENOSYS;
	return (int)info.pid;
}

/* Since Linux 6.9, in a file system of its own; before, all descriptors of processes share one inode. */
static bool is_pidfs(int pidfd) {
	union {
		struct statfs system;
		char bytes[256]; /* the kernel's is not larger, on any machine */
	} found;

	if (OS_CALL(SYS_fstatfs, pidfd, &found, 0, 0, 0) != 0)
		return false;
	return (unsigned long)found.system.f_type == PIDFS_MAGIC;
}

uint64_t info_inode(int pidfd) {
	struct os_statx found = { .inode = 0 };

	if (pidfd < 0 || !is_pidfs(pidfd))
		return 0;
	return OS_CALL(SYS_statx, pidfd, "", AT_EMPTY_PATH, OS_STATX_INODE, &found) == 0 ? found.inode : 0;
}
