/* SPDX-License-Identifier: ISC */
#include "detached.h"
#include "../common/message.h"
#include "../common/open-file.h"
#include "../store/record-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { READ_MOST = 65536 };

/* So far the log may be ahead of the process in front: much less than the log keeps. */
static const uint64_t ahead_most = 8 << 20;

/* Both ends stay open here: the pipe has no end, and nobody who writes to it meets a closed one. */
void detached_take_streams(struct detached *detached) {
	int null;

	if (!detached)
		return;
	null = open_file("/dev/null", O_RDWR);
	dup2(null >= 0 ? null : detached->writer, STDIN_FILENO);
	dup2(detached->writer, STDOUT_FILENO);
	dup2(detached->writer, STDERR_FILENO);
	close(detached->writer);
	if (null >= 0)
		close(null);
	detached->writer = STDOUT_FILENO;
	message_begin(); /* the log is no terminal */
	if (detached->record.on_terminal)
		message_return_too();
}

static void leave_caller(struct detached *detached) {
	close(detached->caller);
	detached->caller = -1;
}

/* A caller that has gone does not hear it. */
static void tell_caller(struct detached *detached, const char *what) {
	char text[256];
	const int length = snprintf(text, sizeof text, "%s %s %s", what, detached->record.name,
				    detached->record.reference ? detached->record.reference : "-");

	send(detached->caller, text, (size_t)length, MSG_NOSIGNAL);
	if (!detached->has_front)
		leave_caller(detached);
}

/* In the log it is said why nobody can attach. */
static void open_socket(struct detached *detached) {
	struct record *record = &detached->record;

	detached->viewers = viewers_new(record->name, detached->directory);
	if (!detached->viewers)
		say("nobody can attach: the socket: %s", strerror(errno));
	else if (!record_set(&record->socket, viewers_name(detached->viewers)))
		say("nobody can attach: %s", strerror(errno));
}

void detached_mend(struct detached *detached) {
	struct record *record = detached ? &detached->record : NULL;

	if (!record || !detached->viewers || !viewers_mend(detached->viewers, record->name, detached->directory))
		return;
	if (!record_set(&record->socket, viewers_name(detached->viewers)) || !record_write(detached->directory, record))
		say("the record of the new socket: %s", strerror(errno));
}

int detached_publish(struct detached *detached, int64_t pid, const char *reference) {
	struct record *record;
	int error = 0;

	if (!detached)
		return 0;
	record = &detached->record;
	record->pid = pid;
	record->phase = RUN_RUNNING;
	if (record->on_terminal)
		open_socket(detached);
	errno = EOPNOTSUPP; /* a run that cannot be named could not be stopped either */
	if ((reference && (!reference[0] || !record_set(&record->reference, reference))) ||
	    !record_write(detached->directory, record))
		error = -errno;
	tell_caller(detached, error ? "killed" : "started");
	if (error && detached->has_front) /* it waits for no output */
		leave_caller(detached);
	return error;
}

void detached_prepare(const struct detached *detached, struct pollfd *fds) {
	for (int i = 0; i < DETACHED_FDS; i++)
		fds[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	if (!detached)
		return;
	if (detached->viewers)
		viewers_prepare(detached->viewers, fds + 2);
	fds[1].fd = detached->caller;
	if (detached->caller < 0 || detached->log.total - detached->copied < ahead_most)
		fds[0].fd = detached->output;
}

int64_t detached_next(const struct detached *detached) {
	return detached && detached->viewers ? viewers_next(detached->viewers) : HOLD_FOREVER;
}

/* Returns whether there may be more. The buffer's pages are used only as far as output fills them. */
static bool move_piece(struct detached *detached) {
	static char bytes[READ_MOST];
	const ssize_t n = read(detached->output, bytes, sizeof bytes);

	if (n > 0)
		log_writer_add(&detached->log, bytes, (size_t)n);
	if (n > 0 && detached->observer)
		detached->observer(detached->observer_context, HOLD_STDOUT, bytes, (size_t)n);
	if (n > 0 && detached->viewers)
		viewers_show(detached->viewers, bytes, (size_t)n);
	return n > 0 || (n < 0 && errno == EINTR);
}

static void tell_growth(struct detached *detached) {
	static const char grown[] = "grown";

	if (detached->caller < 0 || detached->front_is_told || detached->log.total == detached->copied)
		return;
	send(detached->caller, grown, sizeof grown, MSG_NOSIGNAL); /* there is room: it has answered all before */
	detached->front_is_told = true;
}

static enum front_word hear_front(struct detached *detached) {
	char text[32];
	const ssize_t size = recv(detached->caller, text, sizeof text - 1, MSG_DONTWAIT);

	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return FRONT_SAYS_NOTHING;
	if (size <= 0) {
		leave_caller(detached);
		return FRONT_HAS_GONE;
	}
	text[size] = 0;
	if (strcmp(text, "detach") == 0)
		return FRONT_HANDS_OVER;
	detached->copied = strtoull(text, NULL, 10);
	detached->front_is_told = false;
	return FRONT_SAYS_NOTHING;
}

enum front_word detached_move(struct detached *detached, const struct pollfd *fds) {
	enum front_word word = FRONT_SAYS_NOTHING;

	if (!detached)
		return word;
	if (fds[0].revents)
		move_piece(detached);
	if (fds[1].revents)
		word = hear_front(detached);
	if (detached->viewers)
		viewers_move(detached->viewers, fds + 2);
	tell_growth(detached);
	return word;
}

void detached_hand_over(struct detached *detached, int error) {
	char text[32];
	const int length = snprintf(text, sizeof text, "running %d", error);

	send(detached->caller, text, (size_t)length, MSG_NOSIGNAL);
	leave_caller(detached);
	detached->has_front = false;
}

/* Not for ever: a process that lives on may write as fast as this reads. */
void detached_drain(struct detached *detached) {
	for (int pieces = 0; detached && pieces < 64 && move_piece(detached); pieces++)
		;
}

struct output_state detached_output(const struct detached *detached) {
	return (struct output_state){ .stream = "log",
				      .bytes = detached->log.total,
				      .left_out = detached->log.left_out,
				      .lost = detached->log.lost,
				      .error = detached->log.error };
}

static int64_t now_us(void) {
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void detached_note_ready(struct detached *detached) {
	if (!detached)
		return;
	detached->record.ready_us = now_us();
	if (!record_write(detached->directory, &detached->record))
		say("the record of the run does not tell that it is ready: %s", strerror(errno));
}

void detached_end(struct detached *detached) {
	struct record *record = &detached->record;

	detached_drain(detached);
	log_writer_end(&detached->log);
	record->phase = RUN_ENDED;
	record->ended_us = now_us();
	record->log_bytes = (int64_t)detached->log.total;
	record->log_lost = (int64_t)detached->log.lost;
	record->log_left_out = (int64_t)detached->log.left_out;
	if (detached->log.error)
		record_set(&record->log_error, strerror(detached->log.error)); /* without memory the count is enough */
	record_write_last(detached->directory, record);
	viewers_end(detached->viewers);
	detached->viewers = NULL;
}
