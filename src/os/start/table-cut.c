/* SPDX-License-Identifier: ISC */
/*
 * The table of descriptors is not copied for a child: in a program with many descriptors that would cost more than all
 * the rest. The child shares it and cuts it off above what it needs (child.c). That saves only what lies above the
 * highest number that the child needs, so the cut is made low, and sources above it are fetched after the cut. (The
 * parent cannot duplicate them to low numbers: closing a duplicate would drop the record locks that the program holds
 * on that file.)
 *
 * The child fetches them by pidfd_getfd, as a debugger would; or, where it may not (Yama, Docker), from a socket into
 * which they are sent before the child is made. Neither receiving a file nor closing a socket with one in it drops a
 * lock. The socket lives only for one start, so no message is left in it for another start.
 */
#include "table-cut.h"
#include "os/calls.h"
#include "clone-ways.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

static _Atomic bool cut_is_refused, getfd_is_refused, sockets_are_refused;

static bool is_refused(const _Atomic bool *what) {
	return atomic_load_explicit(what, memory_order_relaxed);
}

/* The sources that lie high, in their order. Returns how many; beyond TABLE_FETCH_MAX they are only counted. */
static size_t collect_high(const struct os_plan *plan, int *high) {
	size_t count = 0;

	for (size_t i = 0; i < plan->source_count; i++) {
		if (plan->sources[i] < OS_LOW)
			continue;
		if (count < TABLE_FETCH_MAX)
			high[count] = plan->sources[i];
		count++;
	}
	return count;
}

static int send_descriptors(int sender, const int *fds, size_t count) {
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(TABLE_FETCH_MAX * sizeof(int))];
	} control = { .bytes = { 0 } };
	char byte = 0;
	struct iovec part = { &byte, 1 };
	const struct msghdr message = { .msg_iov = &part,
					.msg_iovlen = 1,
					.msg_control = &control,
					.msg_controllen = (socklen_t)CMSG_SPACE(count * sizeof(int)) };
	long sent;

	control.header.cmsg_len = (socklen_t)CMSG_LEN(count * sizeof(int));
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(&control.header), fds, count * sizeof *fds);
	sent = call_sendmsg(sender, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	return sent < 0 ? (int)sent : 0;
}

/* Makes a socket on a low number with the descriptors in it. */
static int send_high(struct child_table *table, const int *fds, size_t count) {
	int pair[2], error = call_socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, pair);

	if (error < 0)
		return error;
	table->sender = os_above_stdio(pair[0]);
	table->receiver = os_lower(os_above_stdio(pair[1]));
	error = table->receiver >= OS_LOW ? -EMFILE : table->receiver < 0 ? table->receiver : table->sender;
	if (error >= 0)
		error = send_descriptors(table->sender, fds, count);
	if (error < 0) {
		table_done(table);
		table->sender = table->receiver = -1;
	}
	return error;
}

/* One above all sources that are below `limit`. */
static int above_sources(const struct os_plan *plan, int limit) {
	int highest = -1;

	for (size_t i = 0; i < plan->source_count; i++) {
		if (plan->sources[i] > highest && plan->sources[i] < limit)
			highest = plan->sources[i];
	}
	return highest + 1;
}

/*
 * Kernels from 5.9 to 5.17 that lack "fs: fd tables have to be multiples of BITS_PER_LONG" copy the table's bits in
 * whole bytes, and lose the bits of a last byte that is not full.
 */
static int whole_words(int cut) {
	return (cut + 63) / 64 * 64;
}

/* Whether the caller's descriptors are still open: a closed one would teach nothing about the system. */
static bool are_open(const struct os_plan *plan) {
	for (size_t i = 0; i < plan->source_count; i++) {
		if (plan->sources[i] >= 0 && !os_is_open(plan->sources[i]))
			return false;
	}
	return true;
}

struct child_table table_prepare(const struct os_plan *plan) {
	struct child_table table = TABLE_COPY;
	int high[TABLE_FETCH_MAX];
	size_t count;
	bool is_fetched;

	if (plan->pass_all || is_refused(&cut_is_refused))
		return table;
	count = collect_high(plan, high);
	is_fetched = count > 0 && count <= TABLE_FETCH_MAX &&
		     (!is_refused(&getfd_is_refused) ||
		      (!is_refused(&sockets_are_refused) && send_high(&table, high, count) >= 0));
	if (count > 0 && !is_fetched) {
		table.cut = whole_words(above_sources(plan, INT32_MAX)); /* not flat, but cheaper than a copy */
		return table;
	}
	table.way = is_fetched ? OS_TABLE_FETCHED : OS_TABLE_CUT;
	table.cut = above_sources(plan, OS_LOW);
	if (table.receiver >= table.cut)
		table.cut = table.receiver + 1;
	table.cut = whole_words(table.cut);
	return table;
}

/* The sender stays open until now: a close with something in flight wakes the kernel's collector of lost sockets. */
void table_done(struct child_table *table) {
	os_close_lowered(table->receiver);
	os_close(table->sender);
}

bool table_learn(const struct os_plan *plan, const struct child_table *table, int failed, int error) {
	_Atomic bool *const refused = failed == OS_FAILED_CUT ? &cut_is_refused
				      : table->receiver < 0   ? &getfd_is_refused
							      : &sockets_are_refused;
	/* -EBADF: the first thread has ended, and has no table; -ESRCH: the parent is in another PID namespace. */
	const bool is_none = failed == OS_FAILED_FETCH && (error == -EBADF || error == -ESRCH);

	if ((!clone_is_refusal(error) && !is_none) || (error == -EBADF && !are_open(plan)))
		return false;
	atomic_store_explicit(refused, true, memory_order_relaxed);
	return true;
}
