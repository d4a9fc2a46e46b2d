/* SPDX-License-Identifier: ISC */
/* What a descriptor tells of its process, without a number that may be another's meanwhile: PIDFD_GET_INFO. */
#include "info-pidfd.h"
#include "calls.h"
#include "os.h"

#include <errno.h>

/* The kernel's struct pidfd_info of Linux 6.13, the smallest, whose size is part of the request's number. */
struct pidfd_info {
	uint64_t mask, cgroup_id;
	uint32_t pid, tgid, ppid, ids[8];
	int32_t exit_code;
};

enum { INFO_EXIT = 8 }; /* PIDFD_INFO_EXIT, Linux 6.15 */

#define GET_INFO 0xC040FF0Bul /* PIDFD_GET_INFO: _IOWR(0xFF, 11, 64 bytes) */

_Static_assert(sizeof(struct pidfd_info) == 64, "the kernel's size");

int os_exit_of_reaped(int pidfd, struct os_exit *ret) {
	struct pidfd_info info = { .mask = INFO_EXIT };
	int result;

	if (pidfd < 0)
		return -ENODATA;
	/* While it is being reaped there is no process any more and no status yet. The others are refusals. */
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
