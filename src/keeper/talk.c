/* SPDX-License-Identifier: ISC */
/*
 * Messages to and from the owner. A send that a filter refuses, or that finds no memory, is tried by another call, and
 * a receive is tried again: neither the command's status nor a message of the owner may be lost.
 */
#include "state.h"
#include "os/calls.h"
#include "os/message.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { UNREAD_MAX = 4096 }; /* with more unread bytes than this no stop is reported any more */

static bool is_hung_up(long error) {
	return error == -EPIPE || error == -ECONNRESET || error == -ENOTCONN;
}

int say(const struct keeper_message *message, int descriptor) {
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = { (void *)(uintptr_t)message, sizeof *message };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
	long sent;

	if (descriptor >= 0) {
		memset(&control, 0, sizeof control);
		header.msg_control = &control;
		header.msg_controllen = sizeof control;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
	}
	sent = call_sendmsg(keeper.socket, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent >= 0)
		return 0;
	if (is_hung_up(sent))
		return (int)sent;
	if (descriptor >= 0 || sent == -EAGAIN)
		return 1;
	sent = OS_CALL(SYS_sendto, keeper.socket, message, sizeof *message, MSG_DONTWAIT | MSG_NOSIGNAL, 0);
	return sent >= 0 ? 0 : is_hung_up(sent) ? (int)sent : 1;
}

/* The limit leaves room for messages that must not be lost, in case the owner does not read. */
void say_change(enum keeper_word word, int signal) {
	const struct keeper_message message = { .word = (int)word, .wait_status = signal };
	int unread = 0;

	if (call_ioctl(keeper.socket, TIOCOUTQ, &unread) == 0 && unread < UNREAD_MAX)
		say(&message, -1);
}

void say_ended(void) {
	if (keeper.is_unsaid)
		keeper.is_unsaid = say(&keeper.ended, -1) == 1;
}

/* A text for the terminal is stored here. */
static long receive_from_owner(struct keeper_message *ret) {
	struct keeper_screen text;
	const long size = call_receive(keeper.socket, &text, sizeof text);

	_Static_assert(sizeof text > sizeof *ret, "each message has room");
	if (size != (long)sizeof text || text.word != KEEPER_SCREEN) {
		memcpy(ret, &text, sizeof *ret);
		return size;
	}
	if (text.size >= 0 && text.size <= OS_SCREEN_TEXT)
		keeper.screen = text;
	*ret = (struct keeper_message){ .word = KEEPER_SCREEN };
	return (long)sizeof *ret;
}

enum reception receive_word(struct keeper_message *ret) {
	long size = receive_from_owner(ret);

	if (size == -EAGAIN)
		return RECEIVED_NOTHING;
	if (size == -ECONNRESET) /* the owner closed before it read all: its last messages come after this error */
		size = receive_from_owner(ret);
	if (size < 0 && !is_hung_up(size)) { /* a lack of memory may pass */
		keeper_sleep();
		size = receive_from_owner(ret);
	}
	if (size == (long)sizeof *ret)
		return RECEIVED;
	return size == 0 || is_hung_up(size) ? RECEIVED_END : RECEIVED_NOTHING;
}

/* ---- the task ---- */

/* Stores the descriptors that came, and returns how many. -1: more than `room`, or than the table has room for. */
static int take_descriptors(struct msghdr *header, int *ret, int room) {
	const struct cmsghdr *control = CMSG_FIRSTHDR(header);
	int count;

	if (header->msg_flags & MSG_CTRUNC)
		return -1;
	if (!control || control->cmsg_type != SCM_RIGHTS)
		return 0;
	count = (int)((control->cmsg_len - CMSG_LEN(0)) / sizeof(int));
	if (count > room)
		return -1;
	memcpy(ret, CMSG_DATA(control), (size_t)count * sizeof(int));
	return count;
}

/* Waits for a message. *count is the number of descriptors that came before, of `room`. */
static long receive_part(void *bytes, size_t size, int *descriptors, int room, int *count) {
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(KEEPER_DESCRIPTORS * sizeof(int))];
	} control;
	struct iovec part = { bytes, size };
	struct msghdr header = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
	};
	long result;
	int taken;

	do
		result = call_recvmsg(keeper.socket, &header, MSG_CMSG_CLOEXEC);
	while (result == -EINTR);
	taken = result < 0 ? 0 : take_descriptors(&header, descriptors + *count, room - *count);
	if (taken < 0)
		return -EMFILE;
	*count += taken;
	return result;
}

/* The NUL after the plan's bytes ends a text that another thread of the owner changed while the plan was written. */
static int receive_plan(struct received *all) {
	const size_t size = (size_t)keeper.task.plan_size;
	char *bytes = calloc(1, size + KEEPER_CHUNK + 1);
	size_t received = 0;
	long part;

	if (!bytes)
		return -ENOMEM;
	while (received < size || all->count < keeper.task.descriptors) {
		part = receive_part(bytes + received, KEEPER_CHUNK, all->descriptors, keeper.task.descriptors,
				    &all->count);
		if (part <= 0)
			return part < 0 ? (int)part : -EPIPE;
		received += (size_t)part;
		received = received < size ? received : size;
	}
	bytes[size] = 0;
	all->plan = (struct keeper_plan *)(void *)bytes;
	return 0;
}

/* Whether the task is one that an owner built from the same sources may send. For the plan see plan.c. */
static bool is_task(const struct keeper_task *task, int descriptors) {
	return descriptors >= KEEPER_FDS && task->descriptors >= descriptors && task->plan_size <= PTRDIFF_MAX / 2 &&
	       task->rung_count >= 0 && task->rung_count <= OS_RUNGS && task->cgroup_name[KEEPER_GROUP_NAME - 1] == 0;
}

int receive_task(struct received *ret) {
	int first[KEEPER_DESCRIPTORS];
	long size;

	ret->count = 0;
	size = receive_part(&keeper.task, sizeof keeper.task, first, KEEPER_DESCRIPTORS, &ret->count);
	if (size != (long)sizeof keeper.task)
		return size < 0 ? (int)size : -EPIPE;
	if (!is_task(&keeper.task, ret->count))
		return -EPROTO;
	ret->descriptors = calloc((size_t)keeper.task.descriptors, sizeof *ret->descriptors);
	if (!ret->descriptors)
		return -ENOMEM;
	memcpy(ret->descriptors, first, (size_t)ret->count * sizeof *first);
	return receive_plan(ret);
}
