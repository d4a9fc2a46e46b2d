/* SPDX-License-Identifier: ISC */
/* What the caller says to a keeper that runs, and hears from it. */
#include "calls.h"
#include "keeper.h"
#include "message.h"
#include "os.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>

/*
 * By the older call where the other is refused, or finds no memory. A keeper that ends before it has read all that we
 * told it leaves an error behind, which comes before its last messages, and once.
 */
static long receive(int socket, struct keeper_message *ret) {
	long size = call_receive(socket, ret, sizeof *ret);

	if (size == -ECONNRESET)
		size = call_receive(socket, ret, sizeof *ret);
	if (size >= 0 || size == -EAGAIN || size == -EINTR)
		return size;
	return os_syscall(SYS_recvfrom, socket, (long)ret, sizeof *ret, MSG_DONTWAIT, 0, 0);
}

/* As wait(2) has it: an exit, or a signal that ends. What else a keeper may say is no end. */
static bool is_end(const struct keeper_message *heard) {
	return (heard->wait_status & 0x7f) <= os_last_signal && (heard->wait_status & ~0xffff) == 0 &&
	       heard->user_us >= 0 && heard->system_us >= 0 && heard->max_rss_kib >= 0;
}

int os_keeper_hear(const struct os_keeper *keeper, enum os_kept *ret, struct os_exit *ret_exit) {
	struct keeper_message heard;
	const long size = receive(keeper->socket, &heard);

	if (size == -EAGAIN)
		return 1;
	if (size < 0)
		return 2;
	if (size != (long)sizeof heard || (heard.word == KEEPER_SAYS_ENDED && !is_end(&heard)))
		return -EPIPE;
	*ret = (enum os_kept)heard.word;
	*ret_exit = (struct os_exit){
		.wait_status = heard.wait_status,
		.has_usage = true,
		.user_us = heard.user_us,
		.system_us = heard.system_us,
		.max_rss_kib = heard.max_rss_kib,
	};
	return 0;
}

/* As in receive. */
static int tell(const struct os_keeper *keeper, const struct keeper_message *message) {
	long sent = call_send(keeper->socket, message, sizeof *message);

	if (sent < 0 && sent != -EAGAIN && sent != -EPIPE)
		sent = OS_CALL(SYS_sendto, keeper->socket, message, sizeof *message, MSG_DONTWAIT | MSG_NOSIGNAL, 0);
	return sent < 0 ? (int)sent : 0;
}

int os_keeper_tell(const struct os_keeper *keeper, bool leave) {
	const struct keeper_message message = { .word = leave ? KEEPER_LEAVE : KEEPER_END };
	const int error = tell(keeper, &message);

	if (error == 0 || leave)
		return error;
	/* This says the same, and needs no memory. */
	return (int)OS_CALL(SYS_shutdown, keeper->socket, SHUT_WR, 0, 0, 0);
}

int os_keeper_restore(const struct os_keeper *keeper, enum os_restore when) {
	const struct keeper_message message = { .word = KEEPER_RESTORE, .wait_status = (int32_t)when };

	return tell(keeper, &message);
}

void os_keeper_wake(const struct os_keeper *keeper) {
	call_pidfd_send_signal(keeper->pidfd, SIGCONT, 0);
}
