/* SPDX-License-Identifier: ISC */
/*
 * hold forks: the child becomes the process that holds the command, in a session of its own, and the parent waits until
 * the program has been executed. There is no daemon; what a detached run needs later is in its directory.
 */
#include "detach.h"
#include "background.h"
#include "claim.h"
#include "../common/error-text.h"
#include "../common/message.h"
#include "../common/terminal-size.h"
#include "../run/run.h"
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
#include <sys/wait.h>
#include <unistd.h>

/* Of the child: another run has taken the name at the same moment. No status of hold or of a command is above 255. */
enum { AGAIN = 256 };

static const char busy[] = "busy";

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

static int hold_in_background(struct run_command_line *line, int store, int caller) {
	struct detached detached;
	const int kept[] = { store, caller };
	int status;

	signal(SIGXFSZ, SIG_IGN); /* a write that a limit forbids fails */
	if (line->tty && !line->winsize.rows)
		terminal_size(user_terminal_find(), &line->winsize);
	line->no_input = true; /* it comes from those who attach */
	if (!background_enter(line, kept, 2)) {
		say("run: a session of its own: %s", strerror(errno));
		return STATUS_FAILED;
	}
	switch (claim_begin(&detached, store, line)) {
	case CLAIM_BUSY:
		send(caller, busy, sizeof busy, MSG_NOSIGNAL);
		return STATUS_FAILED;
	case CLAIM_FAILED:
		return STATUS_FAILED;
	default:
		break;
	}
	line->name = detached.record.name;
	detached.caller = caller;
	status = run_line(line, &detached);
	if (detached.record.phase == RUN_STARTING)
		claim_undo(&detached);
	return status;
}

/* ---- the parent ---- */

/* The status of a child that could not start the command, which has said why. */
static int status_of(pid_t child) {
	int status;

	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return STATUS_FAILED;
	}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	say("run: the process that was to hold the command was killed");
	return STATUS_FAILED;
}

/* What the child says first: "busy", or "started NAME REFERENCE". */
static int take_answer(int from, pid_t child) {
	char text[512];
	ssize_t size;

	while ((size = recv(from, text, sizeof text - 1, 0)) < 0 && errno == EINTR)
		;
	text[size > 0 ? size : 0] = 0;
	if (strcmp(text, busy) == 0) {
		status_of(child);
		return AGAIN;
	}
	if (strncmp(text, "started ", 8) != 0)
		return status_of(child);
	print("%s\n", text + 8);
	return output_is_written() ? 0 : say_unwritten();
}

static int start(struct run_command_line *line, int store) {
	int ends[2], status;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0 || (child = fork()) < 0) {
		say("run: --detach: %s", strerror(errno));
		return STATUS_FAILED;
	}
	close(ends[child ? 1 : 0]);
	if (child == 0)
		return hold_in_background(line, store, ends[1]);
	status = take_answer(ends[0], child);
	close(ends[0]);
	return status;
}

int detach_run(struct run_command_line *line) {
	const int store = store_open("run");
	int status = AGAIN;

	if (store < 0)
		return STATUS_FAILED;
	while (status == AGAIN)
		status = make_way(line, store) ? start(line, store) : STATUS_FAILED;
	close(store);
	return status;
}
