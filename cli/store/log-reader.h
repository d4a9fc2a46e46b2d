/* SPDX-License-Identifier: ISC */
/* Reads the log of a run, also while it is written. */
#ifndef CLI_STORE_LOG_READER_H
#define CLI_STORE_LOG_READER_H

#include "log.h"

#include <sys/types.h>

struct log_reader {
	int directory;
	int data;        /* the segment that is read; -1: none */
	uint64_t first;  /* its first byte */
	uint64_t at;     /* the next byte to be read */
	uint64_t missed; /* bytes before it that the log does not have, since log_reader_take_missed */
};

/* Begins with the first byte that is there. The directory becomes the reader's. */
void log_reader_begin(struct log_reader *log, int directory);

/* Goes to a byte; the next read goes on with it, or with the first after it that is there. */
void log_reader_go(struct log_reader *log, uint64_t at);

/* As read(2). 0: there is nothing more at the moment. -1: errno says why. */
ssize_t log_reader_read(struct log_reader *log, char *bytes, size_t size);

/* How many bytes were missing before those that the last read has returned. */
uint64_t log_reader_take_missed(struct log_reader *log);

/* The number of the byte after the last that is there now. */
uint64_t log_reader_end_of(struct log_reader *log);

/* The byte from which on the output came at this time or later; the end if there is none. */
uint64_t log_reader_at_time(struct log_reader *log, uint64_t time_us);

void log_reader_end(struct log_reader *log);

#endif
