/* SPDX-License-Identifier: ISC */
/*
 * Which of many descriptors is readable, at a cost that does not grow with their number. A close alone does not take a
 * descriptor out of an epoll set while a child on its way to exec has a copy of it: so it is removed before the close.
 */
#include "calls.h"
#include "os.h"
#include "base/clock.h"

#include <errno.h>
#include <sys/epoll.h>

int os_set_new(void) {
	return os_above_stdio((int)OS_CALL(SYS_epoll_create1, EPOLL_CLOEXEC, 0, 0, 0, 0));
}

int os_set_add(int set, int fd, void *tag) {
	struct epoll_event event = { .events = EPOLLIN, .data = { .ptr = tag } };

	return (int)OS_CALL(SYS_epoll_ctl, set, EPOLL_CTL_ADD, fd, &event, 0);
}

int os_set_remove(int set, int fd) {
	struct epoll_event unused = { .events = 0 }; /* required before Linux 2.6.9 */

	return (int)OS_CALL(SYS_epoll_ctl, set, EPOLL_CTL_DEL, fd, &unused, 0);
}

int os_set_next(int set, int64_t deadline, void **ret_tag) {
	struct epoll_event event;
	int result;

	for (;;) {
		/* Its timeout, in milliseconds, would miss a deadline: it is used only where there is none. */
		result = (int)os_syscall(SYS_epoll_pwait, set, (long)&event, 1, deadline == INT64_MAX ? -1 : 0, 0,
					 sizeof(uint64_t));
		if (result == 0) {
			result = os_wait_readable(set, deadline);
			if (result != 0)
				return result;
			continue;
		}
		if (result != -EINTR)
			break;
	}
	if (result < 0)
		return result;
	*ret_tag = event.data.ptr;
	return 0;
}
