/* SPDX-License-Identifier: ISC */
#ifndef CLI_WRITE_ALL_H
#define CLI_WRITE_ALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Writes all of it, however long it takes. false: errno says why. */
bool write_all(int fd, const char *bytes, size_t size);

/* The same up to a deadline. false: errno says why; ETIMEDOUT: it was not read in time. */
bool write_until(int fd, const char *bytes, size_t size, int64_t deadline);

/* The same, but returns how many bytes were written. */
size_t write_part_until(int fd, const char *bytes, size_t size, int64_t deadline);

/*
 * Writes what the file takes without waiting, or a part of that; the descriptor may be a blocking one. -1 with EAGAIN:
 * the file takes nothing now. A file on a disk is waited for.
 */
ssize_t write_at_once(int fd, const char *bytes, size_t size);

#endif
