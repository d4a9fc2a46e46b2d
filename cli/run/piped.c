/* SPDX-License-Identifier: ISC */
#include "piped.h"
#include "bounded.h"
#include "../common/open-file.h"
#include "../common/write-all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER = 65536, READS_AT_ONCE = 8 };

_Static_assert((int)PIPED_STREAMS == (int)OUTPUTS_MOST, "each has a state");

struct piped_stream {
	int stream; /* HOLD_STDOUT or HOLD_STDERR; 0: it is not piped */
	bool has_both;
	int source, writer; /* -1: closed */
	int target;         /* hold's own stream, opened again where that is possible; -1: nothing can be written */
	bool is_own;        /* target is to be closed */
	struct bounded bounded;
	bool is_at_rest; /* no more is read than `rest` */
	size_t rest;
	uint64_t lost;
	int error;
	size_t start, end; /* what waits to be written */
	char bytes[BUFFER];
};

struct piped {
	struct piped_stream streams[PIPED_STREAMS];
	hold_sink *observer;
	void *context;
};

/* ---- begin ---- */

static bool move_up(int *fd) {
	const int moved = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), error = errno;

	close(*fd);
	*fd = moved;
	errno = error;
	return moved >= 0;
}

static bool open_pipe(struct piped_stream *stream) {
	int ends[2];
	bool is_read, is_written;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	is_read = move_up(&ends[0]);
	is_written = move_up(&ends[1]);
	stream->source = ends[0];
	stream->writer = ends[1];
	return is_read && is_written && fcntl(stream->source, F_SETFL, O_NONBLOCK) == 0;
}

static bool is_regular(int fd) {
	struct stat file;

	return fstat(fd, &file) == 0 && S_ISREG(file.st_mode);
}

/* A file has one place at which all write who share it: so it is not opened again. */
static void choose_target(struct piped_stream *stream) {
	const int own = is_regular(stream->stream) ? -1 : open_again(stream->stream, O_WRONLY);

	stream->is_own = own >= 0;
	stream->target = stream->is_own ? own : stream->stream;
}

static bool begin_stream(struct piped_stream *stream, int number, const struct run_command_line *line) {
	stream->stream = number;
	choose_target(stream);
	bounded_begin(&stream->bounded, line->most_head, line->most_tail);
	return open_pipe(stream);
}

/* One file for both, as 2>&1 makes it: one pipe keeps the order in which the command writes. */
static bool are_one_file(void) {
	struct stat out, err;

	return fstat(STDOUT_FILENO, &out) == 0 && fstat(STDERR_FILENO, &err) == 0 && out.st_dev == err.st_dev &&
	       out.st_ino == err.st_ino && out.st_rdev == err.st_rdev;
}

struct piped *piped_new(const struct run_command_line *line, hold_sink *observer, void *context) {
	struct piped *piped = calloc(1, sizeof *piped);
	struct piped_stream *streams;
	bool has_begun = true;
	int error;

	if (!piped)
		return NULL;
	piped->observer = observer;
	piped->context = context;
	streams = piped->streams;
	for (int i = 0; i < PIPED_STREAMS; i++)
		streams[i].source = streams[i].writer = streams[i].target = -1;
	if (!line->out)
		has_begun = begin_stream(&streams[0], HOLD_STDOUT, line);
	streams[0].has_both = !line->out && !line->err && are_one_file();
	if (has_begun && !line->err && !streams[0].has_both)
		has_begun = begin_stream(&streams[1], HOLD_STDERR, line);
	if (has_begun)
		return piped;
	error = errno;
	piped_free(piped);
	errno = error;
	return NULL;
}

int piped_writer(const struct piped *piped, int stream) {
	return piped->streams[piped->streams[0].has_both ? 0 : stream - HOLD_STDOUT].writer;
}

static void close_one(int *fd) {
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void piped_release_writers(struct piped *piped) {
	for (int i = 0; i < PIPED_STREAMS; i++)
		close_one(&piped->streams[i].writer);
}

/* ---- bytes ---- */

/* Nothing more is written. If the reader has gone the command is told as it would be without hold. */
static void fail(struct piped_stream *stream, int error) {
	stream->error = error;
	if (error == EPIPE)
		close_one(&stream->source);
	if (stream->is_own)
		close_one(&stream->target);
	stream->target = -1;
	stream->lost += stream->end - stream->start;
	stream->start = stream->end = 0;
}

static bool has_to_write(const struct piped_stream *stream) {
	return stream->start < stream->end;
}

/* The bytes of the tail go the same way as those of the head. */
static void add_tail(struct piped_stream *stream) {
	const char *bytes;
	size_t size;

	while (!has_to_write(stream) && (bytes = bounded_next(&stream->bounded, &size))) {
		if (stream->error)
			stream->lost += size;
		else
			memcpy(stream->bytes, bytes, size);
		stream->start = 0;
		stream->end = stream->error ? 0 : size;
		bounded_took(&stream->bounded, size);
	}
}

static void write_some(struct piped_stream *stream) {
	const ssize_t n = write_at_once(stream->target, stream->bytes + stream->start, stream->end - stream->start);

	if (n >= 0)
		stream->start += (size_t)n;
	else if (errno != EAGAIN && errno != EINTR)
		fail(stream, errno);
}

/* false: there is no more now. */
static bool read_some(struct piped *piped, struct piped_stream *stream) {
	const size_t most = stream->is_at_rest && stream->rest < BUFFER ? stream->rest : BUFFER;
	const ssize_t n = read(stream->source, stream->bytes, most);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		close_one(&stream->source);
		return false;
	}
	stream->rest -= stream->is_at_rest ? (size_t)n : 0;
	if (piped->observer)
		piped->observer(piped->context, stream->stream, stream->bytes, (size_t)n);
	stream->start = 0;
	stream->end = bounded_add(&stream->bounded, stream->bytes, (size_t)n);
	if (stream->error)
		fail(stream, stream->error);
	return true;
}

