/* SPDX-License-Identifier: ISC */
#include "log-reader.h"
#include "directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void log_reader_begin(struct log_reader *log, int directory) {
	*log = (struct log_reader){ .directory = directory, .data = -1 };
}

void log_reader_go(struct log_reader *log, uint64_t at) {
	if (log->data >= 0)
		close(log->data);
	log->data = -1;
	log->at = at;
	log->missed = 0;
}

void log_reader_end(struct log_reader *log) {
	log_reader_go(log, 0);
	close(log->directory);
}

/* ---- the segments ---- */

static int compare_numbers(const void *a, const void *b) {
	const uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

	return one < other ? -1 : one > other;
}

/* The first bytes of the segments, in order: LOG_SEGMENTS at most, and one while the oldest is being replaced. */
static size_t segments_of(const struct log_reader *log, uint64_t firsts[LOG_SEGMENTS + 1]) {
	const int again = openat(log->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *entry;
	size_t count = 0;

	if (!entries) {
		if (again >= 0)
			close(again);
		return 0;
	}
	while (count <= LOG_SEGMENTS && (entry = readdir(entries)))
		count += log_segment_parse(entry->d_name, 'd', &firsts[count]);
	closedir(entries);
	qsort(firsts, count, sizeof *firsts, compare_numbers);
	return count;
}

static int open_segment(const struct log_reader *log, char kind, uint64_t first) {
	char name[LOG_NAME_SIZE];

	log_segment_name(kind, first, name);
	return store_open_file(log->directory, name, O_RDONLY);
}

static uint64_t size_of(int fd) {
	struct stat file;

	return fstat(fd, &file) == 0 && file.st_size > 0 ? (uint64_t)file.st_size : 0;
}

/* Opens the segment that has the next byte, or the first after it. false: there is none. */
static bool find_segment(struct log_reader *log) {
	uint64_t firsts[LOG_SEGMENTS + 1];
	const size_t count = segments_of(log, firsts);

	for (size_t i = 0; i < count; i++) {
		const int data = open_segment(log, 'd', firsts[i]);

		if (data < 0)
			continue; /* removed meanwhile */
		if (size_of(data) == 0 || firsts[i] + size_of(data) <= log->at) {
			close(data);
			continue;
		}
		if (log->data >= 0)
			close(log->data);
		log->data = data;
		log->first = firsts[i];
		if (log->at < log->first) {
			log->missed += log->first - log->at;
			log->at = log->first;
		}
		return true;
	}
	return false;
}

/* ---- reading ---- */

/* A segment that is at its end may be the last, which grows, or have a successor. */
ssize_t log_reader_read(struct log_reader *log, char *bytes, size_t size) {
	ssize_t n = 0;

	if (log->data >= 0)
		n = pread(log->data, bytes, size, (off_t)(log->at - log->first));
	if (n == 0 && find_segment(log))
		n = pread(log->data, bytes, size, (off_t)(log->at - log->first));
	if (n > 0)
		log->at += (uint64_t)n;
	return n;
}

uint64_t log_reader_take_missed(struct log_reader *log) {
	const uint64_t missed = log->missed;

	log->missed = 0;
	return missed;
}

uint64_t log_reader_end_of(struct log_reader *log) {
	uint64_t firsts[LOG_SEGMENTS + 1], end = 0;
	size_t count = segments_of(log, firsts);

	while (count > 0 && end == 0) {
		const int data = open_segment(log, 'd', firsts[--count]);

		if (data < 0)
			continue;
		end = firsts[count] + size_of(data);
		close(data);
	}
	return end;
}

/* ---- times ---- */

/* The number in the line's part that begins here. false: it is not written yet, or damaged. */
static bool parse_half(const char *half, char after, uint64_t *ret) {
	char digits[17] = "";

	memcpy(digits, half, 16);
	if (strspn(digits, "0123456789abcdef") != 16 || half[16] != after)
		return false;
	*ret = strtoull(digits, NULL, 16);
	return true;
}

/* Looks in the times of one segment. false: all of its output came before. */
static bool find_time(const struct log_reader *log, uint64_t first, uint64_t time_us, uint64_t *ret) {
	const int times = open_segment(log, 't', first);
	char line[LOG_TIME_LINE];
	uint64_t number, time;
	bool found = false;

	for (off_t at = 0; times >= 0 && !found; at += LOG_TIME_LINE) {
		if (pread(times, line, sizeof line, at) != LOG_TIME_LINE || !parse_half(line, ' ', &number) ||
		    !parse_half(line + 17, '\n', &time))
			break;
		found = time >= time_us;
		*ret = number;
	}
	if (times >= 0)
		close(times);
	return found;
}

uint64_t log_reader_at_time(struct log_reader *log, uint64_t time_us) {
	uint64_t firsts[LOG_SEGMENTS + 1], number;
	const size_t count = segments_of(log, firsts);

	for (size_t i = 0; i < count; i++) {
		if (find_time(log, firsts[i], time_us, &number))
			return number;
	}
	return log_reader_end_of(log);
}
