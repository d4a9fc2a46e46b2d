/* SPDX-License-Identifier: ISC */
/*
 * The files are of three forms, and one reader takes them all: "12345", lines "oom_kill 3", and lines
 * "8:0 rbytes=1 wbytes=2". Words end at a space, an equals sign or the end of a line.
 */
#include "cgroup-numbers.h"
#include "calls.h"

#include <errno.h>
#include <fcntl.h>

struct reader {
	const char *key;
	char word[32];
	size_t length;  /* of the word, also where it has no room */
	bool is_wanted; /* the word before was the key */
	bool is_found;
	int64_t sum;
};

static bool word_is_key(const struct reader *reader) {
	size_t i = 0;

	if (reader->length >= sizeof reader->word)
		return false;
	while (i < reader->length && reader->key[i] == reader->word[i])
		i++;
	return i == reader->length && !reader->key[i];
}

static int add_word(struct reader *reader) {
	int64_t number = 0;

	if (reader->length >= sizeof reader->word)
		return 0;
	for (size_t i = 0; i < reader->length; i++) {
		if (reader->word[i] < '0' || reader->word[i] > '9')
			return 0;
		if (number > (INT64_MAX - 9) / 10)
			return -ERANGE;
		number = 10 * number + (reader->word[i] - '0');
	}
	if (number > INT64_MAX - reader->sum)
		return -ERANGE;
	reader->sum += number;
	reader->is_found = true;
	return 0;
}

static int end_word(struct reader *reader) {
	int error = 0;

	if (!reader->length)
		return 0;
	if (reader->is_wanted)
		error = add_word(reader);
	reader->is_wanted = word_is_key(reader);
	reader->length = 0;
	return error;
}

static int take_text(struct reader *reader, const char *text, long size) {
	int error = 0;

	for (long i = 0; i < size && error == 0; i++) {
		if (text[i] == ' ' || text[i] == '\n' || text[i] == '=') {
			error = end_word(reader);
			continue;
		}
		if (reader->length < sizeof reader->word)
			reader->word[reader->length++] = text[i];
	}
	return error;
}

int64_t cgroup_number(int dirfd, const char *file, const char *key) {
	const int fd = (int)OS_CALL(SYS_openat, dirfd, file, O_RDONLY | O_CLOEXEC, 0, 0);
	struct reader reader = { .key = key, .length = 0, .is_wanted = !*key, .is_found = false, .sum = 0 };
	char text[512];
	long size = 0;
	int error = 0;

	if (fd < 0)
		return fd;
	while (error == 0 && (size = call_read(fd, text, sizeof text)) != 0) {
		if (size < 0 && size != -EINTR)
			break;
		error = take_text(&reader, text, size);
	}
	call_close(fd);
	if (error == 0)
		error = size < 0 ? (int)size : end_word(&reader);
	if (error < 0)
		return error;
	return reader.is_found ? reader.sum : -ENODATA;
}

static int64_t number_or_unknown(int64_t number) {
	return number < 0 ? -1 : number;
}

/* A group whose processes have read and written nothing has no line. */
static int64_t bytes_of(int dirfd, const char *key) {
	const int64_t bytes = cgroup_number(dirfd, "io.stat", key);

	return bytes == -ENODATA ? 0 : number_or_unknown(bytes);
}

void cgroup_read_use(int dirfd, struct os_tree_use *ret) {
	const int64_t peak = cgroup_number(dirfd, "memory.peak", "");

	ret->memory_peak_kib = peak < 0 ? -1 : peak / 1024;
	ret->user_us = number_or_unknown(cgroup_number(dirfd, "cpu.stat", "user_usec"));
	ret->system_us = number_or_unknown(cgroup_number(dirfd, "cpu.stat", "system_usec"));
	ret->read_bytes = bytes_of(dirfd, "rbytes");
	ret->written_bytes = bytes_of(dirfd, "wbytes");
	ret->tasks_peak = number_or_unknown(cgroup_number(dirfd, "pids.peak", ""));
	ret->tasks_refused = number_or_unknown(cgroup_number(dirfd, "pids.events", "max"));
	ret->oom_kills = number_or_unknown(cgroup_number(dirfd, "memory.events", "oom_kill"));
}
