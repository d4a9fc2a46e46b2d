/* SPDX-License-Identifier: ISC */
#ifndef CLI_READ_UNTIL_H
#define CLI_READ_UNTIL_H

#include <stddef.h>
#include <stdint.h>

/*
 * The whole of a file, with a zero byte behind it; to be freed. A fifo is read until those that write it have closed
 * it, and waited for until one has come, up to the deadline. NULL: errno says why, ETIMEDOUT that time was up.
 */
char *read_file_until(const char *path, int64_t deadline, size_t *ret_size);

#endif
