/* SPDX-License-Identifier: ISC */
#include "report-files.h"
#include "../common/open-file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A report has the command's arguments, of which the system takes a few MiB, and each byte may be escaped. */
enum { FIRST_ROOM = 64 * 1024, MOST_ROOM = 64 * 1024 * 1024 };

static char *buffer; /* of all files, one after the other */
static size_t room;

static bool grow(void) {
	const size_t wanted = room ? 2 * room : FIRST_ROOM;
	char *grown = NULL;

	errno = EFBIG;
	if (wanted <= MOST_ROOM)
		grown = realloc(buffer, wanted);
	if (!grown)
		return false;
	buffer = grown;
	room = wanted;
	return true;
}

struct reading {
	const char *file;
	report_line *each;
	report_trouble *trouble;
	void *context;
	bool has_report;
};

static bool is_blank(const char *line) {
	return line[strspn(line, " \t\r")] == 0;
}

/* Gives each whole line, and returns how many bytes the rest has, which is then at the buffer's beginning. */
static size_t give_lines(struct reading *reading, size_t length, bool is_end) {
	char *line = buffer, *newline;

	for (; length && ((newline = memchr(line, '\n', length)) || is_end);) {
		const size_t size = newline ? (size_t)(newline - line) : length;

		line[size] = 0;
		if (strlen(line) != size)
			reading->trouble(reading->context, reading->file, "a null byte in a line");
		else if (!is_blank(line))
			reading->each(reading->context, reading->file, line);
		reading->has_report |= strlen(line) != size || !is_blank(line);
		length -= newline ? size + 1 : size;
		line += newline ? size + 1 : size;
	}
	memmove(buffer, line, length);
	return length;
}

static void read_lines(struct reading *reading, int fd) {
	size_t length = 0;
	ssize_t got;

	do {
		if (length + 1 >= room && !grow()) {
			reading->trouble(reading->context, reading->file, strerror(errno));
			return;
		}
		got = read(fd, buffer + length, room - length - 1); /* one byte is for the end of the last line */
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			reading->trouble(reading->context, reading->file, strerror(errno));
			return;
		}
		length = give_lines(reading, length + (size_t)got, got == 0);
	} while (got != 0);
	if (!reading->has_report)
		reading->trouble(reading->context, reading->file, "no report in it");
}

static bool has_report_name(const char *name) {
	const size_t length = strlen(name);

	return name[0] != '.' && length > 5 && strcmp(name + length - 5, ".json") == 0;
}

/* A fifo that lies there is not waited for. */
static void read_entry(const char *directory, int directory_fd, const char *name, struct reading reading) {
	char *path;
	int fd;

	if (asprintf(&path, "%s/%s", directory, name) < 0) {
		reading.trouble(reading.context, name, strerror(ENOMEM));
		return;
	}
	reading.file = path;
	fd = openat(directory_fd, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		reading.trouble(reading.context, path, strerror(errno));
	} else {
		read_lines(&reading, fd);
		close(fd);
	}
	free(path);
}

static void read_directory(const char *path, int fd, struct reading reading) {
	DIR *directory = fdopendir(fd);
	struct dirent *entry;

	if (!directory) {
		reading.trouble(reading.context, path, strerror(errno));
		close(fd);
		return;
	}
	while (errno = 0, (entry = readdir(directory))) {
		if (has_report_name(entry->d_name))
			read_entry(path, fd, entry->d_name, reading);
	}
	if (errno)
		reading.trouble(reading.context, path, strerror(errno));
	closedir(directory);
}

void report_files_read(const char *path, report_line *each, report_trouble *trouble, void *context) {
	struct reading reading = { path, each, trouble, context, false };
	const bool is_input = strcmp(path, "-") == 0;
	const int fd = is_input ? STDIN_FILENO : open_file(path, O_RDONLY | O_NOCTTY);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0) {
		trouble(context, path, strerror(errno));
	} else if (S_ISDIR(status.st_mode) && !is_input) {
		read_directory(path, fd, reading);
		return;
	} else {
		read_lines(&reading, fd);
	}
	if (fd >= 0 && !is_input)
		close(fd);
}
