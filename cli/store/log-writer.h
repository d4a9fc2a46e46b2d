/* SPDX-License-Identifier: ISC */
/* Writes the log of a run. Nothing that goes wrong there stops the run: bytes are lost, and counted. */
#ifndef CLI_STORE_LOG_WRITER_H
#define CLI_STORE_LOG_WRITER_H

#include "log.h"

struct log_writer {
	int directory;
	int data, times;                 /* the present segment; -1: none */
	uint64_t segments[LOG_SEGMENTS]; /* the first bytes of those that are kept, the oldest first */
	uint64_t sizes[LOG_SEGMENTS];    /* of those that are full */
	size_t count;
	uint64_t head_most;    /* how large the first segment gets, which is never removed; 0: there is none */
	uint64_t segment_most; /* how large any other one gets */
	uint64_t segment_bytes, time_bytes; /* of the present one */
	uint64_t total, lost, left_out;     /* bytes of the output; could not be written; were removed */
	int error;                          /* the errno of the first loss; 0: nothing is lost */
	int64_t noted_ns;                   /* when the last line of times was written */
	int64_t retry_ns;                   /* after a failure: when the next segment may be tried */
};

/*
 * The first `head` bytes of the output are kept, and at least the last `tail`, in segments of 4 KiB at least. The
 * directory stays the caller's.
 */
void log_writer_begin(struct log_writer *log, int directory, uint64_t head, uint64_t tail);
void log_writer_add(struct log_writer *log, const char *bytes, size_t size);
void log_writer_end(struct log_writer *log);

#endif
