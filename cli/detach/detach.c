/* SPDX-License-Identifier: ISC */
/*
 * hold forks: the child becomes the process that holds the command, in a session of its own, and the parent waits until
 * the program has been executed. There is no daemon; what a detached run needs later is in its directory.
 */
#include "detach.h"
#include "background.h"
#include "claim.h"
#include "front.h"
#include "runner.h"
#include "../common/duration.h"
#include "../common/error-text.h"
#include "../common/message.h"
#include "../common/terminal-size.h"
#include "../run/run.h"
#include "../run/tree-limit.h"
#include "../run/user-terminal.h"
#include "../store/directory.h"
#include "../store/ending.h"
#include "../store/name.h"
#include "../store/runs.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*
 * Of the child: another run has taken the name at the same moment; or the command has been started. No status of hold
 * or of a command is above 255.
 */
enum { AGAIN = 256, STARTED };

static const char busy[] = "busy";

enum { LEAF_TRIES = 100, LEAF_PAUSE_MS = 10 };

/*
 * The parent moves itself into a leaf of its control group before it forks, so that the group above has no process when
 * the child limits the tree. The last of both that ends moves back. Here the parent has no more to do, and ends.
 */
static void leave_leaf(void) {
	const struct timespec pause = { .tv_nsec = LEAF_PAUSE_MS * 1000000L };

	for (int i = 0; i < LEAF_TRIES && hold_group_split(0) == -EBUSY; i++)
		nanosleep(&pause, NULL);
}

/* ---- the run that has the name ---- */

static bool refuse(const char *name) {
	say("run: '%s' is running", name);
	hint("'hold show %s' shows it; --if-running replace stops it first, --if-running wait waits for its end", name);
	return false;
}

/* false: the name is not free; said on standard error. */
static bool end_former(const struct run_command_line *line, const struct run_entry *former) {
	int result;

	if (line->if_running == IF_RUNNING_REFUSE)
		return refuse(line->name);
	if (line->if_running == IF_RUNNING_REPLACE && !run_is_in_reach("run", former))
		return false;
	result = line->if_running == IF_RUNNING_WAIT ? run_await_end(former, HOLD_FOREVER) : run_end(former);
	if (result == 0)
		return true;
	say("run: '%s': %s", line->name, result == HOLD_PENDING ? "it could not be ended" : error_text(result));
	return false;
}

static bool make_way(const struct run_command_line *line, int store) {
	struct run_entry former;
	bool made = true;

	if (!line->name || !run_load(store, line->name, &former)) {
		if (!line->name || errno != EPROTO)
			return true;
		say("run: '%s': its record is of another version of hold", line->name);
		return false;
	}
	if (former.state == RUN_LIVES)
		made = end_former(line, &former);
	run_unload(&former);
	return made;
}

/* ---- the child ---- */

static int run_claimed(struct detached *detached, struct run_command_line *line, int caller) {
	int status;

	line->name = detached->record.name;
	detached->caller = caller;
	detached->has_front = line->detach_after_ns > 0;
	status = run_line(line, detached);
	line->name = NULL;
	if (detached->record.phase == RUN_STARTING)
		claim_undo(detached);
	else if (!detached->has_front && tree_limits_need_controllers(&line->tree_limits))
		leave_leaf();
	return status;
}

static int hold_in_background(struct run_command_line *line, int store, int caller) {
	struct detached detached;
	const int kept[] = { store, caller };
	bool has_own_size;
	int status;

	signal(SIGXFSZ, SIG_IGN); /* a write that a limit forbids fails */
	has_own_size = line->winsize.rows;
	if (line->tty && !has_own_size)
		terminal_size(user_terminal_find(), &line->winsize);
	line->no_input = true; /* it comes from those who attach */
	if (!background_enter(line, kept, 2)) {
		say("run: a session of its own: %s", strerror(errno));
		return STATUS_FAILED;
	}
	switch (claim_begin(&detached, store, line)) {
	case CLAIM_BUSY:
		send(caller, busy, sizeof busy, MSG_NOSIGNAL);
		status = STATUS_FAILED;
		break;
	case CLAIM_FAILED:
		status = STATUS_FAILED;
		break;
	default:
		detached.has_own_size = has_own_size;
		status = run_claimed(&detached, line, caller);
	}
	record_free(&detached.record);
	return status;
}

/* ---- the parent ---- */

/* What the child says first: "busy", "killed NAME REFERENCE", or "started ...", the latter two into `text`. */
static int take_answer(int from, pid_t child, char *text, size_t size) {
	static const char started[] = "started ", killed[] = "killed ";
	const size_t skipped = sizeof started - 1;
	ssize_t length;
	int status;

	while ((length = recv(from, text, size - 1, 0)) < 0 && errno == EINTR)
		;
	text[length > 0 ? length : 0] = 0;
	if (strncmp(text, started, skipped) == 0) {
		memmove(text, text + skipped, strlen(text + skipped) + 1);
		return STARTED;
	}
	status = runner_status(child); /* it has said why it could not start the command */
	if (strncmp(text, killed, sizeof killed - 1) == 0) {
		text[strcspn(text + sizeof killed - 1, " ") + sizeof killed - 1] = 0;
		say("run: it was started and killed; 'hold logs %s' says why", text + sizeof killed - 1);
	}
	return strcmp(text, busy) == 0 ? AGAIN : status;
}

static int print_answer(const char *name_and_reference) {
	print("%s\n", name_and_reference);
	return output_is_written() ? 0 : say_unwritten();
}

/* Until they are caught, these would end the process in front by default, and the run with it. */
static void block_users_signals(sigset_t *ret_before) {
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGUSR2);
	sigprocmask(SIG_BLOCK, &signals, ret_before);
}

static int start(struct run_command_line *line, int store) {
	const int64_t deadline = hold_after_ms(duration_ms(line->detach_after_ns));
	char text[512];
	int ends[2], status;
	sigset_t before;
	pid_t child;

	block_users_signals(&before);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0 || (child = fork()) < 0) {
		say("run: --detach: %s", strerror(errno));
		return STATUS_FAILED;
	}
	close(ends[child ? 1 : 0]);
	if (child == 0 || !line->detach_after_ns)
		sigprocmask(SIG_SETMASK, &before, NULL);
	if (child == 0)
		return hold_in_background(line, store, ends[1]);
	status = take_answer(ends[0], child, text, sizeof text);
	if (status == STARTED && line->detach_after_ns) {
		text[strcspn(text, " ")] = 0;
		return front_stay(line, store, text, ends[0], child, deadline);
	}
	close(ends[0]);
	return status == STARTED ? print_answer(text) : status;
}

int detach_run(struct run_command_line *line) {
	const int store = store_open("run");
	const bool is_limited = tree_limits_need_controllers(&line->tree_limits);
	int status = AGAIN;

	if (store < 0)
		return STATUS_FAILED;
	if (is_limited)
		hold_group_split(1); /* if this fails, the start says what is missing */
	while (status == AGAIN)
		status = make_way(line, store) ? start(line, store) : STATUS_FAILED;
	if (is_limited)
		hold_group_split(0); /* but if the run goes on, that ends later */
	close(store);
	return status;
}
