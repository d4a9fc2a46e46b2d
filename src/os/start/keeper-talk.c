/* SPDX-License-Identifier: ISC */
/* Messages between the caller and a running keeper. */
#include "os/calls.h"
#include "keeper.h"
#include "os/message.h"
#include "os/os.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>

/*
 * The older call is used where the other one is refused, or finds no memory. If a keeper ends before it has read all
 * our messages, the socket reports -ECONNRESET once, before the keeper's last messages.
 */
static long receive_message(int socket, struct keeper_message *ret) {
	long size = call_receive(socket, ret, sizeof *ret);

	if (size == -ECONNRESET)
		size = call_receive(socket, ret, sizeof *ret);
	if (size >= 0 || size == -EAGAIN || size == -EINTR)
		return size;
	return os_syscall(SYS_recvfrom, socket, (long)ret, sizeof *ret, MSG_DONTWAIT, 0, 0);
}

/* Whether the status is, as in wait(2), an exit or a signal that ends. Any other status is no end. */
static bool is_end(const struct keeper_message *received) {
	return (received->wait_status & 0x7f) <= os_last_signal && (received->wait_status & ~0xffff) == 0 &&
	       received->user_us >= 0 && received->system_us >= 0 && received->max_rss_kib >= 0;
}

static int64_t unless_negative(int64_t number) {
	return number < 0 ? -1 : number;
}

/* The owner must not take a negative number for anything but an unknown one. */
static struct os_tree_use checked(const struct os_tree_use *use) {
	return (struct os_tree_use){
		.memory_peak_kib = unless_negative(use->memory_peak_kib),
		.user_us = unless_negative(use->user_us),
		.system_us = unless_negative(use->system_us),
		.read_bytes = unless_negative(use->read_bytes),
		.written_bytes = unless_negative(use->written_bytes),
		.tasks_peak = unless_negative(use->tasks_peak),
		.tasks_refused = unless_negative(use->tasks_refused),
		.oom_kills = unless_negative(use->oom_kills),
		.signalled = unless_negative(use->signalled),
		.dumped = unless_negative(use->dumped),
		.cpu_time_is_up = use->cpu_time_is_up != 0,
		.cpu_time_error = use->cpu_time_error < 0 && use->cpu_time_error > -4096 ? use->cpu_time_error : 0,
	};
}

int os_keeper_receive(const struct os_keeper *keeper, enum os_keeper_news *ret, struct os_exit *ret_exit,
		      struct os_tree_use *ret_use) {
	struct keeper_message received;
	const long size = receive_message(keeper->socket, &received);

	if (size == -EAGAIN)
		return 1;
	if (size < 0)
		return 2;
	if (size != (long)sizeof received || (received.word == KEEPER_SAYS_ENDED && !is_end(&received)))
		return -EPIPE;
	*ret = (enum os_keeper_news)received.word;
	*ret_exit = (struct os_exit){
		.wait_status = received.wait_status,
		.has_usage = true,
		.user_us = received.user_us,
		.system_us = received.system_us,
		.max_rss_kib = received.max_rss_kib,
	};
	*ret_use = checked(&received.use);
	return 0;
}

/* The older call is used as in receive_message. */
static int send_bytes(const struct os_keeper *keeper, const void *bytes, size_t size) {
	long sent = call_send(keeper->socket, bytes, size);

	if (sent < 0 && sent != -EAGAIN && sent != -EPIPE)
		sent = OS_CALL(SYS_sendto, keeper->socket, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL, 0);
	return sent < 0 ? (int)sent : 0;
}

static int send_message(const struct os_keeper *keeper, const struct keeper_message *message) {
	return send_bytes(keeper, message, sizeof *message);
}

int os_keeper_send(const struct os_keeper *keeper, enum os_keeper_order order) {
	static const int words[] = {
		[OS_KEEPER_KILL] = KEEPER_KILL,
		[OS_KEEPER_CLIMB] = KEEPER_CLIMB,
		[OS_KEEPER_LEAVE] = KEEPER_LEAVE,
	};
	const struct keeper_message message = { .word = words[order] };
	const int error = send_message(keeper, &message);

	if (error == 0 || error == -EPIPE || order != OS_KEEPER_KILL)
		return error;
	/* The end of our side ends the tree too, as our death would: by the ladder if that is what was asked for. */
	return (int)OS_CALL(SYS_shutdown, keeper->socket, SHUT_WR, 0, 0, 0);
}

int os_keeper_restore(const struct os_keeper *keeper, enum os_restore when) {
	const struct keeper_message message = { .word = KEEPER_RESTORE, .wait_status = (int32_t)when };

	return send_message(keeper, &message);
}

int os_keeper_set_screen(const struct os_keeper *keeper, const char *text, size_t size) {
	struct keeper_screen message = { .word = KEEPER_SCREEN, .size = (int32_t)size };

	for (size_t i = 0; i < size; i++) /* no memcpy: a signal handler may call this */
		message.text[i] = text[i];
	return send_bytes(keeper, &message, sizeof message);
}

void os_keeper_wake(const struct os_keeper *keeper) {
	call_pidfd_send_signal(keeper->pidfd, SIGCONT, 0);
}
