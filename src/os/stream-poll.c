/* SPDX-License-Identifier: ISC */
/*
 * Our ends of pipes and terminals, several at a time. They are blocking, so each is read only when poll finds it
 * readable, and no more is written than there is room for when poll finds it writable.
 */
#include "calls.h"
#include "os.h"
#include "wait-child.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

int os_streams_wait(struct os_stream *streams, size_t count, int64_t deadline) {
	struct os_pollfd fds[OS_STREAMS];
	struct os_timespec timeout;
	int result;

	for (size_t i = 0; i < count; i++)
		fds[i] = (struct os_pollfd){ streams[i].fd, streams[i].is_written ? POLLOUT : POLLIN, 0 };
	do {
		timeout = time_left(deadline);
		result = call_ppoll(fds, (unsigned)count, deadline == INT64_MAX ? NULL : &timeout);
	} while (result == -EINTR || (result == 0 && clock_now() < deadline));
	for (size_t i = 0; i < count; i++)
		streams[i].is_ready = result > 0 && fds[i].revents;
	return result > 0 ? 0 : result < 0 ? result : 1;
}

void os_streams_ask(const struct os_stream *streams, size_t count, struct pollfd *fds) {
	for (size_t i = 0; i < count; i++)
		fds[i] = (struct pollfd){ .fd = streams[i].fd, .events = streams[i].is_written ? POLLOUT : POLLIN };
}

void os_streams_answer(struct os_stream *streams, size_t count, const struct pollfd *fds) {
	for (size_t i = 0; i < count; i++)
		streams[i].is_ready = streams[i].fd >= 0 && fds[i].revents;
}

int os_stream_set_blocking(int fd, bool is_blocking) {
	const int flags = call_fcntl(fd, F_GETFL, 0);

	if (flags < 0)
		return flags;
	return call_fcntl(fd, F_SETFL, is_blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

long os_stream_read(int fd, void *bytes, size_t size) {
	long result;

	do
		result = call_read(fd, bytes, size);
	while (result == -EINTR);
	return result == -EIO ? 0 : result; /* a terminal whose other side no process has open */
}

/*
 * SIGPIPE goes to the thread that writes. It is blocked during the write and then taken back, unless one was pending
 * before, which this write has not caused: that takes that it was blocked.
 */
long os_write_to_pipe(int fd, const void *bytes, size_t size) {
	const uint64_t pipe = UINT64_C(1) << (SIGPIPE - 1);
	uint64_t old, pending = 0;
	long result = call_sigprocmask(SIG_BLOCK, &pipe, &old);

	if (result < 0)
		return result;
	if (old & pipe)
		call_sigpending(&pending);
	result = call_write(fd, bytes, size);
	if (result == -EPIPE && !(pending & pipe))
		call_take_signal(&pipe);
	call_sigprocmask(SIG_SETMASK, &old, NULL);
	return result;
}

long os_stream_write(int fd, const void *bytes, size_t size) {
	long result;

	do
		result = os_write_to_pipe(fd, bytes, size < OS_STREAM_ROOM ? size : OS_STREAM_ROOM);
	while (result == -EINTR);
	return result;
}
