/* SPDX-License-Identifier: ISC */
/*
 * The log of a run: all bytes of its output, numbered from 0. It is kept in segments, files named d and the number of
 * their first byte in 16 hexadecimal digits. Beside each there is a file t with lines "NUMBER TIME", each of 16 such
 * digits: from this byte on, the output came at this time or later, in microseconds since 1970. When the log is full
 * the oldest segment is removed. Bytes that could not be written are numbered too: they are missing between segments.
 */
#ifndef CLI_STORE_LOG_H
#define CLI_STORE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_NAME_SIZE = 18, LOG_TIME_LINE = 34, LOG_SEGMENTS = 8 };

/* The file of a segment: 'd', or 't' for its times. */
void log_segment_name(char kind, uint64_t first, char name[LOG_NAME_SIZE]);

/* The other way round. false: it is no such name. */
bool log_segment_parse(const char *name, char kind, uint64_t *ret_first);

#endif
