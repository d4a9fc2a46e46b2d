/* SPDX-License-Identifier: ISC */
#include "events.h"
#include "../common/buffered-file.h"
#include "../common/message.h"
#include "../common/open-file.h"
#include "../common/parse-number.h"
#include "../common/signal-name.h"
#include "../common/time-of-day.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { END_MS = 5000 }; /* for a reader to take the last lines */

struct events {
	const char *to;
	const struct stopping *stopping; /* NULL: nothing was started yet */
	struct timespec started_at;
	size_t told_signals;
	struct json line; /* that is being made */
	bool lacks_memory;
	struct buffered_file file;
};

/* ---- where to ---- */

int events_fd_of(const char *to) {
	int64_t fd;

	return to[0] != '+' && parse_number(to, 0, INT_MAX, &fd) ? (int)fd : -1;
}

bool events_check(const char *to) {
	const int fd = events_fd_of(to), flags = fd < 0 ? 0 : fcntl(fd, F_GETFL);

	if (fd < 0)
		return true;
	if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY)
		errno = EBADF;
	else if (flags >= 0 && (fd <= STDERR_FILENO || fcntl(fd, F_SETFD, FD_CLOEXEC) == 0))
		return true;
	say("run: --events %s: %s", to, strerror(errno));
	hint("hold run --events 3 ... 3>FILE: a number that the shell opened for it; a file of that name is ./%s", to);
	return false;
}

static int open_target(const char *to, int64_t deadline) {
	const int fd = events_fd_of(to);

	if (fd >= 0)
		return fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (to[0] == '+')
		return open_file_until(to + 1, O_WRONLY | O_CREAT | O_APPEND, deadline);
	return open_file_until(to, O_WRONLY | O_CREAT | O_TRUNC, deadline);
}

bool events_open(struct events **ret, const char *to, int64_t deadline) {
	struct events *events;
	int fd;

	*ret = NULL;
	if (!to)
		return true;
	events = calloc(1, sizeof *events);
	fd = events ? open_target(to, deadline) : -1;
	if (fd < 0) {
		say("--events '%s': %s", to, open_file_reason(errno));
		free(events);
		return false;
	}
	events->to = to;
	/* The part of a line that was written before a failure is cut off only where nobody else writes. */
	buffered_file_begin(&events->file, fd, events_fd_of(to) < 0 && to[0] != '+');
	*ret = events;
	return true;
}

void events_begin(struct events *events, const struct stopping *stopping, const struct timespec *started_at) {
	if (!events)
		return;
	events->stopping = stopping;
	events->started_at = *started_at;
}

/* ---- the lines ---- */

static void put_time(struct json *line, struct timespec time, int64_t at_us) {
	char text[TIME_OF_DAY_SIZE];

	time.tv_sec += (time_t)(at_us / 1000000);
	time.tv_nsec += (long)(at_us % 1000000) * 1000;
	if (time.tv_nsec >= 1000000000) {
		time.tv_sec++;
		time.tv_nsec -= 1000000000;
	}
	if (*time_of_day(&time, text))
		json_string(line, "time", text);
	json_seconds(line, "elapsed_seconds", at_us);
}

static void start_line_at(struct events *events, const char *event, int64_t at_us) {
	events->line = (struct json){ 0 };
	json_open(&events->line, NULL, '{');
	json_number(&events->line, "version", 1);
	json_string(&events->line, "event", event);
	put_time(&events->line, events->started_at, at_us);
}

void events_write_line(struct events *events) {
	struct json *line = &events->line;

	json_close(line, '}');
	events->lacks_memory |= line->failed;
	if (!line->failed) {
		buffered_file_add(&events->file, line->text, line->length);
		buffered_file_add(&events->file, "\n", 1);
		buffered_file_write(&events->file);
	}
	json_free(line);
}

static void tell_signals(struct events *events) {
	const struct stopping *stopping = events->stopping;
	char name[SIGNAL_NAME_SIZE];

	for (; events->told_signals < stopping->sent_count; events->told_signals++) {
		const struct sent_signal *sent = &stopping->sent[events->told_signals];

		start_line_at(events, "signal", sent->at_us);
		json_string(&events->line, "signal", signal_name(sent->signal, name));
		json_number(&events->line, "signum", sent->signal);
		json_string(&events->line, "why", sent->why);
		events_write_line(events);
	}
}

struct json *events_start_line(struct events *events, const char *event) {
	if (!events || !events->stopping)
		return NULL;
	tell_signals(events);
	start_line_at(events, event, (hold_now() - events->stopping->start_ns) / 1000);
	return &events->line;
}

void events_tell(struct events *events, const char *event, const char *key, int64_t number) {
	struct json *line = events_start_line(events, event);

	if (!line)
		return;
	if (key)
		json_number(line, key, number);
	events_write_line(events);
}

/* ---- meanwhile, and at the end ---- */

void events_step(struct events *events) {
	if (!events || !events->stopping)
		return;
	tell_signals(events);
	if (hold_now() >= buffered_file_next(&events->file))
		buffered_file_write(&events->file);
}

int64_t events_next(const struct events *events) {
	return events ? buffered_file_next(&events->file) : HOLD_FOREVER;
}

bool events_end(struct events *events) {
	bool is_whole;

	if (!events)
		return true;
	if (events->stopping)
		tell_signals(events);
	is_whole = buffered_file_end(&events->file, hold_after_ms(END_MS));
	if (!is_whole)
		say("--events '%s': %s: they end early", events->to, open_file_reason(events->file.error));
	else if (events->lacks_memory)
		say("--events '%s': %s: not all are there", events->to, strerror(ENOMEM));
	is_whole = is_whole && !events->lacks_memory;
	free(events);
	return is_whole;
}
