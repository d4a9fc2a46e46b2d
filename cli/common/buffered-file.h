/* SPDX-License-Identifier: ISC */
/*
 * A file that is written while a command runs: at the latest a second after the first byte that waits, or when 64 KiB
 * wait. Nothing is waited for except a disk, and nothing that goes wrong stops the command: the file ends there.
 */
#ifndef CLI_BUFFERED_FILE_H
#define CLI_BUFFERED_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BUFFERED_AT_ONCE = 65536, BUFFERED_MOST = 2 * BUFFERED_AT_ONCE };

struct buffered_file {
	int fd;
	bool has_lines; /* after a failure the part of a line that was written is removed, where that is possible */
	int error;      /* an errno: it was written no further; ETIMEDOUT: nobody reads it; 0: all was written */
	int64_t write_at;
	uint64_t written;           /* bytes */
	size_t length, line_length; /* of what waits; of the last line that was written in part */
	char bytes[BUFFERED_MOST];
};

/* fd: it becomes the file's. */
void buffered_file_begin(struct buffered_file *file, int fd, bool has_lines);

/* Adds all of it, so that no write ends within a piece of 64 KiB at most, unless the file takes only a part. */
void buffered_file_add(struct buffered_file *file, const char *bytes, size_t size);

/* Writes what waits, as far as the file takes it now. */
void buffered_file_write(struct buffered_file *file);

/* When it is to be written: a deadline. */
int64_t buffered_file_next(const struct buffered_file *file);

/* Writes the rest, by a deadline, and closes the file. false: file->error says why not all was written. */
bool buffered_file_end(struct buffered_file *file, int64_t deadline);

#endif
