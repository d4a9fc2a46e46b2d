/* SPDX-License-Identifier: ISC */
/*
 * What the caller gets is read from the log. So whatever was written before the hand-over is a beginning of the log,
 * and the message that tells of it has the number of the next byte. cli/run/detached.h has the words of the socket.
 */
#include "front.h"
#include "runner.h"
#include "../common/message.h"
#include "../common/open-file.h"
#include "../common/write-all.h"
#include "../run/bounded.h"
#include "../run/caught.h"
#include "../store/directory.h"
#include "../store/lock.h"
#include "../store/log-reader.h"
#include "../store/runs.h"

#include <pidhold.h>

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_SIZE = 65536 };

struct front {
	const struct run_command_line *line;
	int store, socket; /* socket -1: the run has ended, or is handed over */
	const char *name;
	pid_t runner;
	int64_t deadline;
	struct log_reader log;
	char bytes[READ_SIZE]; /* of the log, from written to size still to be copied */
	size_t size, written;
	struct bounded bounded; /* of what is copied; without --max-output all is its head */
	bool has_news;          /* the log may have more */
	bool has_asked;         /* for the hand-over */
	bool is_handed_over;
	bool has_given_up; /* a signal has come after the end */
	int report_error;  /* of the report that says "running" */
	int error;         /* of the output: an errno, and no more is written; 0: none */
	uint64_t lost;     /* bytes that the log does not have */
};

static bool has_rest(const struct front *front) {
	return front->written < front->size;
}

/* The number of the byte that the caller gets next, until the tail of a bounded output begins. */
static uint64_t next_byte(const struct front *front) {
	const uint64_t taken = front->line->bounds_output ? front->bounded.passed : front->log.at;

	return taken - (front->size - front->written);
}

/* ---- the output ---- */

static void note_lost(struct front *front, uint64_t count) {
	if (count)
		say("run: '%s': %" PRIu64 " bytes are missing here: the log has lost them", front->name, count);
	front->lost += count;
}

/* Tells the runner how far it is; one that has ended does not hear it. */
static void answer(const struct front *front) {
	char text[32];
	const int length = snprintf(text, sizeof text, "%" PRIu64, front->log.at);

	if (front->socket >= 0)
		send(front->socket, text, (size_t)length, MSG_NOSIGNAL);
}

static void read_more(struct front *front) {
	const ssize_t n = log_reader_read(&front->log, front->bytes, sizeof front->bytes);

	front->written = 0;
	front->size = n > 0 ? (size_t)n : 0;
	if (front->line->bounds_output)
		front->size = bounded_add(&front->bounded, front->bytes, front->size);
	note_lost(front, log_reader_take_missed(&front->log));
	if (n > 0 && !front->error)
		return;
	if (n < 0 && !front->error) {
		front->error = errno;
		say("run: the log of '%s': %s", front->name, strerror(errno));
	}
	front->written = front->size;
	front->has_news = n > 0;
	if (n <= 0)
		answer(front);
}

/* As SIGPIPE would end the command if it wrote there itself. Else the run goes on, and its log has the output. */
static void fail(struct front *front, int error) {
	front->error = error;
	front->written = front->size;
	if (error != EPIPE)
		say("run: standard output: %s", open_file_reason(error));
	else if (front->socket >= 0)
		kill(front->runner, SIGHUP);
}

static void write_some(struct front *front) {
	const ssize_t n = write_at_once(STDOUT_FILENO, front->bytes + front->written, front->size - front->written);

	if (n >= 0)
		front->written += (size_t)n;
	else if (errno != EAGAIN && errno != EINTR)
		fail(front, errno);
}

/* After the end of the run: what --max-output has kept back comes now. */
static void read_tail(struct front *front) {
	const char *bytes;
	size_t size;

	if (!front->line->bounds_output)
		return;
	bounded_finish(&front->bounded, "\n");
	while (!has_rest(front) && (bytes = bounded_next(&front->bounded, &size))) {
		memcpy(front->bytes, bytes, size);
		bounded_took(&front->bounded, size);
		front->size = size;
		front->written = front->error ? size : 0;
	}
}

/* ---- the runner ---- */

static void leave_runner(struct front *front) {
	close(front->socket);
	front->socket = -1;
}

static void hear(struct front *front) {
	char text[32];
	const ssize_t size = recv(front->socket, text, sizeof text - 1, 0);

	/* ECONNRESET: the runner has closed the socket without our last answer; what it has said comes after that */
	if (size < 0 && (errno == EINTR || errno == ECONNRESET))
		return;
	text[size > 0 ? size : 0] = 0;
	front->has_news = true;
	if (size > 0 && strncmp(text, "running ", 8) != 0)
		return;
	front->is_handed_over = size > 0;
	front->report_error = size > 0 ? atoi(text + 8) : 0;
	leave_runner(front);
}

static void ask(struct front *front) {
	static const char word[] = "detach";

	if (front->has_asked || front->socket < 0 || hold_now() < front->deadline)
		return;
	front->has_asked = true;
	send(front->socket, word, sizeof word - 1, MSG_NOSIGNAL);
}