static bool wants_more(const struct piped_stream *stream) {
	return stream->source >= 0 && !has_to_write(stream) && !(stream->is_at_rest && stream->rest == 0);
}

static void move_stream(struct piped *piped, struct piped_stream *stream, short source, short target) {
	if (stream->target >= 0 && has_to_write(stream) && target)
		write_some(stream);
	else if (stream->target >= 0 && target & (POLLERR | POLLHUP | POLLNVAL))
		fail(stream, target & POLLNVAL ? EBADF : EPIPE);
	for (int i = 0; i < READS_AT_ONCE && source && wants_more(stream) && read_some(piped, stream); i++) {
		if (has_to_write(stream))
			write_some(stream);
	}
	add_tail(stream);
}

void piped_prepare(const struct piped *piped, struct pollfd *fds) {
	for (int i = 0; i < PIPED_STREAMS; i++, fds += 2) {
		const struct piped_stream *stream = &piped->streams[i];

		fds[0] = (struct pollfd){ .fd = wants_more(stream) ? stream->source : -1, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = stream->stream && (has_to_write(stream) || stream->source >= 0)
							? stream->target
							: -1,
					  .events = has_to_write(stream) ? POLLOUT : 0 };
	}
}

void piped_move(struct piped *piped, const struct pollfd *fds) {
	for (int i = 0; i < PIPED_STREAMS; i++, fds += 2) {
		if (piped->streams[i].stream)
			move_stream(piped, &piped->streams[i], fds[0].revents, fds[1].revents);
	}
}

/* ---- the end ---- */

static const char *name_of(const struct piped_stream *stream) {
	return stream->has_both ? "both" : stream->stream == HOLD_STDOUT ? "stdout" : "stderr";
}

const char *piped_cut_stream(const struct piped *piped, int number) {
	const struct piped_stream *stream = &piped->streams[number];

	return stream->stream && bounded_is_cut(&stream->bounded) ? name_of(stream) : NULL;
}

void piped_collect_rest(struct piped *piped) {
	for (int i = 0; i < PIPED_STREAMS; i++) {
		struct piped_stream *stream = &piped->streams[i];
		int waiting = 0;

		if (stream->source >= 0 && ioctl(stream->source, FIONREAD, &waiting) < 0)
			waiting = 0;
		stream->is_at_rest = true;
		stream->rest = (size_t)waiting;
	}
}

bool piped_has_rest(const struct piped *piped) {
	size_t size;

	for (int i = 0; i < PIPED_STREAMS; i++) {
		const struct piped_stream *stream = &piped->streams[i];

		if (wants_more(stream) || has_to_write(stream) || bounded_next(&stream->bounded, &size))
			return true;
	}
	return false;
}

void piped_begin_tails(struct piped *piped) {
	for (int i = 0; i < PIPED_STREAMS; i++) {
		if (!piped->streams[i].stream)
			continue;
		bounded_finish(&piped->streams[i].bounded, "\n");
		add_tail(&piped->streams[i]);
	}
}

size_t piped_end(struct piped *piped, struct output_state states[OUTPUTS_MOST]) {
	size_t count = 0;

	piped_begin_tails(piped);
	for (int i = 0; i < PIPED_STREAMS; i++) {
		struct piped_stream *stream = &piped->streams[i];
		const uint64_t undelivered = stream->end - stream->start + stream->bounded.stored;

		if (!stream->stream)
			continue;
		if (undelivered > 0 && !stream->error)
			stream->error = ETIMEDOUT;
		states[count++] =
			(struct output_state){ .stream = name_of(stream),
					       .bytes = stream->bounded.total,
					       .left_out = stream->bounded.left_out,
					       .lost = bounded_lost(&stream->bounded, stream->lost + undelivered),
					       .error = stream->error };
	}
	return count;
}

void piped_free(struct piped *piped) {
	if (!piped)
		return;
	piped_release_writers(piped);
	for (int i = 0; i < PIPED_STREAMS; i++) {
		close_one(&piped->streams[i].source);
		if (piped->streams[i].is_own && piped->streams[i].target >= 0)
			close(piped->streams[i].target);
		bounded_free(&piped->streams[i].bounded);
	}
	free(piped);
}
