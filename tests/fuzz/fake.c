/* SPDX-License-Identifier: ISC */
#include "fake.h"

#include "os/calls.h"

#include <time.h>

int64_t fake_now;
int fake_fds[FAKE_FDS];

static const uint8_t *script, *script_end;
static bool is_running;

int __real_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret) {
	if (!is_running)
		return __real_clock_gettime(clock, ret);
	*ret = (struct timespec){ fake_now / 1000000000, (long)(fake_now % 1000000000) };
	return 0;
}

void fake_begin(const uint8_t *bytes, size_t size) {
	script = bytes;
	script_end = bytes + size;
	fake_now = INT64_C(1000000000000);
	memset(fake_fds, 0, sizeof fake_fds);
	fake_fds[0] = fake_fds[1] = fake_fds[2] = -1;
	is_running = true;
}

void fake_end(void) {
	is_running = false;
}

bool fake_next(struct fake_record *ret) {
	size_t left;

	if (script == script_end)
		return false;
	*ret = (struct fake_record){ .kind = (enum fake_kind)(*script >> 6), .number = *script & 63, .bytes = script };
	script++;
	if (ret->kind >= FAKE_EVENT)
		return true;
	for (int i = 0; i < 2 && script < script_end; i++)
		ret->size |= (size_t)*script++ << 8 * i;
	left = (size_t)(script_end - script);
	ret->size = ret->size < left ? ret->size : left;
	ret->bytes = script;
	script += ret->size;
	return true;
}

/* ---- descriptors ---- */

int fake_open_from(int lowest, int what) {
	if (lowest < 0 || lowest >= FAKE_FDS)
		return -EINVAL;
	for (int fd = lowest; fd < FAKE_FDS; fd++) {
		if (!fake_fds[fd]) {
			fake_fds[fd] = what;
			return fd;
		}
	}
	return -EMFILE;
}

int fake_open(int what) {
	return fake_open_from(0, what);
}

int fake_what(int fd) {
	return fd < 0 || fd >= FAKE_FDS ? 0 : fake_fds[fd];
}

int fake_close(int fd) {
	if (!fake_what(fd))
		return -EBADF;
	fake_fds[fd] = 0;
	return 0;
}

int fake_close_range(unsigned first, unsigned last) {
	if (first > last)
		return -EINVAL;
	for (unsigned fd = first; fd <= last && fd < FAKE_FDS; fd++)
		fake_fds[fd] = 0;
	return 0;
}

int fake_fcntl(int fd, int command, long argument) {
	if (!fake_what(fd))
		return -EBADF;
	return command == F_DUPFD_CLOEXEC ? fake_open_from((int)argument, fake_fds[fd]) : 0;
}

int fake_dup3(int from, int to) {
	if (!fake_what(from) || to < 0 || to >= FAKE_FDS)
		return -EBADF;
	if (from == to)
		return -EINVAL;
	fake_fds[to] = fake_fds[from];
	return to;
}

/* ---- messages ---- */

/* As many as there is room for, as the kernel does it. */
static void deliver_descriptors(struct msghdr *header, int count, int what) {
	struct cmsghdr *control = header->msg_control;
	const size_t size = control ? header->msg_controllen : 0;
	int room = size > CMSG_LEN(0) ? (int)((size - CMSG_LEN(0)) / sizeof(int)) : 0, fd, given = 0;

	for (; given < count && given < room; given++) {
		fd = fake_open(what);
		if (fd < 0)
			break;
		memcpy(CMSG_DATA(control) + (size_t)given * sizeof fd, &fd, sizeof fd);
	}
	if (given < count)
		header->msg_flags |= MSG_CTRUNC;
	header->msg_controllen = 0;
	if (!given)
		return;
	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = (socklen_t)CMSG_LEN((size_t)given * sizeof(int));
	header->msg_controllen = control->cmsg_len;
}

long fake_deliver(struct msghdr *header, const struct fake_record *record, int descriptors, int what) {
	const size_t room = header->msg_iov->iov_len, size = record->size < room ? record->size : room;

	header->msg_flags = record->size > room ? MSG_TRUNC : 0;
	if (size)
		memcpy(header->msg_iov->iov_base, record->bytes, size);
	deliver_descriptors(header, descriptors, what);
	return (long)size;
}

void fake_sleep(const void *time) {
	const struct os_timespec *wait = time;

	if (wait->seconds > (INT64_MAX - fake_now) / 1000000000 - 1)
		fake_now = INT64_MAX;
	else
		fake_now += (int64_t)wait->seconds * 1000000000 + wait->nanoseconds;
}