static void pass_signals(struct front *front) {
	bool from_kernel;
	int signal;

	while ((signal = caught_take(&from_kernel))) {
		if (front->socket >= 0)
			kill(front->runner, signal); /* it is not reaped yet */
		else
			front->has_given_up = true;
	}
}

/* ---- the time in front ---- */

static bool hear_signals(void) {
	static const int passed[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 };
	sigset_t signals;

	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
		sigaddset(&signals, passed[i]);
	if (!caught_listen(&signals))
		return false;
	caught_listen_to_ignored();
	return true;
}

/* false: nothing can be waited for; errno says why. */
static bool turn(struct front *front) {
	struct pollfd fds[3] = { { .fd = front->socket, .events = POLLIN }, { .fd = -1 } };
	/* No write tells that the reader has gone. */
	const bool is_quiet = front->bounded.is_past_head && !front->error;
	const bool may_ask = front->socket >= 0 && !front->has_asked;

	if (has_rest(front) || is_quiet)
		fds[1].fd = STDOUT_FILENO;
	if (has_rest(front))
		fds[1].events = POLLOUT;
	if (!caught_wait(fds, 2, may_ask ? front->deadline : HOLD_FOREVER))
		return false;
	pass_signals(front);
	if (fds[1].revents && has_rest(front))
		write_some(front);
	else if (fds[1].revents)
		fail(front, fds[1].revents & POLLNVAL ? EBADF : EPIPE);
	if (fds[0].revents)
		hear(front);
	ask(front);
	return true;
}

/* Whether nothing is left to be waited for. What the log has by now is read first. */
static bool is_done(struct front *front) {
	while (front->has_news && !has_rest(front))
		read_more(front);
	if (front->socket < 0 && !front->is_handed_over && !has_rest(front))
		read_tail(front);
	return front->is_handed_over || front->has_given_up || (front->socket < 0 && !has_rest(front));
}

/* ---- the end ---- */

static int tell_running(const struct front *front) {
	if (front->report_error)
		say("report '%s': %s", front->line->report, open_file_reason(front->report_error));
	say("still running: '%s'; 'hold logs -f --from %" PRIu64 " %s' follows it", front->name, next_byte(front),
	    front->name);
	return STATUS_RUNNING;
}

/* Nobody needs the record of a run whose end its caller has seen. What was not written remains in the log. */
static void forget(const struct front *front) {
	const int lock = store_lock("run", front->store);

	if (lock < 0)
		return;
	if (!run_remove(front->store, front->name))
		say("run: the record of '%s': %s", front->name, strerror(errno));
	close(lock);
}

static bool was_signalled(const struct run_entry *run, int status) {
	return run->record.how == HOLD_HOW_SIGNALLED && status == 128 + run->record.code;
}

/* The status, by what has become of the output. */
static int status_with_output(const struct front *front, const struct run_entry *run, int status) {
	const bool is_whole = !front->error && !front->lost && !has_rest(front) && !front->bounded.stored &&
			      front->log.at == (uint64_t)run->record.log_bytes;

	if (is_whole || front->error == EPIPE)
		forget(front);
	else
		say("run: 'hold logs %s' has the output that is not here, as far as it was kept", front->name);
	if (front->error == EPIPE && was_signalled(run, status) && !front->line->preserve_status)
		return 128 + SIGPIPE;
	return !is_whole && status == 0 ? STATUS_FAILED : status;
}

static int tell_end(struct front *front) {
	int status = runner_status(front->runner);
	struct run_entry run;
	bool dies;

	if (!run_load(front->store, front->name, &run)) {
		say("run: the record of '%s': %s", front->name, strerror(errno));
		return STATUS_FAILED;
	}
	if (run.state == RUN_HAS_ENDED) {
		if (!front->has_given_up && !front->error && (uint64_t)run.record.log_bytes > front->log.at)
			note_lost(front, (uint64_t)run.record.log_bytes - front->log.at);
		dies = was_signalled(&run, status) && run.record.code == SIGINT;
		status = status_with_output(front, &run, status);
		if (dies) {
			hold_group_split(0);
			caught_die_of(SIGINT);
		}
	}
	run_unload(&run);
	return status;
}

/* Without the socket the runner ends the command. */
static int abandon(struct front *front, const char *what) {
	say("run: %s: %s", what, strerror(errno));
	if (front->socket >= 0)
		leave_runner(front);
	runner_status(front->runner);
	return STATUS_FAILED;
}

static int stay(struct front *front) {
	if (!hear_signals())
		return abandon(front, "signals");
	while (!is_done(front)) {
		if (!turn(front))
			return abandon(front, "cannot wait for the run");
	}
	return front->is_handed_over ? tell_running(front) : tell_end(front);
}

int front_stay(const struct run_command_line *line, int store, const char *name, int socket, pid_t runner,
	       int64_t deadline) {
	static struct front front;
	const int directory = store_open_directory(store, name);
	int status;

	front = (struct front){
		.line = line, .store = store, .socket = socket, .name = name, .runner = runner, .deadline = deadline
	};
	if (directory < 0)
		return abandon(&front, "the log");
	bounded_begin(&front.bounded, line->most_head, line->most_tail);
	log_reader_begin(&front.log, directory);
	status = stay(&front);
	log_reader_end(&front.log);
	bounded_free(&front.bounded);
	return status;
}
