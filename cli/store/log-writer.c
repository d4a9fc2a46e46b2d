/* SPDX-License-Identifier: ISC */
#include "log-writer.h"
#include "directory.h"

#include <pidhold.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NOTE_MS = 100, RETRY_MS = 100 };

static const uint64_t least = 4096; /* of a segment */
static const uint64_t times_enough = 4 << 20;

/* All but the segment that is written, and that of the head, are full. */
void log_writer_begin(struct log_writer *log, int directory, uint64_t head, uint64_t tail) {
	*log = (struct log_writer){ .directory = directory,
				    .data = -1,
				    .times = -1,
				    .head_most = head,
				    .segment_most = tail / (uint64_t)(LOG_SEGMENTS - 1 - (head > 0)) };
	if (log->segment_most < least)
		log->segment_most = least;
}

/*
 * A line of times tells of one byte at least. So a segment of many small writes gets as large as any other, unless its
 * times alone would take too much of a disk.
 */
static uint64_t most_of_times(const struct log_writer *log) {
	const uint64_t most = log->segment_most * LOG_TIME_LINE;

	if (log->segment_most >= times_enough)
		return log->segment_most;
	return most < times_enough ? most : times_enough;
}

static void close_segment(struct log_writer *log) {
	if (log->data >= 0) {
		log->sizes[log->count - 1] = log->segment_bytes;
		close(log->data);
	}
	if (log->times >= 0)
		close(log->times);
	log->data = log->times = -1;
}

static void remove_segment(const struct log_writer *log, size_t index) {
	char name[LOG_NAME_SIZE];

	log_segment_name('d', log->segments[index], name);
	unlinkat(log->directory, name, 0);
	log_segment_name('t', log->segments[index], name);
	unlinkat(log->directory, name, 0);
}

static bool has_head(const struct log_writer *log) {
	return log->head_most && log->count > 0 && log->segments[0] == 0;
}

static void remove_oldest(struct log_writer *log) {
	const size_t oldest = has_head(log), rest = --log->count - oldest;

	remove_segment(log, oldest);
	log->left_out += log->sizes[oldest];
	memmove(log->segments + oldest, log->segments + oldest + 1, rest * sizeof *log->segments);
	memmove(log->sizes + oldest, log->sizes + oldest + 1, rest * sizeof *log->sizes);
}

static bool is_in_head(const struct log_writer *log) {
	return has_head(log) && log->count == 1;
}

/* How large the present segment gets. */
static uint64_t most_of_segment(const struct log_writer *log) {
	return is_in_head(log) ? log->head_most : log->segment_most;
}

/* Where no line of times can be written, the segment does without. */
static bool open_segment(struct log_writer *log) {
	char name[LOG_NAME_SIZE];

	if (log->count == LOG_SEGMENTS)
		remove_oldest(log);
	log_segment_name('d', log->total, name);
	log->data = store_open_file(log->directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
	if (log->data < 0)
		return false;
	log->segments[log->count++] = log->total;
	log_segment_name('t', log->total, name);
	log->times = store_open_file(log->directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
	log->segment_bytes = log->time_bytes = 0;
	log->noted_ns = 0;
	return true;
}

static void note_time(struct log_writer *log) {
	const int64_t now = hold_now();
	struct timespec time;
	char line[LOG_TIME_LINE + 1];

	if (log->times < 0 || log->time_bytes >= most_of_times(log) ||
	    (log->noted_ns && now - log->noted_ns < NOTE_MS * INT64_C(1000000)))
		return;
	clock_gettime(CLOCK_REALTIME, &time);
	snprintf(line, sizeof line, "%016" PRIx64 " %016" PRIx64 "\n", log->total,
		 (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000);
	log->noted_ns = now;
	if (write(log->times, line, LOG_TIME_LINE) == LOG_TIME_LINE) {
		log->time_bytes += LOG_TIME_LINE;
		return;
	}
	close(log->times); /* a part of a line may be there, after which no reader could go on */
	log->times = -1;
}

/* The present segment, or a new one. false: nothing can be written now; errno says why. */
static bool has_room(struct log_writer *log) {
	const bool is_full = log->segment_bytes >= most_of_segment(log) ||
			     (log->time_bytes >= most_of_times(log) && !is_in_head(log));

	if (log->data >= 0 && !is_full)
		return true;
	close_segment(log);
	errno = log->error;
	if (log->retry_ns && hold_now() < log->retry_ns)
		return false;
	log->retry_ns = 0;
	return open_segment(log);
}

/* On a full disk every attempt makes a segment, whose times need room too. */
static void close_or_remove_segment(struct log_writer *log) {
	const bool is_empty = log->data >= 0 && log->segment_bytes == 0;

	close_segment(log);
	if (is_empty)
		remove_segment(log, --log->count);
}

/* After a loss a new segment begins, so that what is missing lies between two. */
static void lose(struct log_writer *log, size_t size, int error) {
	close_or_remove_segment(log);
	log->total += size;
	log->lost += size;
	log->retry_ns = log->retry_ns ? log->retry_ns : hold_after_ms(RETRY_MS);
	if (!log->error)
		log->error = error ? error : EIO;
}

void log_writer_add(struct log_writer *log, const char *bytes, size_t size) {
	while (size > 0) {
		size_t piece = size;
		ssize_t n;

		if (!has_room(log)) {
			lose(log, size, errno);
			return;
		}
		note_time(log);
		if (piece > most_of_segment(log) - log->segment_bytes)
			piece = (size_t)(most_of_segment(log) - log->segment_bytes);
		n = write(log->data, bytes, piece);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			lose(log, size, n < 0 ? errno : EIO);
			return;
		}
		log->total += (uint64_t)n;
		log->segment_bytes += (uint64_t)n;
		bytes += n;
		size -= (size_t)n;
	}
}

void log_writer_end(struct log_writer *log) {
	close_segment(log);
}
