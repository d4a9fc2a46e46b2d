/* SPDX-License-Identifier: ISC */
/* What the owner wants: its messages are stored in the keeper's state, and its end is noticed. */
#include "state.h"
#include "os/calls.h"

#include <poll.h>

static void note_word(const struct keeper_message *message) {
	switch (message->word) {
	case KEEPER_KILL:
		keeper.is_to_kill = true;
		break;
	case KEEPER_CLIMB:
		keeper.is_to_climb = true;
		break;
	case KEEPER_LEAVE:
		keeper.is_to_leave = true;
		break;
	case KEEPER_RESTORE:
		keeper.restore = keeper.task.modes_size ? message->wait_status : OS_RESTORE_NEVER;
		break;
	default:
		break;
	}
}

bool listen_to_owner(void) {
	struct keeper_message message;
	const enum reception heard = receive_word(&message);

	if (heard == RECEIVED)
		note_word(&message);
	return heard != RECEIVED_END;
}

void note_last_words(void) {
	struct keeper_message message;

	while (receive_word(&message) == RECEIVED)
		note_word(&message);
}

/* Where poll fails, signal 0 through the owner's descriptor is used; for that a zombie still counts as alive. */
bool owner_has_died(void) {
	struct os_pollfd poll = { keeper.owner, POLLIN, 0 };
	struct os_timespec now = { 0, 0 };
	const int result = call_ppoll(&poll, 1, &now);

	return result < 0 ? call_pidfd_send_signal(keeper.owner, 0, 0) == -ESRCH : result > 0;
}

bool wait_for_news(bool *ret_has_word) {
	struct os_pollfd fds[] = { { keeper.children, POLLIN, 0 },
				   { keeper.is_to_leave ? -1 : keeper.socket, POLLIN, 0 },
				   { keeper.is_to_leave ? -1 : keeper.owner, POLLIN, 0 } };
	const bool is_urgent = keeper.is_unsaid || keeper.children < 0;
	const int pause = cpu_time_pause(), ms = is_urgent && (pause < 0 || pause > RETRY_MS) ? RETRY_MS : pause;
	struct os_timespec timeout = { ms / 1000, ms % 1000 * 1000000L };

	if (call_ppoll(fds, 3, ms < 0 ? NULL : &timeout) >= 0) {
		*ret_has_word = fds[1].revents != 0;
		return fds[2].revents != 0; /* the socket may still be open in a child that the owner forked */
	}
	keeper_sleep();
	*ret_has_word = !keeper.is_to_leave;
	return owner_has_died();
}

bool wait_for_owner(void) {
	bool has_word;

	return !wait_for_news(&has_word) && (!has_word || listen_to_owner());
}
