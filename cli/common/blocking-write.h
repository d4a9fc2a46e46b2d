/* SPDX-License-Identifier: ISC */
#ifndef CLI_BLOCKING_WRITE_H
#define CLI_BLOCKING_WRITE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * write(2) to a descriptor that blocks, is shared with others and cannot be opened again: it returns after a moment,
 * with what was written until then, or -1 with EAGAIN.
 */
ssize_t blocking_write(int fd, const char *bytes, size_t size);

#endif
