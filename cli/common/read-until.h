/* SPDX-License-Identifier: ISC */
#ifndef CLI_READ_UNTIL_H
#define CLI_READ_UNTIL_H

#include <stddef.h>
#include <stdint.h>

/*
 * Reads a whole file, with a zero byte after it; the caller frees it. A fifo is read until all its writers have closed
 * it; the first of them is waited for. NULL: errno says why; ETIMEDOUT: the deadline has passed.
 */
char *read_file_until(const char *path, int64_t deadline, size_t *ret_size);

#endif
