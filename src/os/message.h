/* SPDX-License-Identifier: ISC */
#ifndef OS_MESSAGE_H
#define OS_MESSAGE_H

#include "calls.h"

#include <sys/socket.h>

/* Send and receive a message without descriptors. They do not wait, and no SIGPIPE is sent. */
OS_INLINE long call_send(int fd, const void *bytes, size_t size) {
	struct iovec part = { (void *)(uintptr_t)bytes, size };
	const struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	return call_sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

OS_INLINE long call_receive(int fd, void *bytes, size_t size) {
	struct iovec part = { bytes, size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	return call_recvmsg(fd, &message, MSG_DONTWAIT);
}

#endif
